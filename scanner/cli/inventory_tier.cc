// Tier and deadline by the policy in force: policy.toml beside the inventory, else the built-in one.
#include "scanner/cli/inventory_access.h"
#include "scanner/cli/inventory_common.h"
#include "scanner/inventory/verdicts.h"

namespace keytrail::cli {
namespace {

// One that cannot be read is none here: the built-in one is stricter than most, and `inventory policy check` tells.
const inventory::Policy& policy_in_force() {
  static const inventory::Policy policy = [] {
    auto loaded = load_policy({}, inventory_path({}));
    return loaded ? std::move(*loaded) : inventory::default_policy();
  }();
  return policy;
}

}  // namespace

core::Tier tier_in_force(const core::Token& token) { return inventory::tier_of(token, policy_in_force()).tier; }

bool overdue_in_force(const core::Token& token, core::Instant at) {
  if (!inventory::is_in_use(token)) return false;
  const auto due = inventory::rotate_by(token, policy_in_force(), tier_in_force(token));
  return !due || *due < at;
}

}  // namespace keytrail::cli
