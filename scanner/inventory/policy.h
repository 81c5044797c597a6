// The policy: how risky a token is, how often it must be rotated, what is urgent, and who agreed to an exception.
//
// A TOML file; the built-in one (default_policy.toml) is what holds where there is none. A file that leaves a table out
// has the built-in one's. Immutable after parsing; any thread. Instants are seconds since 1970 in UTC, and all
// arithmetic is on them: a day has 86400 seconds, so that neither a leap day nor daylight saving moves a deadline.
// Errors: invalid_argument with file, line and remedy.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/token.h"

namespace keytrail::inventory {

inline constexpr core::Instant kDaySeconds = 86400;

// All that is given must hold; what the inventory does not know of a token holds for no rule.
struct TierRule {
  std::string name;  // why, as reports say it: "can write"
  std::optional<bool> reaches_production;
  std::optional<bool> regulated;  // reaches regulated data, or is under compliance rules
  std::optional<bool> can_write;
  std::optional<bool> shared;
  std::optional<bool> privileged;
  std::vector<std::string> environments;      // one of these
  std::vector<std::string> not_environments;  // none of these
  std::vector<std::string> providers;         // patterns: * stands for anything
  std::vector<std::string> services;
  std::vector<std::string> scopes;  // one of the token's scopes is one of these
};

struct TierPolicy {
  std::uint32_t rotate_days = 30;
  std::uint32_t max_lifetime_days = 365;  // of a value, whatever the token's own period says
  std::vector<TierRule> rules;
};

// A verdict that somebody answers for until a day.
struct PolicyException {
  std::vector<std::string> tokens;  // patterns of ids
  std::vector<core::VerdictKind> verdicts;
  std::string approver;
  std::string reason;
  core::Instant until = 0;  // the last second of its last day
  std::string source;       // "policy.toml:40"
};

struct Response {
  core::Instant seconds = 0;
  bool next_business_day = false;
};

struct Policy {
  std::string source;                 // file, or "built-in policy"
  std::array<TierPolicy, 3> tiers{};  // by core::Tier
  core::Tier default_tier = core::Tier::high;
  std::uint32_t expiring_days = 30;
  std::uint32_t unused_days = 90;
  std::uint32_t max_access = 1;  // entries of a token's access before it is shared
  std::vector<std::string> group_marks;
  std::vector<std::string> privileged_scopes;
  std::vector<std::string> wide_scopes;
  std::vector<std::string> production_environments;
  std::vector<std::string> secret_stores;
  std::vector<std::string> required_fields;
  std::map<std::string, core::Priority, std::less<>> priorities;  // keys: priority_names()
  std::array<Response, 4> responses{};                            // by core::Priority
  std::array<bool, 7> working_days{};                             // from Sunday
  std::vector<std::int64_t> holidays;                             // days since 1970, sorted
  std::vector<PolicyException> exceptions;

  const TierPolicy& tier(core::Tier tier) const { return tiers[static_cast<std::size_t>(tier)]; }
  core::Priority priority(std::string_view name) const;
};

// "leaked", "leaked-privileged", …: what [priority] may name.
const std::vector<std::string_view>& priority_names();
// What required_fields may name.
const std::vector<std::string_view>& field_names();

// `file` names the text in errors.
Result<Policy> parse_policy(std::string_view toml, const std::string& file);
const std::string& default_policy_text();
// Never fails: a test parses it.
Policy default_policy();

// ---- what a policy says of a token

struct TierChoice {
  core::Tier tier = core::Tier::high;
  std::string rule;  // "tier.high[2]: can write"
};
TierChoice tier_of(const core::Token& token, const Policy& policy);
// The same without saying why.
core::Tier tier_alone(const core::Token& token, const Policy& policy);

bool is_shared(const core::Token& token, const Policy& policy);
bool is_production(const core::Token& token, const Policy& policy);
// Reaches production, or has a scope that the policy calls privileged.
bool is_privileged(const core::Token& token, const Policy& policy);
// The scope that is wider than any token should have; empty when there is none.
std::string wide_scope(const core::Token& token, const Policy& policy);
bool in_secret_store(const core::Token& token, const Policy& policy);
// Required fields that the token lacks, in the policy's order.
std::vector<std::string> missing_fields(const core::Token& token, const Policy& policy);

// When its current value was made: its own date, else the last rotation, else the creation.
std::optional<core::Instant> value_created(const core::Token& token);
// Days after which it must be rotated: its own period or the tier's, never more than the longest lifetime.
std::uint32_t rotation_days(const core::Token& token, const TierPolicy& tier);

// Until when a matter of this priority that was seen at `from` must be dealt with.
core::Instant respond_by(const Policy& policy, core::Priority priority, core::Instant from);
// The exception in force that covers this verdict of the token; null when there is none. One that the token's owner
// approved covers nothing: nobody approves for themselves.
const PolicyException* find_exception(const Policy& policy, const core::Token& token, core::VerdictKind kind,
                                      core::Instant now);

// Case does not matter; * stands for any run of characters, and a backslash takes the next one as it is.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace keytrail::inventory
