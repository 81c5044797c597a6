// `keytrail lsp`: the language server, on standard input and output.
#pragma once

#include "scanner/cli/arguments.h"

namespace CLI {
class App;
}

namespace keytrail::cli {

// Adds the command; when it is called it sets `arguments.run`.
void add_lsp_command(CLI::App& app, Arguments& arguments);

}  // namespace keytrail::cli
