#include "scanner/report/sarif_rules.h"

#include <algorithm>

#include "scanner/base/text.h"
#include "scanner/report/severity_names.h"
#include "scanner/report/unicode.h"
#include "scanner/report/uri.h"

namespace keytrail::report {
namespace {

// "GitHub personal access token" -> "GitHubPersonalAccessToken"
std::string pascal_case(std::string_view text) {
  std::string out;
  bool word_start = true;
  for (const char c : text) {
    if (!is_letter(c) && !is_digit(c)) {
      word_start = true;
      continue;
    }
    const bool lower = c >= 'a' && c <= 'z';
    out.push_back(word_start && lower ? static_cast<char>(c - 'a' + 'A') : c);
    word_start = false;
  }
  return out.empty() || is_digit(out.front()) ? "Secret" + out : out;
}

// The name that people see; SARIF wants it to differ from the id, whatever the case of letters.
std::string pascal_name(std::string_view title, std::string_view id) {
  const auto same_letter = [](char a, char b) {
    return (is_letter(a) ? a | 0x20 : a) == (is_letter(b) ? b | 0x20 : b);
  };
  const std::string name = pascal_case(title);
  return std::equal(name.begin(), name.end(), id.begin(), id.end(), same_letter) ? name + "Secret" : name;
}

// Markdown that shows `text` as it is: a rule file may come from anywhere.
std::string markdown_text(std::string_view text) {
  std::string out;
  for (const char c : visible(text)) {
    if (std::string_view("\\`*_[]<>#|{}").find(c) != std::string_view::npos) out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string sentence(std::string text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.pop_back();
  if (!text.empty() && text.back() != '.') text.push_back('.');
  return text;
}

constexpr std::string_view kRotateFirst =
    "Rotate or revoke it first: it stays readable in every copy of the history, so deleting the text does not close "
    "the leak.";

void write_text_member(std::string_view name, std::string_view text, JsonWriter& json) {
  json.begin_object(name);
  json.member("text", text);
  json.end_object();
}

}  // namespace

std::string sarif_text(std::string_view text) {
  std::string out;
  for (const char c : visible(text)) {
    if (c == '{' || c == '}') out.push_back(c);
    if (c == '[' || c == ']') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string sarif_sentence(std::string_view text) { return sentence(sarif_text(text)); }

std::string sarif_advice(const ruleset::Rule* rule) {
  std::string text(kRotateFirst);
  if (rule == nullptr || rule->rotate.empty()) return text;
  if (is_web_url(rule->rotate)) return text + " See " + sarif_text(rule->rotate) + " to do so.";
  return text + " " + sarif_sentence(rule->rotate);
}

SarifRules::SarifRules(const Job& job) : rules_(job.rules) {
  for (const core::Finding& finding : job.report.findings) {
    const auto at = std::lower_bound(used_.begin(), used_.end(), finding.rule,
                                     [](const Used& used, const std::string& id) { return used.id < id; });
    if (at == used_.end() || at->id != finding.rule) used_.insert(at, Used{finding.rule, finding.severity});
  }
}

std::uint64_t SarifRules::index_of(std::string_view id) const {
  const auto at = std::lower_bound(used_.begin(), used_.end(), id,
                                   [](const Used& used, std::string_view wanted) { return used.id < wanted; });
  return static_cast<std::uint64_t>(at - used_.begin());
}

void SarifRules::write(JsonWriter& json) const {
  json.begin_array("rules");
  for (const Used& used : used_) write_rule(used, json);
  json.end_array();
}

void SarifRules::write_rule(const Used& used, JsonWriter& json) const {
  const ruleset::Rule* rule = rules_.find(used.id);
  const core::Severity severity = rule != nullptr ? rule->severity : used.severity;
  const std::string title = rule_name(rules_, used.id);
  const std::string description =
      rule != nullptr && !rule->description.empty() ? rule->description : "A secret of this kind stands in the text";
  json.begin_object();
  json.member("id", used.id);
  json.member("name", pascal_name(title, used.id));
  write_text_member("shortDescription", sarif_sentence(title), json);
  write_text_member("fullDescription", sarif_sentence(description), json);
  json.begin_object("help");
  json.member("text", sarif_sentence(description) + " " + sarif_advice(rule));
  std::string markdown = sentence(markdown_text(description)) + "\n\n**" + std::string(kRotateFirst) + "**";
  if (rule != nullptr && !rule->rotate.empty()) {
    const bool link = is_web_url(rule->rotate);
    markdown += "\n\nWhere to rotate it: " + (link ? "<" + rule->rotate + ">" : sentence(markdown_text(rule->rotate)));
  }
  markdown += "\n\nIf it is no secret, put `keytrail:allow " + used.id +
              "` into a comment on its line, or accept it with `keytrail baseline create`.";
  json.member("markdown", markdown);
  json.end_object();
  if (rule != nullptr && is_web_url(rule->rotate)) json.member("helpUri", rule->rotate);
  json.begin_object("defaultConfiguration");
  json.member("level", names_of(severity).sarif_level);
  json.end_object();
  json.begin_object("properties");
  json.begin_array("tags");
  json.value("security");
  json.value("secret");
  if (rule != nullptr && !rule->provider.empty()) json.value(rule->provider);
  json.end_array();
  json.member("precision", core::to_string(rule != nullptr ? rule->confidence : core::Confidence::medium));
  json.member("security-severity", names_of(severity).security_severity);
  json.end_object();
  json.end_object();
}

}  // namespace keytrail::report
