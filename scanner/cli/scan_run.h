// One scan, from arguments to a finished report, for the commands that do more with it than print it.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/cli/arguments.h"
#include "scanner/cli/config.h"
#include "scanner/cli/scan_setup.h"
#include "scanner/core/finding.h"
#include "scanner/engine/rule_cost.h"
#include "scanner/ruleset/ruleset.h"

namespace keytrail::cli {

// What one run found, and what is needed to say so. To take it apart costs a good part of a small scan's time: keep it
// until the process ends.
struct Outcome {
  ruleset::RuleSet rules;
  Config config;
  Target target;
  core::ScanReport report;
  std::vector<engine::RuleCost> rule_costs;  // with --stats
};

Result<Outcome> perform(const ScanArguments& arguments);

// `fail_on`: the lowest severity that counts, "never", or empty for the lowest there is.
int exit_code_of(const core::ScanReport& report, const std::string& fail_on);

}  // namespace keytrail::cli
