#include "scanner/cli/scan_inventory.h"

#include <algorithm>

#include "scanner/base/dates.h"
#include "scanner/base/hash.h"
#include "scanner/base/text.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/inventory_common.h"
#include "scanner/inventory/verdicts.h"

namespace keytrail::cli {
namespace {

// A file that the configuration names is relative to it.
std::string chosen(const std::string& option, const std::string& configured, const Config& config) {
  if (!option.empty() || configured.empty()) return option;
  return configured.front() == '/' ? configured : config.folder + "/" + configured;
}

// An exception that somebody approved, once for each text of it.
Status record_exception(inventory::Store& store, const inventory::PolicyException& exception,
                        const std::string& operator_name) {
  inventory::AuditEvent event;
  event.kind = "exception";
  event.operator_name = operator_name;
  event.approver = exception.approver;
  event.reason = exception.reason;
  std::vector<std::string> kinds;
  for (const core::VerdictKind kind : exception.verdicts) kinds.emplace_back(core::to_string(kind));
  event.details = {{"tokens", joined(exception.tokens, ", ")},
                   {"verdicts", joined(kinds, ", ")},
                   {"until", utc_day(exception.until)}};
  std::string text = event.approver + '\0' + event.reason;
  for (const auto& [name, detail] : event.details) text += '\0' + detail;
  const Sha256Digest digest = sha256(text);
  const auto fresh = store.note_once("exception:" + to_hex(digest.data(), digest.size()));
  if (!fresh) return fresh.error();
  return *fresh ? store.record(event) : Status();
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
  // A hook that finds no token changes nothing that anybody would look for.
  const bool told = std::any_of(report.findings.begin(), report.findings.end(), [](const auto& f) { return f.token; });
  if (only_found_ && !told) return {};
  // A gate may not be able to write, and still has to tell what it found.
  if (Status written = write_audit_lines(report); !written) {
    report.notes.push_back("inventory: this scan is not in the audit log: " + written.error().message);
  }
  return {};
}

Status ScanInventory::write_audit_lines(const core::ScanReport& report) const {
  auto store = inventory::Store::open(probe_->path(), inventory::Store::Access::write);
  if (!store) return store.error();
  inventory::AuditEvent event;
  event.kind = "scan";
  event.operator_name = operator_or_user({});
  std::uint64_t known = 0;
  std::uint64_t open = 0;
  for (const core::Finding& finding : report.findings) {
    known += finding.token ? 1U : 0U;
    open += finding.token && finding.verdict && finding.verdict->open ? 1U : 0U;
  }
  event.details = {{"findings", std::to_string(report.findings.size())},
                   {"of_tokens", std::to_string(known)},
                   {"open", std::to_string(open)},
                   {"tokens_with_verdicts", std::to_string(report.tokens.size())}};
  if (!report.revision.empty()) event.details["revision"] = report.revision;
  auto transaction = store->begin();
  if (!transaction) return transaction.error();
  Status done = store->record(event);
  for (const inventory::PolicyException& exception : policy_.exceptions) {
    if (done) done = record_exception(*store, exception, event.operator_name);
  }
  return done ? transaction->commit() : done;
}

}  // namespace keytrail::cli
