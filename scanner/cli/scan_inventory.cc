#include "scanner/cli/scan_inventory.h"

#include <algorithm>

#include "scanner/cli/environment.h"
#include "scanner/inventory/verdicts.h"

namespace keytrail::cli {
namespace {

// A file that the configuration names is relative to it.
std::string chosen(const std::string& option, const std::string& configured, const Config& config) {
  if (!option.empty() || configured.empty()) return option;
  return configured.front() == '/' ? configured : config.folder + "/" + configured;
}

std::string start_of(const Target& target) {
  if (target.standard_input || target.paths.empty()) return current_folder();
  return target.paths.front();
}

}  // namespace

Result<ScanInventory> ScanInventory::open(const ScanArguments& arguments, const Config& config, const Target& target) {
  ScanInventory result;
  if (arguments.no_inventory) return result;
  std::string path = chosen(arguments.inventory, config.inventory, config);
  if (path.empty()) path = find_inventory(start_of(target));
  if (path.empty() && (!arguments.key_file.empty() || !arguments.policy.empty() || !arguments.now.empty())) {
    return make_error(ErrorCode::not_found,
                      "there is no inventory here or above to judge by: make one with "
                      "`keytrail inventory init`, or name one with --inventory FILE");
  }
  if (path.empty()) return result;
  auto time = time_of(arguments.now);
  if (!time) return time.error();
  result.now_ = *time;
  auto policy = load_policy(chosen(arguments.policy, config.policy, config), path);
  if (!policy) return policy.error();
  result.policy_ = std::move(*policy);
  auto probe = InventoryProbe::open(path, arguments.key_file);
  if (!probe) return probe.error();
  result.probe_ = std::move(*probe);
  const auto known = result.probe_->known_values();
  if (!known) return known.error();
  result.known_ = *known;
  result.is_public_ = arguments.is_public || config.is_public;
  result.only_found_ = target.staged || !target.range.empty();
  return result;
}

Status ScanInventory::add_rule(ruleset::RuleSet& rules) const {
  if (known_ == nullptr) return {};
  ruleset::Rule rule;
  rule.id = core::kKnownRule;
  rule.name = "Token of the inventory";
  rule.provider = "Inventory";
  rule.description = "The value of a token of the inventory, recognised by its keyed fingerprint.";
  rule.rotate = "Rotate the token where the inventory says that it lives: keytrail inventory show.";
  rule.category = ruleset::Category::generic;
  rule.kind = ruleset::RuleKind::token;
  rule.severity = core::Severity::high;
  rule.confidence = core::Confidence::high;
  rule.source = "inventory";
  auto own = ruleset::RuleSet::from_rules({std::move(rule)});
  if (!own) return own.error();
  return rules.merge(std::move(*own));
}

Status ScanInventory::judge(core::ScanReport& report) const {
  if (probe_ == nullptr) return {};
  report.inventory = probe_->path();
  // Nothing was found in what changes bring: then no token is read either.
  if (only_found_ && report.findings.empty()) return probe_->status();
  auto tokens = probe_->take_tokens();
  if (!tokens) return tokens.error();
  inventory::judge_report(report, std::move(*tokens), policy_, is_public_, now_);
  if (only_found_) {
    std::erase_if(report.tokens, [&](const core::TokenStatus& status) {
      return std::none_of(report.findings.begin(), report.findings.end(), [&](const core::Finding& finding) {
        return finding.token && finding.token->token == status.token.id;
      });
    });
  }
  for (std::string& note : probe_->notes()) report.notes.push_back(std::move(note));
  return {};
}

}  // namespace keytrail::cli
