// Rules tested through the whole engine: what `keytrail rules check` runs.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ruleset/example.h"
#include "scanner/ruleset/ruleset.h"

namespace keytrail::engine {

// Examples made from each rule's shape must be found where they are, by the rule alone and among all rules, and its
// negative examples must not. One sentence for each thing that is wrong, with the rule's id and place; no example's
// text.
Result<std::vector<std::string>> check_rules(const ruleset::RuleSet& rules);

// An example of `rule` with one of each companion that it cannot do without.
ruleset::Example complete_example(const ruleset::RuleSet& rules, const ruleset::Rule& rule, std::mt19937_64& random);

}  // namespace keytrail::engine
