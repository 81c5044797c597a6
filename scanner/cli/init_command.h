// `keytrail init`: a repository gets a configuration, a baseline of what is there today, and the pre-commit hook.
#pragma once

#include "scanner/cli/arguments.h"

namespace keytrail::cli {

// Shows what it found and what it would write, asks on a terminal (`yes`: does not), and never overwrites. kUsage where
// it may neither ask nor write.
int run_init(const InitArguments& arguments);

}  // namespace keytrail::cli
