// `keytrail scan --explain PLACE`: what became of each candidate of a file, of a member of an archive, of a text of a
// history.
#pragma once

#include "scanner/cli/arguments.h"
#include "scanner/scan/explain.h"

namespace keytrail::cli {

// Prints the answer, as text or JSON, and returns the exit code: 0 when there is an answer, whatever it says.
int run_explain_command(const ScanArguments& arguments);

}  // namespace keytrail::cli
