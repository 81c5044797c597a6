// `keytrail rules import`: a gitleaks configuration as a rule file of ours.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/cli/arguments.h"
#include "scanner/ruleset/gitleaks_toml.h"

namespace keytrail::cli {

struct WrittenRules {
  std::string toml;
  std::size_t taken = 0;             // rules that were written
  std::vector<std::string> dropped;  // what our rules cannot say, with place, rule and reason
  std::vector<std::string> adapted;  // what they say in another way
};

WrittenRules write_gitleaks_rules(const ruleset::GitleaksConfig& config, const std::string& file);

// 0 when everything was written; 1 when something could not be, which standard error names.
int run_rules_import(const RulesArguments& arguments);

}  // namespace keytrail::cli
