// The verdicts on tokens that need no finding.
#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "scanner/base/dates.h"
#include "scanner/inventory/reason.h"
#include "scanner/inventory/verdicts.h"

namespace keytrail::inventory {
namespace {

using core::Instant;
using core::Token;
using core::TokenState;
using core::TokenStatus;
using core::Verdict;
using core::VerdictKind;

std::string period_rule(const TokenStatus& status, const Policy& policy) {
  const TierPolicy& tier = policy.tier(status.tier);
  const std::uint32_t days = rotation_days(status.token, tier);
  const std::string name(core::to_string(status.tier));
  const std::uint32_t own = status.token.rotation_days.value_or(0);
  if (own != 0 && days == own && own != tier.rotate_days)
    return "the token's own period: " + std::to_string(days) + " days";
  if (days == tier.max_lifetime_days && days != tier.rotate_days) {
    return "tier." + name + ".max_lifetime_days: " + std::to_string(days);
  }
  return "tier." + name + ".rotate_days: " + std::to_string(days) + ", as it is " + status.tier_rule;
}

void check_rotation(TokenStatus& status, const Policy& policy, Instant now) {
  const Token& token = status.token;
  const auto made = value_created(token);
  if (made && !(status.rotate_by && *status.rotate_by < now)) return;
  const bool never = !token.last_rotated;
  Verdict verdict =
      make_verdict(never ? VerdictKind::never_rotated : VerdictKind::rotation_overdue, status, policy, now);
  verdict.rule = period_rule(status, policy);
  verdict.since = status.rotate_by;
  const Instant from = status.rotate_by.value_or(now);
  if (verdict.exception.empty()) verdict.due = respond_by(policy, verdict.priority, from);
  const std::string days = std::to_string(rotation_days(token, policy.tier(status.tier)));
  verdict.reason = subject_of(token) + history_of(token, now) + "; it must be rotated every " + days + " days";
  verdict.reason += status.rotate_by ? ", was due on " + utc_day(*status.rotate_by) + " and is " +
                                           days_between(*status.rotate_by, now) + " overdue"
                                     : ", and no date shows that it was";
  status.verdicts.push_back(std::move(verdict));
}

void check_expiry(TokenStatus& status, const Policy& policy, Instant now) {
  const Token& token = status.token;
  if (!token.expires) return;
  const Instant expires = *token.expires;
  const bool expired = expires <= now;
  if (!expired && expires - now > static_cast<Instant>(policy.expiring_days) * kDaySeconds) return;
  Verdict verdict = make_verdict(expired ? VerdictKind::expired_active : VerdictKind::expiring, status, policy, now);
  verdict.rule = expired ? "expires" : "warnings.expiring_days: " + std::to_string(policy.expiring_days);
  if (expired) verdict.since = expires;
  if (verdict.exception.empty()) verdict.due = expired ? respond_by(policy, verdict.priority, expires) : expires;
  verdict.reason = subject_of(token) + history_of(token, now);
  verdict.reason += expired ? ", expired on " + utc_day(expires) + " and the inventory still has it as " +
                                  std::string(core::to_string(token.state))
                            : ", expires on " + utc_day(expires) + ", in " + days_between(now, expires);
  status.verdicts.push_back(std::move(verdict));
}

void add_plain(TokenStatus& status, VerdictKind kind, const std::string& rule, const std::string& why,
               const Policy& policy, Instant now) {
  Verdict verdict = make_verdict(kind, status, policy, now);
  verdict.rule = rule;
  verdict.reason = subject_of(status.token) + history_of(status.token, now) + why;
  status.verdicts.push_back(std::move(verdict));
}

void check_people(TokenStatus& status, const Policy& policy, Instant now) {
  const Token& token = status.token;
  if (token.owner.find_first_not_of(" \t") == std::string::npos) {
    add_plain(status, VerdictKind::no_owner, "every token has an owner", ": nobody would rotate it", policy, now);
  }
  if (is_shared(token, policy)) {
    const std::size_t count = token.access.size();
    add_plain(status, VerdictKind::shared, "sharing.max_access: " + std::to_string(policy.max_access),
              count == 1 ? ", is open to " + token.access.front() + ": nobody can tell who used it"
                         : ", is shared by " + std::to_string(count) + ": nobody can tell who used it",
              policy, now);
  }
}

void check_scope(TokenStatus& status, const Policy& policy, Instant now) {
  const Token& token = status.token;
  if (const std::string scope = wide_scope(token, policy); !scope.empty()) {
    add_plain(status, VerdictKind::over_privileged, "scopes.over_privileged",
              ", has the scope " + scope + ", which is more than one service needs", policy, now);
  } else if (token.reaches_production.value_or(false) && !token.environment.empty()) {
    Token plain = token;
    plain.reaches_production.reset();
    if (is_production(plain, policy)) return;
    add_plain(status, VerdictKind::over_privileged, "environments.production",
              ", is for " + token.environment + " and reaches production", policy, now);
  }
}

void check_use(TokenStatus& status, const Policy& policy, Instant now) {
  const auto& used = status.token.last_used;
  if (!used || now - *used < static_cast<Instant>(policy.unused_days) * kDaySeconds) return;
  add_plain(status, VerdictKind::unused, "warnings.unused_days: " + std::to_string(policy.unused_days),
            ", was last used on " + utc_day(*used) + ", " + days_between(*used, now) + " ago", policy, now);
}

bool told_apart(const Token& a, const Token& b) { return a.service != b.service || a.environment != b.environment; }

}  // namespace

bool is_in_use(const Token& token) { return token.state != TokenState::revoked && token.state != TokenState::expired; }

std::optional<Instant> rotate_by(const Token& token, const Policy& policy, core::Tier tier) {
  const auto made = value_created(token);
  if (!made || !is_in_use(token)) return std::nullopt;
  return *made + static_cast<Instant>(rotation_days(token, policy.tier(tier))) * kDaySeconds;
}

DueBound due_bound(const Policy& policy, Instant now, Instant until) {
  DueBound bound{until, until, UINT32_MAX, UINT32_MAX};
  for (const TierPolicy& tier : policy.tiers) {
    bound.rotate_days = std::min(bound.rotate_days, tier.rotate_days);
    bound.lifetime_days = std::min(bound.lifetime_days, tier.max_lifetime_days);
  }
  // An exception's end may be nearer than the expiry that it covers.
  if (!policy.exceptions.empty()) {
    bound.expire_until = std::max(until, now + static_cast<Instant>(policy.expiring_days) * kDaySeconds);
  }
  return bound;
}

Verdict make_verdict(VerdictKind kind, const TokenStatus& status, const Policy& policy, Instant now) {
  Verdict verdict;
  verdict.kind = kind;
  verdict.token = status.token.id;
  verdict.priority = policy.priority(core::to_string(kind));
  if (const PolicyException* exception = find_exception(policy, status.token, kind, now)) {
    verdict.priority = core::Priority::p3;
    verdict.exception = "approved by " + exception->approver + " until " + utc_day(exception->until);
    if (!exception->reason.empty()) verdict.exception += ": " + exception->reason;
    verdict.due = exception->until;
  } else {
    verdict.due = respond_by(policy, verdict.priority, now);
  }
  return verdict;
}

void add_token_verdicts(TokenStatus& status, const Policy& policy, Instant now) {
  if (!is_in_use(status.token)) return;
  check_rotation(status, policy, now);
  check_expiry(status, policy, now);
  check_people(status, policy, now);
  check_scope(status, policy, now);
  check_use(status, policy, now);
}

void add_reused(std::vector<TokenStatus>& tokens, const Policy& policy, Instant now) {
  // Sorted runs of equal fingerprints: a map of 100,000 of them takes ten times as long.
  struct Entry {
    std::string_view fingerprint;
    std::string_view scheme;
    std::size_t token;
  };
  std::vector<Entry> entries;
  entries.reserve(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!is_in_use(tokens[i].token) || tokens[i].token.values.empty()) continue;
    const core::TokenValue& value = tokens[i].token.values.front();
    if (!value.fingerprint.empty()) entries.push_back({value.fingerprint, value.scheme, i});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.fingerprint, a.scheme, a.token) < std::tie(b.fingerprint, b.scheme, b.token);
  });
  for (std::size_t begin = 0, end = 0; begin < entries.size(); begin = end) {
    while (end < entries.size() && entries[end].fingerprint == entries[begin].fingerprint &&
           entries[end].scheme == entries[begin].scheme) {
      ++end;
    }
    for (std::size_t i = begin; end - begin > 1 && i < end; ++i) {
      TokenStatus& status = tokens[entries[i].token];
      const Token& other = tokens[entries[i == begin ? begin + 1 : begin].token].token;
      const std::string where = told_apart(status.token, other) ? subject_of(other) : "token " + other.id;
      add_plain(status, VerdictKind::reused, "one value for each token, service and environment",
                ", has the same value as " + where + (end - begin > 2 ? " and others" : ""), policy, now);
    }
  }
}

}  // namespace keytrail::inventory
