#include "scanner/inventory/policy.h"

#include <algorithm>
#include <utility>

#include "scanner/base/text.h"

namespace keytrail::inventory {
namespace {

using core::Instant;
using core::Token;

bool matches_any(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const auto& p) { return matches_pattern(p, text); });
}

bool any_scope_matches(const Token& token, const std::vector<std::string>& patterns) {
  return std::any_of(token.scopes.begin(), token.scopes.end(), [&](const auto& s) { return matches_any(patterns, s); });
}

// Whether the inventory says that it reaches production; nothing where it does not say.
std::optional<bool> reaches_production(const Token& token, const Policy& policy) {
  if (token.reaches_production) return token.reaches_production;
  if (token.environment.empty()) return std::nullopt;
  return matches_any(policy.production_environments, token.environment);
}

std::optional<bool> is_regulated(const Token& token) {
  if (!token.compliance.empty()) return true;
  return token.regulated;
}

// What the inventory knows of a yes or no.
enum class Known : std::uint8_t { no, yes, nothing };

Known known(const std::optional<bool>& truth) {
  if (!truth.has_value()) return Known::nothing;
  return *truth ? Known::yes : Known::no;
}

bool holds(const std::optional<bool>& wanted, Known is) {
  if (!wanted.has_value()) return true;
  return is == (*wanted ? Known::yes : Known::no);
}

Known known_shared(const Token& token, const Policy& policy) {
  if (token.access.empty()) return Known::nothing;
  return is_shared(token, policy) ? Known::yes : Known::no;
}

Known known_privileged(const Token& token, const Policy& policy) {
  if (is_privileged(token, policy)) return Known::yes;
  return token.scopes.empty() ? Known::nothing : Known::no;
}

bool fits(const TierRule& rule, const Token& token, const Policy& policy) {
  return holds(rule.reaches_production, known(reaches_production(token, policy))) &&
         holds(rule.regulated, known(is_regulated(token))) && holds(rule.can_write, known(token.can_write)) &&
         holds(rule.shared, known_shared(token, policy)) && holds(rule.privileged, known_privileged(token, policy)) &&
         (rule.environments.empty() || matches_any(rule.environments, token.environment)) &&
         !(!rule.not_environments.empty() && matches_any(rule.not_environments, token.environment)) &&
         (rule.providers.empty() || matches_any(rule.providers, token.provider)) &&
         (rule.services.empty() || matches_any(rule.services, token.service)) &&
         (rule.scopes.empty() || any_scope_matches(token, rule.scopes));
}

// The tier and the rule that fits; null for the default.
std::pair<core::Tier, const TierRule*> find_rule(const Token& token, const Policy& policy) {
  for (const core::Tier tier : {core::Tier::high, core::Tier::medium, core::Tier::low}) {
    for (const TierRule& rule : policy.tier(tier).rules) {
      if (fits(rule, token, policy)) return {tier, &rule};
    }
  }
  return {policy.default_tier, nullptr};
}

bool is_missing(const Token& token, std::string_view field) {
  if (field == "service") return token.service.empty();
  if (field == "provider") return token.provider.empty();
  if (field == "environment") return token.environment.empty();
  if (field == "purpose") return token.purpose.empty();
  if (field == "owner") return token.owner.empty();
  if (field == "backup_owner") return token.backup_owner.empty();
  if (field == "access") return token.access.empty();
  if (field == "scopes") return token.scopes.empty();
  if (field == "reaches_production") return !token.reaches_production;
  if (field == "regulated") return !token.regulated;
  if (field == "can_write") return !token.can_write;
  if (field == "storage") return token.storage.empty();
  if (field == "approver") return token.approver.empty();
  if (field == "created") return !token.created;
  if (field == "expires") return !token.expires;
  if (field == "last_used") return !token.last_used;
  if (field == "dependents") return token.dependents.empty();
  return false;
}

