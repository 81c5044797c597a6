#include "scanner/cli/scan_rules.h"

#include <unistd.h>

#include <utility>

#include "scanner/base/file.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/foreign_baseline.h"
#include "scanner/cli/gitleaks_files.h"

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

// The file of that name that belongs to what is scanned: beside it, or at the root of its work tree.
std::string file_beside(const Target& target, const std::string& name) {
  std::vector<std::string> folders;
  if (!target.paths.empty()) folders.push_back(target.paths.front());
  if (target.standard_input) folders.push_back(current_folder());
  folders.push_back(target.root);
  for (const std::string& folder : folders) {
    std::string file = (folder == "/" ? "" : folder) + "/" + name;
    if (::access(file.c_str(), F_OK) == 0) return file;
  }
  return {};
}

// A configuration of ours goes before one of gitleaks.
std::string gitleaks_config(const ScanArguments& arguments, const Config& config, const Target& target) {
  if (arguments.no_config) return {};
  if (is_gitleaks_name(arguments.config)) return arguments.config;
  return config.file.empty() ? file_beside(target, ".gitleaks.toml") : std::string();
}

// Named as users know it: relative to the current folder where it is below.
std::string shown(const std::string& file) {
  const std::string folder = current_folder() + "/";
  return file.starts_with(folder) ? file.substr(folder.size()) : file;
}

Status add_accepted(const ScanArguments& arguments, const Config& config, const Target& target, ScanRules& loaded) {
  constexpr std::size_t kMaxIgnoreBytes = std::size_t{4} << 20;
  const std::string ignore = arguments.no_config ? std::string() : file_beside(target, ".gitleaksignore");
  if (!ignore.empty()) {
    const auto text = read_file(ignore, kMaxIgnoreBytes);
    if (!text) return text.error();
    add_gitleaksignore(*text, shown(ignore), loaded.rules, loaded.imported);
  }
  const std::string baseline = baseline_file(arguments, config);
  if (baseline.empty()) return {};
  const auto text = read_file(baseline, kMaxBaselineBytes);
  if (!text) return text.error();
  if (!is_foreign_baseline(*text)) return {};
  auto entries = parse_foreign_baseline(*text, baseline, loaded.rules);
  if (!entries) return entries.error();
  loaded.imported.entries.insert(loaded.imported.entries.end(), entries->begin(), entries->end());
  return {};
}

}  // namespace

Result<ScanRules> load_scan_rules(const ScanArguments& arguments, const Config& config, const Target& target) {
  ScanRules loaded;
  const std::vector<std::string> files = rule_files(arguments, config);
  const std::vector<std::string> only = joined(config.only_rules, arguments.only_rules);
  const std::vector<std::string> skip = joined(config.skip_rules, arguments.skip_rules);
  // Most scans use the compiled-in rules as they are and find nothing: then the texts of the rules are never read.
  auto rules = files.empty() && only.empty() && skip.empty() ? ruleset::RuleSet::builtin_without_texts()
                                                             : load_rules(files, {}, {});
  if (!rules) return rules.error();
  loaded.rules = std::move(*rules);
  if (const std::string file = gitleaks_config(arguments, config, target); !file.empty()) {
    const auto theirs = load_gitleaks_config(shown(file));
    if (!theirs) return theirs.error();
    if (Status applied = apply_gitleaks_config(*theirs, shown(file), loaded.rules, loaded.imported); !applied) {
      return applied.error();
    }
  }
  if (!only.empty() || !skip.empty()) {
    if (Status selected = loaded.rules.select(only, skip); !selected) return selected.error();
  }
  if (Status added = add_accepted(arguments, config, target, loaded); !added) return added.error();
  return loaded;
}

}  // namespace keytrail::cli
