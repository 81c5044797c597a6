// `keytrail rules test FILE`: what rules find in a file, and what they drop and why.
#pragma once

#include "scanner/cli/arguments.h"

namespace keytrail::cli {

// 0, whatever was found.
int run_rules_test(const RulesArguments& arguments);

}  // namespace keytrail::cli
