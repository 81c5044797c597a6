// `keytrail scan --ci SYSTEM`: the range that a job's change is, then a scan of it.
#pragma once

#include "scanner/base/result.h"
#include "scanner/cli/arguments.h"
#include "scanner/cli/ci_system.h"

namespace keytrail::cli {

// "A..B", or empty for a job that is for no change: all files are scanned then. Asks git which of the change's ends are
// here. Not_found where a shallow clone, or one of a single branch, lacks them: the message has the command that brings
// them; with `fetch` that is run instead.
Result<std::string> ci_range(const CiChange& change, bool fetch);

int run_ci_scan(const ScanArguments& arguments);

}  // namespace keytrail::cli
