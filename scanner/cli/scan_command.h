// `keytrail scan` and `keytrail baseline create`.
#pragma once

#include "scanner/cli/arguments.h"

namespace keytrail::cli {

// Both return the exit code, and say on standard error what went wrong.
int run_scan_command(const ScanArguments& arguments);
int run_baseline_create(const BaselineArguments& arguments);

}  // namespace keytrail::cli
