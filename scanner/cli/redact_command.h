// `keytrail redact`: text with its secrets masked, for logs, for what is pasted, for what a program is told.
#pragma once

#include "scanner/cli/arguments.h"

namespace CLI {
class App;
}

namespace keytrail::cli {

// Adds the command; when it is called it sets `arguments.run`.
void add_redact_command(CLI::App& app, Arguments& arguments);

}  // namespace keytrail::cli
