// The tiers of the built-in policy: high reaches production, can write, is shared, or is under rules; so does what
// nobody said anything of.
#include <array>

#include "scanner/cli/inventory_common.h"

namespace keytrail::cli {

core::Tier tier_in_force(const core::Token& token) {
  if (token.reaches_production.value_or(false) || token.can_write.value_or(false) || token.regulated.value_or(false) ||
      !token.compliance.empty() || token.access.size() > 1 || token.environment == "production") {
    return core::Tier::high;
  }
  if (token.environment == "test" || token.environment == "documentation" || token.environment == "sandbox") {
    return core::Tier::low;
  }
  const bool known = token.environment == "staging" || token.environment == "development" || token.can_write == false;
  return known ? core::Tier::medium : core::Tier::high;
}

bool overdue_in_force(const core::Token& token, core::Instant at) {
  if (token.state == core::TokenState::revoked || token.state == core::TokenState::expired) return false;
  constexpr std::array<std::uint32_t, 3> kDays = {180, 90, 30};  // by core::Tier
  const core::Instant days = token.rotation_days.value_or(kDays[static_cast<std::size_t>(tier_in_force(token))]);
  const auto since = token.last_rotated ? token.last_rotated : token.created;
  return !since || *since + days * 86400 < at;
}

}  // namespace keytrail::cli
