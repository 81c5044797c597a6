// The rules of a scan, and what files of other scanners add to it.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/cli/arguments.h"
#include "scanner/cli/config.h"
#include "scanner/cli/scan_setup.h"
#include "scanner/ruleset/ruleset.h"
#include "scanner/scan/imported.h"

namespace keytrail::cli {

struct ScanRules {
  ruleset::RuleSet rules;
  scan::ImportedFiles imported;
};

// The compiled-in rules, those of --rules, of the configuration and of a .gitleaks.toml, less those that are switched
// off; allowlists, .gitleaksignore and the baseline when it is another scanner's.
Result<ScanRules> load_scan_rules(const ScanArguments& arguments, const Config& config, const Target& target);

}  // namespace keytrail::cli
