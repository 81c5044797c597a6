// Reads a rule file: an array of tables [[rule]], whose keys docs/rules.md explains. Every key is checked, and what
// follows from a rule's pattern is computed here: widths, anchors, borders, public prefix. toml++ stays in the .cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ruleset/rule.h"

namespace keytrail::ruleset {

// The rules of one file in its order. An error's subject is "file:line". Companions and duplicates are not looked up.
Result<std::vector<Rule>> parse_rules(std::string_view toml, const std::string& file_name);

}  // namespace keytrail::ruleset
