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

Result<std::unordered_set<std::string>> overdue_in_force(const inventory::Store& store,
                                                         const inventory::TokenFilter& filter, core::Instant at) {
  const inventory::Policy& policy = policy_in_force();
  std::unordered_set<std::string> overdue;
  core::Token token;
  inventory::DueBound bound = inventory::due_bound(policy, at, at);
  bound.expire_until = INT64_MIN;
  const Status read = store.each_due(filter, bound, token, [&] {
    const auto due = inventory::rotate_by(token, policy, inventory::tier_alone(token, policy));
    if (!due || *due < at) overdue.insert(token.id);
  });
  if (!read) return read.error();
  return overdue;
}

}  // namespace keytrail::cli
