// Tokens: the entries of the inventory. What is known of one credential, and never its value.
//
// Instants are seconds since 1970 in UTC; an unknown one is no value, which is not the same as "never". Texts are
// UTF-8.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keytrail::core {

using Instant = std::int64_t;

enum class TokenState : std::uint8_t { active, rotating, revoked, expired, compromised };
std::string_view to_string(TokenState state);
std::optional<TokenState> parse_token_state(std::string_view text);

// One value that a token has or had, known by its keyed hash alone.
struct TokenValue {
  std::string scheme;        // "keytrail" (HMAC-SHA-256 under the inventory's key), or the name of an imported scheme
  std::string fingerprint;   // lower-case hexadecimal
  std::uint32_t length = 0;  // bytes of the value; 0: unknown (imported hashes)
  std::string last_four;     // empty where the value is too short to show them
  std::optional<Instant> valid_from;
  std::optional<Instant> valid_until;  // no value: it is the current one
};

struct Token {
  std::string id;        // unique, stable, chosen by the organisation or made at import
  std::string service;   // which of our systems uses it: "billing-api"
  std::string provider;  // who issued it: "stripe", as the rules name providers; "own" for the organisation's own keys
  std::string kind;      // id of the rule that knows its shape; may be empty
  std::string environment;  // "production", "staging", "development", "test", "sandbox", "documentation", …; lower case
  std::string purpose;
  std::string owner;
  std::string backup_owner;
  std::vector<std::string> access;  // people and groups that can read it
  std::vector<std::string> scopes;  // as the provider names them
  std::optional<bool> reaches_production;
  std::optional<bool> regulated;  // reaches regulated or personal data
  std::optional<bool> can_write;
  std::string compliance;  // rules that it is under: "PCI DSS"; may be empty
  std::string storage;     // a reference to where the value is kept: "vault:secret/billing/stripe"; empty: unknown
  std::string approver;    // who approved it
  std::optional<Instant> created;
  std::optional<Instant> expires;
  std::optional<Instant> last_rotated;  // none: never
  std::optional<Instant> last_used;
  std::optional<std::uint32_t> rotation_days;  // its own period, where that is shorter or longer than the policy's
  TokenState state = TokenState::active;
  std::vector<std::string> dependents;  // services that break without it; ids of tokens that are derived from it
  std::vector<TokenValue> values;       // the current one first, then earlier ones, latest first
  // What identifies it without its value: "aws-key-id", "account", "kid", "sub", "public-key", "key-id", "url" …
  std::map<std::string, std::string> identifiers;
  std::map<std::string, std::string> labels;  // columns of the organisation's own
};

enum class Tier : std::uint8_t { low, medium, high };
std::string_view to_string(Tier tier);

enum class VerdictKind : std::uint8_t {
  // On findings.
  leaked,
  leaked_superseded,
  leaked_revoked,
  untracked,
  // On tokens.
  never_rotated,
  rotation_overdue,
  expiring,
  expired_active,
  no_owner,
  over_privileged,
  shared,
  reused,
  unused,
};
// "leaked-superseded"
std::string_view to_string(VerdictKind kind);
std::optional<VerdictKind> parse_verdict_kind(std::string_view text);

enum class Priority : std::uint8_t { p0, p1, p2, p3 };
std::string_view to_string(Priority priority);  // "P0"

// What inventory and policy say of a finding or of a token.
struct Verdict {
  VerdictKind kind = VerdictKind::untracked;
  Priority priority = Priority::p3;
  std::string token;             // id; empty of an untracked secret
  std::string reason;            // one sentence that a manager understands
  std::string rule;              // the line of the policy that decided: "tier.high[2]: shared"
  std::optional<Instant> due;    // until when the work must be done
  std::optional<Instant> since;  // first exposure, or the day that something was overdue from
  bool open = true;              // a leak that only rotation or revocation closes
  bool probable = false;         // joined by something other than the value
  std::string exception;         // approver and end date of the exception that covers it; empty: none
};

// What a finding's secret is to the inventory.
struct TokenLink {
  std::string token;  // id
  // Which of its values: 0 the current one, 1 the one before it, …; of a probable join always 0.
  std::uint32_t value = 0;
  bool probable = false;
  std::string joined_by;  // "value", "aws-key-id", "last-four", …
};

// A token with all that was said of it.
struct TokenStatus {
  Token token;
  Tier tier = Tier::high;
  std::string tier_rule;             // which rule of the policy made it so
  std::vector<Verdict> verdicts;     // by priority, then kind
  std::optional<Instant> rotate_by;  // when the policy wants it rotated next
  std::vector<std::string> missing;  // fields that the policy requires and the entry lacks
  bool in_secret_store = false;      // kept where the policy wants it
};

}  // namespace keytrail::core
