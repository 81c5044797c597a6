#include "scanner/ruleset/rules_writer.h"

#include <algorithm>
#include <cstdio>

namespace keytrail::ruleset {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

std::string list_of(const std::vector<std::string>& texts) {
  std::string line = "[";
  for (const std::string& text : texts) line += (line.size() > 1 ? ", " : "") + toml_text(text);
  return line + "]";
}

std::string companions_of(const Rule& rule) {
  std::string line;
  for (const Companion& companion : rule.companions) {
    line += (line.empty() ? "[{ rule = " : ", { rule = ") + toml_text(companion.rule) +
            ", within = " + std::to_string(companion.within) + (companion.required ? " }" : ", required = false }");
  }
  return line + "]";
}

class Writer {
 public:
  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) line(key, toml_text(value));
  }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    if (!values.empty()) line(key, list_of(values));
  }
  void line(std::string_view key, std::string_view value) {
    out += key;
    out += " = ";
    out += value;
    out += '\n';
  }

  std::string out;
};

}  // namespace

std::string toml_text(std::string_view text) {
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) || c == '\''; });
  if (plain) return "'" + std::string(text) + "'";
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (is_control(c)) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04X", static_cast<unsigned>(static_cast<unsigned char>(c)));
      quoted += escape;
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string write_rule(const RuleDraft& draft, const std::vector<std::string>& comments) {
  const Rule& rule = draft.rule;
  Writer writer;
  for (const std::string& comment : comments) {
    std::string line = comment;
    std::replace_if(line.begin(), line.end(), is_control, ' ');
    writer.out += "# " + line + "\n";
  }
  writer.out += "[[rule]]\n";
  writer.text("id", rule.id);
  writer.text("name", rule.name);
  writer.text("provider", rule.provider);
  writer.text("description", rule.description);
  if (rule.kind != RuleKind::token) writer.text("kind", to_string(rule.kind));
  writer.text("severity", core::to_string(rule.severity));
  writer.text("confidence", core::to_string(rule.confidence));
  writer.text("pattern", rule.pattern);
  if (draft.secret_group) writer.line("secret_group", std::to_string(*draft.secret_group));
  writer.text("run", draft.run);
  if (draft.anchors) writer.texts("anchors", *draft.anchors);
  if (draft.anchors_caseless) writer.line("anchors_caseless", "true");
  writer.texts("anchor_patterns", draft.anchor_patterns);
  writer.texts("context", rule.context);
  if (!rule.context.empty()) writer.line("context_distance", std::to_string(rule.context_distance));
  if (rule.min_entropy > 0) {
    char number[16];
    std::snprintf(number, sizeof number, "%.2f", rule.min_entropy);
    writer.line("entropy", number);
  }
  if (!rule.companions.empty()) writer.line("companions", companions_of(rule));
  writer.texts("paths", rule.include_paths);
  writer.texts("exclude_paths", rule.exclude_paths);
  writer.texts("allow", rule.allow);
  if (!draft.wants_borders) writer.text("border", "none");
  writer.text("rotate", rule.rotate);
  writer.texts("negative", rule.negative_examples);
  return std::move(writer.out);
}

}  // namespace keytrail::ruleset