bool same_text(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

const std::vector<std::string_view>& priority_names() {
  static const std::vector<std::string_view> names = {"leaked-privileged",
                                                      "leaked",
                                                      "leaked-public",
                                                      "leaked-expired",
                                                      "leaked-superseded",
                                                      "leaked-revoked",
                                                      "never-rotated",
                                                      "untracked-critical",
                                                      "untracked-high",
                                                      "untracked-medium",
                                                      "untracked-low",
                                                      "rotation-overdue",
                                                      "expiring",
                                                      "expired-active",
                                                      "no-owner",
                                                      "over-privileged",
                                                      "shared",
                                                      "reused",
                                                      "unused"};
  return names;
}

const std::vector<std::string_view>& field_names() {
  static const std::vector<std::string_view> names = {
      "service",   "provider", "environment",        "purpose",   "owner",     "backup_owner", "access",
      "scopes",    "storage",  "reaches_production", "regulated", "can_write", "created",      "expires",
      "last_used", "approver", "dependents"};
  return names;
}

core::Priority Policy::priority(std::string_view name) const {
  const auto found = priorities.find(name);
  return found == priorities.end() ? core::Priority::p3 : found->second;
}

TierChoice tier_of(const Token& token, const Policy& policy) {
  const auto [tier, rule] = find_rule(token, policy);
  if (rule == nullptr) return {tier, "tier.default: no rule fits"};
  const auto number = static_cast<std::size_t>(rule - policy.tier(tier).rules.data()) + 1;
  return {tier, "tier." + std::string(core::to_string(tier)) + "[" + std::to_string(number) + "]: " + rule->name};
}

core::Tier tier_alone(const Token& token, const Policy& policy) { return find_rule(token, policy).first; }

bool is_shared(const Token& token, const Policy& policy) {
  if (token.access.size() > policy.max_access) return true;
  return std::any_of(token.access.begin(), token.access.end(),
                     [&](const auto& entry) { return matches_any(policy.group_marks, entry); });
}

bool is_production(const Token& token, const Policy& policy) {
  return reaches_production(token, policy).value_or(false);
}

bool is_privileged(const Token& token, const Policy& policy) {
  return is_production(token, policy) || any_scope_matches(token, policy.privileged_scopes);
}

std::string wide_scope(const Token& token, const Policy& policy) {
  for (const std::string& scope : token.scopes) {
    if (matches_any(policy.wide_scopes, scope)) return scope;
  }
  return {};
}

bool in_secret_store(const Token& token, const Policy& policy) {
  return !token.storage.empty() && matches_any(policy.secret_stores, token.storage);
}

std::vector<std::string> missing_fields(const Token& token, const Policy& policy) {
  std::vector<std::string> missing;
  for (const std::string& field : policy.required_fields) {
    if (is_missing(token, field)) missing.push_back(field);
  }
  return missing;
}

std::optional<Instant> value_created(const Token& token) {
  // The first value is the current one, unless it ended and the new one was never entered.
  if (!token.values.empty() && !token.values.front().valid_until && token.values.front().valid_from) {
    return token.values.front().valid_from;
  }
  if (token.last_rotated) return token.last_rotated;
  return token.created;
}

std::uint32_t rotation_days(const Token& token, const TierPolicy& tier) {
  const std::uint32_t wanted = token.rotation_days.value_or(tier.rotate_days);
  return std::min(wanted == 0 ? tier.rotate_days : wanted, tier.max_lifetime_days);
}

Instant respond_by(const Policy& policy, core::Priority priority, Instant from) {
  const Response& response = policy.responses[static_cast<std::size_t>(priority)];
  if (!response.next_business_day) return from + response.seconds;
  std::int64_t day = from / kDaySeconds - (from % kDaySeconds < 0 ? 1 : 0) + 1;
  const auto is_working = [&](std::int64_t candidate) {
    // 1970-01-01 was a Thursday.
    const auto weekday = static_cast<std::size_t>(((candidate + 4) % 7 + 7) % 7);
    return policy.working_days[weekday] &&
           !std::binary_search(policy.holidays.begin(), policy.holidays.end(), candidate);
  };
  const std::int64_t last = day + 7 * (static_cast<std::int64_t>(policy.holidays.size()) + 1);
  while (day < last && !is_working(day)) ++day;
  return (day + 1) * kDaySeconds - 1;
}

const PolicyException* find_exception(const Policy& policy, const Token& token, core::VerdictKind kind, Instant now) {
  for (const PolicyException& exception : policy.exceptions) {
    const auto& kinds = exception.verdicts;
    if (exception.until < now || same_text(exception.approver, token.owner)) continue;
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) continue;
    if (matches_any(exception.tokens, token.id)) return &exception;
  }
  return nullptr;
}

// The last star that was passed takes one character more whenever what follows it does not fit.
bool matches_pattern(std::string_view pattern, std::string_view text) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t p = 0, t = 0, star = kNone, resume = 0;
  while (t < text.size()) {
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    if (p < pattern.size() && pattern[p] == '*' && !escaped) {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && lower(pattern[escaped ? p + 1 : p]) == lower(text[t])) {
      p += escaped ? 2 : 1;
      ++t;
    } else if (star != kNone) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace keytrail::inventory
