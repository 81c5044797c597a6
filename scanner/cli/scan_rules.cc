#include "scanner/cli/scan_rules.h"

#include <utility>

namespace keytrail::cli {
namespace {

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// Rule files of a configuration are named relative to it.
std::vector<std::string> rule_files(const ScanArguments& arguments, const Config& config) {
  std::vector<std::string> files;
  for (const std::string& file : config.rules) files.push_back(file.front() == '/' ? file : config.folder + "/" + file);
  return joined(std::move(files), arguments.rules);
}

}  // namespace

Result<ScanRules> load_scan_rules(const ScanArguments& arguments, const Config& config, const Target& target) {
  (void)target;
  ScanRules loaded;
  const std::vector<std::string> files = rule_files(arguments, config);
  const std::vector<std::string> only = joined(config.only_rules, arguments.only_rules);
  const std::vector<std::string> skip = joined(config.skip_rules, arguments.skip_rules);
  // Most scans use the compiled-in rules as they are and find nothing: then the texts of the rules are never read.
  auto rules = files.empty() && only.empty() && skip.empty() ? ruleset::RuleSet::builtin_without_texts()
                                                             : load_rules(files, only, skip);
  if (!rules) return rules.error();
  loaded.rules = std::move(*rules);
  return loaded;
}

}  // namespace keytrail::cli
