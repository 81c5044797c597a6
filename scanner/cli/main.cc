#include <exception>
#include <iostream>

#include "scanner/cli/arguments.h"
#include "scanner/cli/ci_command.h"
#include "scanner/cli/doctor_command.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/explain_command.h"
#include "scanner/cli/hook_command.h"
#include "scanner/cli/import_command.h"
#include "scanner/cli/init_command.h"
#include "scanner/cli/rule_test_command.h"
#include "scanner/cli/rules_command.h"
#include "scanner/cli/scan_command.h"

namespace keytrail::cli {
namespace {

int run(const Arguments& arguments) {
  if (arguments.run) return arguments.run();
  switch (arguments.command) {
    case Command::scan:
      if (!arguments.scan.explain.empty()) return run_explain_command(arguments.scan);
      return arguments.scan.ci.empty() ? run_scan_command(arguments.scan) : run_ci_scan(arguments.scan);
    case Command::baseline_create:
      return run_baseline_create(arguments.baseline);
    case Command::rules_list:
      return run_rules_list(arguments.rules);
    case Command::rules_show:
      return run_rules_show(arguments.rules);
    case Command::rules_check:
      return run_rules_check(arguments.rules);
    case Command::rules_test:
      return run_rules_test(arguments.rules);
    case Command::rules_import:
      return run_rules_import(arguments.rules);
    case Command::hook_install:
      return run_hook_install(arguments.hook);
    case Command::hook_uninstall:
      return run_hook_uninstall(arguments.hook);
    case Command::hook_run:
      return run_hook(arguments.hook);
    case Command::doctor:
      return run_doctor();
    case Command::init:
      return run_init(arguments.init);
    case Command::none:
      break;
  }
  return kUsage;
}

}  // namespace
}  // namespace keytrail::cli

int main(int argc, char** argv) {
  using namespace keytrail::cli;
  std::ios::sync_with_stdio(false);
  forbid_core_files();
  try {
    int exit_code = kClean;
    const auto arguments = parse_arguments(argc, argv, exit_code);
    return arguments ? run(*arguments) : exit_code;
  } catch (const std::exception& error) {
    // Out of memory, or a defect. The text of an exception holds no scanned bytes.
    std::cerr << "keytrail: internal error: " << error.what() << "\n";
    return kInternal;
  }
}
