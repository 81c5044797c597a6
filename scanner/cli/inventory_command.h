// `keytrail inventory …` and `keytrail audit …`.
#pragma once

#include "scanner/cli/arguments.h"

namespace CLI {
class App;
}

namespace keytrail::cli {

// Each adds its commands and has `arguments.run` do what was asked for. The first makes the command `inventory`, to
// which the others, and other files, add theirs.
void add_inventory_commands(CLI::App& app, Arguments& arguments);
void add_inventory_change_commands(CLI::App& inventory, Arguments& arguments);
void add_inventory_list_commands(CLI::App& inventory, Arguments& arguments);
void add_inventory_import_commands(CLI::App& inventory, Arguments& arguments);
void add_inventory_report_commands(CLI::App& inventory, Arguments& arguments);
void add_audit_commands(CLI::App& app, Arguments& arguments);

}  // namespace keytrail::cli
