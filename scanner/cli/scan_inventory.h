// A scan with an inventory: recognises secrets while it runs, and judges what was found.
#pragma once

#include <memory>
#include <string>

#include "scanner/base/result.h"
#include "scanner/cli/arguments.h"
#include "scanner/cli/config.h"
#include "scanner/cli/inventory_access.h"
#include "scanner/cli/scan_setup.h"
#include "scanner/core/finding.h"
#include "scanner/ruleset/ruleset.h"

namespace keytrail::cli {

class ScanInventory {
 public:
  // Of the options, else of the configuration, else the first from the scanned path upwards; with --no-inventory, and
  // where there is none, it does nothing.
  static Result<ScanInventory> open(const ScanArguments& arguments, const Config& config, const Target& target);

  // Null where there is no inventory. Lives as long as this.
  const core::TokenProbe* probe() const { return probe_.get(); }
  // What is looked for in any text; null where there is nothing. Lives as long as this.
  const core::KnownValues* known() const { return known_; }
  // The rule of what is found so, where there is something to look for.
  Status add_rule(ruleset::RuleSet& rules) const;

  // Token, verdict and severity of findings, and the tokens that have verdicts. A scan of what changes bring tells of
  // the tokens that it found alone: a hook is no audit.
  Status judge(core::ScanReport& report) const;

 private:
  // That there was a scan, and which exceptions of the policy are new, by identifiers and numbers alone.
  Status write_audit_lines(const core::ScanReport& report) const;

  std::unique_ptr<InventoryProbe> probe_;
  const core::KnownValues* known_ = nullptr;
  inventory::Policy policy_;
  core::Instant now_ = 0;
  bool is_public_ = false;
  bool only_found_ = false;
};

}  // namespace keytrail::cli
