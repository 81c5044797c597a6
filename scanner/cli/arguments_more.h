// Parts of the command line that have a file of their own. Private to arguments.cc.
#pragma once

#include "scanner/cli/arguments.h"

namespace CLI {
class App;
}

namespace keytrail::cli {

void add_ci_options(CLI::App& scan, ScanArguments& arguments);
void add_hook_commands(CLI::App& app, Arguments& arguments);

}  // namespace keytrail::cli
