// What people do to one token: rotate it, revoke it, remove it, approve. Each is one transaction with its audit line.
//
// Dual control: rotating or revoking a token of the high tier wants an approver, who is neither who asked for it nor
// who does it. An emergency revocation goes at once and leaves an approval due. Names are compared without regard to
// case.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "scanner/base/result.h"
#include "scanner/base/secret_string.h"
#include "scanner/inventory/fingerprint.h"
#include "scanner/inventory/store.h"

namespace keytrail::inventory {

using TierOf = std::function<core::Tier(const core::Token&)>;

// Who acts and why.
struct Actor {
  std::string operator_name;
  std::string requester;  // empty: the operator
  std::string approver;
  std::string reason;
};

struct RotateOptions {
  std::optional<SecretString> value;             // none: only that it was rotated is known
  const Fingerprinter* fingerprinter = nullptr;  // with a value
  std::optional<core::Instant> at;               // none: now
  std::optional<core::Instant> expires;          // of the new value
};

// What else must be said after a change; empty: nothing.
Result<std::string> rotate_token(Store& store, std::string_view id, const Actor& actor, const TierOf& tier_of,
                                 RotateOptions options, core::Instant now);
Result<std::string> revoke_token(Store& store, std::string_view id, const Actor& actor, const TierOf& tier_of,
                                 bool emergency, core::Instant now);
// A token that is in use is removed only by force: revoking is what ends one.
Status remove_token(Store& store, std::string_view id, const Actor& actor, bool force);
// Settles the approvals that are due for this token.
Status approve_token(Store& store, std::string_view id, const Actor& actor);

// Whether this actor may do this to a token of this tier.
Status check_dual_control(core::Tier tier, const Actor& actor, std::string_view action);

}  // namespace keytrail::inventory
