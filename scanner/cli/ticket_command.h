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

// What `scan --tickets DIR` passes on.
struct ScanTickets {
  std::string directory;
  std::string inventory;  // that the scan used; empty: none
  std::string policy;
  std::string now;
  bool is_public = false;
  bool narrowed = false;  // options left something out
};
// Brings the directory up to date with a JSON report that stands in memory, and the whole inventory. What it did goes
// to standard error.
Status emit_tickets(std::string_view json_report, const ScanTickets& scan);

}  // namespace keytrail::cli
