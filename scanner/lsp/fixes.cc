#include "scanner/lsp/fixes.h"

#include <algorithm>
#include <array>

#include "scanner/base/text.h"

namespace keytrail::lsp {
namespace {

constexpr std::string_view kReason = "TODO: why this is no leak";
constexpr std::size_t kLongestName = 64;

bool is_lower(char c) { return is_letter(c) && !is_upper(c); }
bool is_word(char c) { return is_alnum(c) || c == '_'; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

void strip(std::string_view& text, std::string_view signs) { text = text.substr(0, text.find_last_not_of(signs) + 1); }

std::string_view take_name(std::string_view& text) {
  std::size_t begin = text.size();
  while (begin > 0 && (is_word(text[begin - 1]) || text[begin - 1] == '-')) --begin;
  const std::string_view name = text.substr(begin);
  text = text.substr(0, begin);
  return name;
}

bool is_type(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kTypes = {"string", "String", "str", "Text", "text", "any"};
  return std::find(kTypes.begin(), kTypes.end(), name) != kTypes.end();
}

// The name to which `before` assigns: the last word before the sign, or that before its type.
std::string_view assigned_name(std::string_view before) {
  strip(before, " \t");
  const std::string_view whole = before;
  strip(before, "=:>?+");
  if (before.size() == whole.size()) return {};
  const bool assigns = whole.substr(before.size()).find('=') != std::string_view::npos;
  strip(before, " \t\"'`])");
  std::string_view name = take_name(before);
  strip(before, " \t&");
  // token: string =   var token string =   let token: &'static str =
  const bool behind_colon = assigns && before.ends_with(':') && !before.ends_with("::");
  if (is_type(name) || behind_colon) {
    const std::size_t colon = before.rfind(':');
    if (colon != std::string_view::npos) before = before.substr(0, colon);
    strip(before, " \t");
    if (const std::string_view other = take_name(before); !other.empty()) name = other;
  }
  return name;
}

std::string upper_snake(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!is_word(c) || c == '_') {
      if (!out.empty() && out.back() != '_') out += '_';
      continue;
    }
    const bool behind_lower = i > 0 && (is_lower(name[i - 1]) || is_digit(name[i - 1]));
    const bool ends_acronym = i > 0 && is_upper(name[i - 1]) && i + 1 < name.size() && is_lower(name[i + 1]);
    if (is_upper(c) && (behind_lower || ends_acronym) && !out.empty() && out.back() != '_') out += '_';
    out += is_lower(c) ? static_cast<char>(c - 32) : c;
  }
  while (out.ends_with('_')) out.pop_back();
  return out;
}

std::string with_name(std::string_view form, const std::string& name) {
  std::string out(form);
  for (std::size_t at = out.find("NAME"); at != std::string::npos; at = out.find("NAME", at + name.size())) {
    out.replace(at, 4, name);
  }
  return out;
}

// The secret with its quotes, when it is all that stands between them.
std::optional<core::Span> literal_of(std::string_view text, core::Span secret) {
  if (secret.begin == 0 || secret.end >= text.size()) return std::nullopt;
  const char quote = text[secret.begin - 1];
  if (!is_quote(quote) || text[secret.end] != quote) return std::nullopt;
  // A quote behind a backslash is no end of a literal; three of them begin one of several lines.
  if (secret.begin > 1 && (text[secret.begin - 2] == quote || text[secret.begin - 2] == '\\')) return std::nullopt;
  return core::Span{secret.begin - 1, secret.end + 1};
}

std::optional<Fix> replacement(core::Span span, const std::string& text) {
  return Fix{"Take it from the environment: " + text, span, text};
}

std::optional<Fix> in_code(std::string_view text, const Issue& issue, const Language& language,
                           const std::string& name) {
  auto literal = literal_of(text, issue.secret);
  if (!literal) return std::nullopt;
  while (literal->begin > 0 && language.prefixes.find(text[literal->begin - 1]) != std::string_view::npos) {
    --literal->begin;
  }
  if (literal->begin > 0 && is_word(text[literal->begin - 1])) return std::nullopt;  // b"…"
  return replacement(*literal, with_name(language.form, name));
}

std::optional<Fix> in_shell(std::string_view text, const Issue& issue, std::string_view before,
                            const std::string& name) {
  if (const auto literal = literal_of(text, issue.secret)) return replacement(*literal, "\"$" + name + "\"");
  if (std::count(before.begin(), before.end(), '\'') % 2 == 1) return std::nullopt;
  if (std::count(before.begin(), before.end(), '"') % 2 == 1) return replacement(issue.secret, "${" + name + "}");
  const auto ends = [](char c) { return std::string_view(" \t\r\n;&|)").find(c) != std::string_view::npos; };
  const bool whole = issue.secret.end >= text.size() || ends(text[issue.secret.end]);
  const bool begins = before.empty() || std::string_view(" \t=(:").find(before.back()) != std::string_view::npos;
  return replacement(issue.secret, whole && begins ? "\"$" + name + "\"" : "${" + name + "}");
}

}  // namespace

std::string variable_name(std::string_view before, std::string_view rule) {
  std::string name = upper_snake(assigned_name(before).substr(0, kLongestName));
  if (name.size() < 2 || is_digit(name.front())) name = upper_snake(rule.substr(0, kLongestName));
  return name.empty() ? "SECRET" : name;
}

std::optional<Fix> allow_fix(const Document& document, const Issue& issue, const Language& language) {
  if (language.comment_begin.empty()) return std::nullopt;
  const std::size_t end = document.line_at(issue.secret.end).end;
  // A line that a backslash continues has no room behind it.
  if (end < issue.secret.end || (end > 0 && document.text()[end - 1] == '\\')) return std::nullopt;
  std::string text = (end > 0 && document.text()[end - 1] == ' ' ? "" : " ") + std::string(language.comment_begin) +
                     " keytrail:allow " + issue.rule;
  if (language.takes_reason) text += " -- " + std::string(kReason);
  if (!language.comment_end.empty()) text += " " + std::string(language.comment_end);
  return Fix{"Allow " + issue.rule + " on this line" + (language.takes_reason ? " (write down why)" : ""),
             {end, end},
             std::move(text)};
}

std::optional<Fix> environment_fix(const Document& document, const Issue& issue, const Language& language) {
  const std::string_view text = document.text();
  const core::Span line = document.line_at(issue.secret.begin);
  if (language.environment == Environment::none || issue.secret.end > line.end) return std::nullopt;
  const std::string_view before = text.substr(line.begin, issue.secret.begin - line.begin);
  std::string_view key = before;
  strip(key, "\"'`rRuU@$");
  const std::string name = variable_name(
      before.ends_with('"') || before.ends_with('\'') || before.ends_with('`') ? key : before, issue.rule);
  switch (language.environment) {
    case Environment::expression:
      return in_code(text, issue, language, name);
    case Environment::shell:
      return in_shell(text, issue, before, name);
    case Environment::inside:
      return replacement(issue.secret, with_name(language.form, name));
    case Environment::none:
      break;
  }
  return std::nullopt;
}

std::string allow_entry(const Issue& issue, std::string_view config) {
  std::string text = config.empty() || config.ends_with("\n\n") ? "" : config.ends_with('\n') ? "\n" : "\n\n";
  text += "[[allow]]\nrules = [\"" + issue.rule + "\"]\nfingerprints = [\"" + issue.fingerprint + "\"]\nreason = \"" +
          std::string(kReason) + "\"\n";
  return text;
}

}  // namespace keytrail::lsp
