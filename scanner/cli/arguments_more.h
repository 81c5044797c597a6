// Parts of the command line that have a file of their own. Private to arguments.cc.
#pragma once

#include "scanner/cli/arguments.h"

namespace CLI {
class App;
}

namespace keytrail::cli {

void add_ci_options(CLI::App& scan, ScanArguments& arguments);
void add_hook_commands(CLI::App& app, Arguments& arguments);
void add_setup_commands(CLI::App& app, Arguments& arguments);  // init, doctor

// `completions` and `man` speak of the command line itself: true where one of them was asked for, printed, and its exit
// code is in `exit_code`.
struct ManualArguments {
  std::string shell;
  std::vector<std::string> page;
};
void add_manual_commands(CLI::App& app, ManualArguments& manual);
bool print_manual(const CLI::App& app, const ManualArguments& manual, int& exit_code);

// What `keytrail` alone says.
std::string first_steps();

}  // namespace keytrail::cli
