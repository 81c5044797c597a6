// Rules that find the same things, for `keytrail rules check`.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ruleset/ruleset.h"

namespace keytrail::engine {

struct RuleOverlap {
  std::string rule;  // of which every made example is found by `other` as well
  std::string other;
  bool mutual = false;  // and the other way round; then `rule` comes first by id, and the pair is named once
  std::string winner;   // the one of the two that has them in a report
};

// By id. A surer rule beside one of a less sure kind, or of less confidence, is how rules are meant to be, and is left
// out; a rule that loses all of its own examples to another is not.
Result<std::vector<RuleOverlap>> find_rule_overlaps(const ruleset::RuleSet& rules);

}  // namespace keytrail::engine
