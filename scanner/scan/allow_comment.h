// `keytrail:allow [rule[,rule…]] [-- reason]` and `gitleaks:allow` in a comment on a secret's line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scanner/core/match.h"
#include "scanner/ruleset/ruleset.h"

namespace keytrail::scan {

// How far from a secret its line is looked at: a rule's outcome must follow from bytes near it.
inline constexpr std::size_t kCommentReach = 1024;

struct AllowComment {
  bool allowed = false;
  std::string reason;
  // A word behind `keytrail:allow` that is no rule's id: such a comment allows nothing, because a misspelt rule must
  // not allow every rule. Worth a note.
  std::string unknown_rule;
};

// Looks at the lines on which `secret` begins and ends.
AllowComment find_allow_comment(std::string_view text, const core::Span& secret, const ruleset::RuleSet& rules,
                                core::RuleIndex rule);

}  // namespace keytrail::scan
