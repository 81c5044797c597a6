// `keytrail tickets …` and `keytrail runbook`.
#pragma once

#include <string>
#include <string_view>

#include "scanner/base/result.h"
#include "scanner/cli/arguments.h"

namespace CLI {
class App;
}

namespace keytrail::cli {

// Adds the commands; the one that is called sets `arguments.run`.
void add_ticket_commands(CLI::App& app, Arguments& arguments);

// Brings a directory of tickets up to date with a JSON report that stands in memory, for `scan --tickets DIR`. What it
// did goes to standard error.
Status emit_tickets(std::string_view json_report, const std::string& directory);

}  // namespace keytrail::cli
