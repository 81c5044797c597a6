// `keytrail hook install`, `uninstall` and `run`.
#pragma once

#include "scanner/cli/arguments.h"

namespace keytrail::cli {

int run_hook_install(const HookArguments& arguments);
int run_hook_uninstall(const HookArguments& arguments);
// As git calls it: the current folder, the environment, standard input and the arguments are those of githooks(5).
// Anything but 0 stops what git is about to do.
int run_hook(const HookArguments& arguments);

}  // namespace keytrail::cli
