// `keytrail rules list`, `show` and `check`.
#pragma once

#include "scanner/cli/arguments.h"

namespace keytrail::cli {

int run_rules_list(const RulesArguments& arguments);
int run_rules_show(const RulesArguments& arguments);
int run_rules_check(const RulesArguments& arguments);

}  // namespace keytrail::cli
