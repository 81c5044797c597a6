#include "scanner/scan/allow_comment.h"

#include <algorithm>

namespace keytrail::scan {
namespace {

constexpr std::string_view kOurs = "keytrail:allow";
constexpr std::string_view kGitleaks = "gitleaks:allow";

bool is_id_byte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// What stands behind the words: ids, separated by commas or spaces, then "--" and a reason, or the end of the comment.
AllowComment parse_ours(std::string_view behind, const ruleset::RuleSet& rules, core::RuleIndex rule) {
  AllowComment comment;
  bool named_any = false;
  bool named_this = false;
  while (true) {
    behind = trim(behind);
    if (!behind.empty() && behind.front() == ',') {
      behind.remove_prefix(1);
      continue;
    }
    const auto* stop = std::find_if_not(behind.begin(), behind.end(), is_id_byte);
    const std::string_view word = behind.substr(0, static_cast<std::size_t>(stop - behind.begin()));
    if (word.empty() || word.front() == '-') break;
    const auto index = rules.index_of(word);
    if (!index) {
      comment.unknown_rule = std::string(word);
      return comment;
    }
    named_any = true;
    named_this = named_this || *index == rule;
    behind.remove_prefix(word.size());
  }
  comment.allowed = !named_any || named_this;
  if (behind.starts_with("--") && !behind.starts_with("-->")) {
    std::string_view reason = trim(behind.substr(2));
    for (const std::string_view end : {"-->", "*/"}) reason = trim(reason.substr(0, reason.find(end)));
    comment.reason = std::string(reason);
  }
  return comment;
}

}  // namespace

AllowComment find_allow_comment(std::string_view text, const core::Span& secret, const ruleset::RuleSet& rules,
                                core::RuleIndex rule) {
  const std::size_t from = secret.begin > kCommentReach ? secret.begin - kCommentReach : 0;
  std::string_view before = text.substr(from, secret.begin - from);
  before = before.substr(before.rfind('\n') + 1);
  std::string_view behind = text.substr(secret.end, kCommentReach);
  behind = behind.substr(0, behind.find('\n'));
  for (const std::string_view side : {behind, before}) {
    if (const std::size_t at = side.find(kOurs); at != std::string_view::npos) {
      return parse_ours(side.substr(at + kOurs.size()), rules, rule);
    }
    if (side.find(kGitleaks) != std::string_view::npos) return {true, std::string(kGitleaks), {}};
  }
  return {};
}

}  // namespace keytrail::scan
