#include "scanner/ticket/plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "scanner/base/dates.h"
#include "scanner/base/text.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

using core::Priority;
using core::VerdictKind;

std::optional<Trigger> trigger_of(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::leaked:
    case VerdictKind::untracked:
      return Trigger::leak;
    case VerdictKind::leaked_superseded:
      return Trigger::superseded;
    case VerdictKind::never_rotated:
      return Trigger::never_rotated;
    case VerdictKind::rotation_overdue:
      return Trigger::overdue;
    case VerdictKind::expiring:
    case VerdictKind::expired_active:
      return Trigger::expiring;
    default:
      return std::nullopt;  // findings of an audit: they stand in the tickets of their token, and in runbooks
  }
}

// Of the built-in policy.
core::Instant response(Priority priority, core::Instant from) {
  constexpr core::Instant kMinute = 60;
  constexpr core::Instant kDay = 86400;
  switch (priority) {
    case Priority::p0:
      return from + 5 * kMinute;
    case Priority::p1:
      return from + 60 * kMinute;
    case Priority::p2:
      return from + kDay;
    case Priority::p3:
      break;
  }
  // The end of the next working day; 1970-01-01 was a Thursday.
  core::Instant day = from / kDay + 1;
  while ((day + 4) % 7 == 0 || (day + 4) % 7 == 6) ++day;
  return day * kDay + kDay - 1;
}

// "approved by Security until 2027-01-31: contract ends"
std::optional<core::Instant> end_of(const std::string& exception) {
  constexpr std::string_view kUntil = "until ";
  constexpr std::size_t kDate = 10;
  const std::size_t at = exception.find(kUntil);
  if (at == std::string::npos) return std::nullopt;
  return parse_date(std::string_view(exception).substr(at + kUntil.size(), kDate), DateEnd::last, 0);
}

bool same_person(const std::string& entry, const std::string& person) {
  const std::string have = lower(entry);
  const std::string want = lower(person);
  return !want.empty() && (have == want || have.find("<" + want + ">") != std::string::npos ||
                           have.starts_with(want + " <") || have == "user:" + want);
}

bool is_live(const core::Token& token) {
  return token.state != core::TokenState::revoked && token.state != core::TokenState::expired;
}

bool is_privileged(const Case& made) {
  if (made.trigger == Trigger::hash_secret) return true;
  if (made.trigger == Trigger::superseded) return false;  // nothing is changed
  if (made.token == nullptr) return made.secrets.empty() || made.secrets.front()->severity == "critical";
  const core::Token& token = made.token->token;
  const bool wide = std::any_of(token.scopes.begin(), token.scopes.end(), [](const std::string& scope) {
    const std::string name = lower(scope);
    return name == "*" || name.find("admin") != std::string::npos || name == "owner" || name == "root";
  });
  return is_production(token) || token.regulated.value_or(false) || wide;
}

Order order_of(const Case& made) {
  if (made.trigger == Trigger::superseded) return Order::confirm;
  const bool open_leak = made.trigger == Trigger::leak && (made.verdict == nullptr || made.verdict->open);
  if (open_leak && (made.priority == Priority::p0 || made.privileged || made.is_public)) return Order::emergency;
  if (!made.guide->two_live) return Order::gap;
  if (open_leak) return Order::direct;
  const bool many = made.token != nullptr && made.token->token.dependents.size() > 1;
  const bool high = made.token == nullptr || made.token->tier == core::Tier::high;
  return high || many ? Order::dual : Order::direct;
}

const std::string& reason_of(const Case& made) {
  static const std::string kNone;
  const Source* source = made.trigger == Trigger::leak ? worst(made.sources.list) : nullptr;
  return source != nullptr ? source->reason : made.verdict != nullptr ? made.verdict->reason : kNone;
}

void find_exposure(Case& made) {
  made.at_tip = false;
  made.first_exposed.reset();
  made.last_exposed.reset();
  for (const Source& source : made.sources.list) {
    made.at_tip = made.at_tip || source.at_tip;
    if (source.first_exposed)
      made.first_exposed = std::min(*source.first_exposed, made.first_exposed.value_or(*source.first_exposed));
    made.last_exposed = std::max(made.last_exposed, source.last_exposed);
  }
  if (made.at_tip) made.last_exposed.reset();
  if (made.sources.list.empty() && made.verdict != nullptr && made.trigger == Trigger::leak)
    made.first_exposed = made.verdict->since;
}

class Planner {
 public:
  Planner(const Situation& situation, const Guides& guides, const Settings& settings, const Request& request)
      : situation_(situation), guides_(guides), settings_(settings), request_(request) {
    for (const Secret& secret : situation.secrets) {
      if (secret.token && !secret.suppressed) secrets_of_[secret.token->token].push_back(&secret);
    }
  }

  // A case of the lowest urgency, which any verdict of the token goes before.
  void add_scheduled(const core::TokenStatus& status) { start(Trigger::overdue, status.token.id, &status, nullptr); }

  std::vector<Case> run() {
    for (const Secret& secret : situation_.secrets) add_secret(secret);
    for (const core::TokenStatus& status : situation_.tokens) add_verdicts(status);
    for (const core::TokenStatus& status : situation_.tokens) add_requests(status);
    if (request_.hash_secret_exposed) add_hash_secret();
    for (const Request::Leaked& leak : request_.leaked) add_standing(leak);
    for (Case& made : cases_) finish(made);
    std::sort(cases_.begin(), cases_.end(), [](const Case& a, const Case& b) {
      return std::tie(a.priority, a.due, a.subject, a.trigger) < std::tie(b.priority, b.due, b.subject, b.trigger);
    });
    return std::move(cases_);
  }

 private:
  void add_secret(const Secret& secret) {
    if (secret.suppressed) return;
    // What was scanned without an inventory is untracked.
    if (!secret.verdict || secret.verdict->kind == VerdictKind::untracked) {
      Case& made = start(Trigger::leak, secret.fingerprint, nullptr, secret.verdict ? &*secret.verdict : nullptr);
      if (made.secrets.empty()) made.secrets.push_back(&secret);
      return;
    }
    if (!secret.token) return;
    const auto trigger = trigger_of(secret.verdict->kind);
    if (!trigger) return;
    // Verdicts on findings and on their token tell the same leak: the worse one counts.
    start(*trigger, secret.token->token, situation_.find_token(secret.token->token), &*secret.verdict);
  }

  void add_verdicts(const core::TokenStatus& status) {
    for (const core::Verdict& verdict : status.verdicts) {
      auto trigger = trigger_of(verdict.kind);
      if (!trigger || (!is_live(status.token) && *trigger != Trigger::leak)) continue;
      if (*trigger == Trigger::leak && !verdict.open) continue;
      if (!verdict.exception.empty()) {
        const auto end = end_of(verdict.exception);
        if (end && *end >= request_.now) continue;  // somebody answers for it until then
        trigger = Trigger::exception_over;
      }
      start(*trigger, status.token.id, &status, &verdict);
    }
  }

  void add_requests(const core::TokenStatus& status) {
    const core::Token& token = status.token;
    if (!is_live(token)) return;
    const auto has = [&](const std::string& entry) { return same_person(entry, request_.offboard); };
    if (!request_.offboard.empty() &&
        (has(token.owner) || has(token.backup_owner) || std::any_of(token.access.begin(), token.access.end(), has))) {
      start(Trigger::offboarding, token.id, &status, nullptr);
    }
    const std::string& name = request_.provider_incident;
    if (!name.empty() && (lower(name) == lower(token.provider) ||
                          &guides_.find("", name) == &guides_.find(token.kind, token.provider))) {
      if (!guides_.find("", name).fallback || lower(name) == lower(token.provider)) {
        start(Trigger::incident, token.id, &status, nullptr);
      }
    }
  }

  void add_standing(const Request::Leaked& leak) {
    const core::TokenStatus* status = situation_.find_token(leak.token);
    if (status == nullptr || index_.contains({leak.token, Trigger::leak})) return;
    Case& made = start(Trigger::leak, leak.token, status, nullptr);
    made.standing = true;
    const Guide& own = guides_.find(status->token.kind, status->token.provider);
    made.guide = own.fallback ? &guides_.find(leak.rule, "") : &own;
  }

  void add_hash_secret() {
    Case& made =
        start(Trigger::hash_secret, "api-key-hash-secret", situation_.find_token("api-key-hash-secret"), nullptr);
    for (const core::TokenStatus& status : situation_.tokens) {
      const auto imported = [](const core::TokenValue& value) {
        return !value.scheme.empty() && value.scheme != "keytrail";
      };
      const bool hashed = std::any_of(status.token.values.begin(), status.token.values.end(), imported);
      if (is_live(status.token) && (hashed || lower(status.token.provider) == "own")) made.affected.push_back(&status);
    }
  }

  // The case of a subject and trigger, made when there is none yet.
  Case& start(Trigger trigger, const std::string& subject, const core::TokenStatus* token,
              const core::Verdict* verdict) {
    const auto [found, added] = index_.emplace(std::make_pair(subject, trigger), cases_.size());
    if (added) cases_.emplace_back();
    Case& made = cases_[found->second];
    if (!added && (verdict == nullptr || (made.verdict != nullptr && made.verdict->priority <= verdict->priority)))
      return made;
    made.trigger = trigger;
    made.subject = subject;
    made.token = token;
    made.verdict = verdict;
    made.situation = &situation_;
    made.request = &request_;
    if (const auto secrets = secrets_of_.find(subject); secrets != secrets_of_.end()) made.secrets = secrets->second;
    if (token == nullptr && made.secrets.empty()) {
      for (const Secret& secret : situation_.secrets) {
        if (secret.fingerprint == subject) made.secrets.push_back(&secret);
      }
    }
    return made;
  }

  void finish(Case& made) const {
    const Secret* first = made.secrets.empty() ? nullptr : made.secrets.front();
    if (made.trigger == Trigger::hash_secret)
      made.guide = &guides_.find("", "hash secret");
    else if (made.token != nullptr && made.guide == nullptr)
      made.guide = &guide_for(made.token->token, first);
    else if (made.guide == nullptr)
      made.guide = &guides_.find(first == nullptr ? "" : first->rule, first == nullptr ? "" : first->provider);
    for (const core::TokenStatus* other : dependants(made)) made.affected.push_back(other);
    made.privileged = is_privileged(made);
    // The inventory wants an approver for the rotation of a token of tier high, too.
    const bool is_high = made.token != nullptr && made.token->tier == core::Tier::high;
    made.two_people = made.privileged || (is_high && made.trigger != Trigger::superseded);
    made.priority = priority_of(made);
    made.sources = sources_of(situation_, made.secrets, visibility_of(situation_, settings_));
    for (Source& source : made.sources.list) {
      source.priority = made.priority;
      if (made.trigger == Trigger::leak && made.verdict != nullptr && made.verdict->since)
        source.first_exposed = std::min(*made.verdict->since, source.first_exposed.value_or(*made.verdict->since));
    }
    settle(made, settings_);
    made.due = first_due(made);
  }

  // The verdict's, but a ticket that begins with a deadline long past helps nobody: what a calendar wanted last year is
  // due as its severity says. The deadline of a leak counts from the scan, which may be older than this run.
  core::Instant first_due(const Case& made) const {
    const bool own = made.verdict != nullptr && made.verdict->due &&
                     (made.trigger == Trigger::leak || *made.verdict->due > request_.now);
    if (own) return *made.verdict->due;
    // Of a runbook: nothing is wrong with it, and its day is to come.
    const bool planned = made.verdict == nullptr && made.trigger == Trigger::overdue && made.token != nullptr;
    if (planned && made.token->rotate_by && *made.token->rotate_by > request_.now) return *made.token->rotate_by;
    return respond_by(request_, made.priority, request_.now);
  }

  const Guide& guide_for(const core::Token& token, const Secret* secret) const {
    const Guide& own = guides_.find(token.kind, token.provider);
    return own.fallback && secret != nullptr ? guides_.find(secret->rule, secret->provider) : own;
  }

  // Tokens that name this one among their dependents' sources: derived ones, to be rotated after it.
  std::vector<const core::TokenStatus*> dependants(const Case& made) const {
    std::vector<const core::TokenStatus*> out;
    if (made.token == nullptr || made.trigger == Trigger::hash_secret) return out;
    for (const std::string& id : made.token->token.dependents) {
      if (const core::TokenStatus* other = situation_.find_token(id)) out.push_back(other);
    }
    return out;
  }

  Priority priority_of(const Case& made) const {
    if (made.verdict != nullptr) return made.verdict->priority;
    if (made.trigger == Trigger::overdue) return Priority::p3;
    if (made.trigger == Trigger::hash_secret) return Priority::p0;
    if (made.trigger == Trigger::incident || made.trigger == Trigger::offboarding) {
      return is_privileged(made) ? Priority::p1 : Priority::p2;
    }
    if (visibility_of(situation_, settings_) == "public") return Priority::p1;
    const std::string severity = made.secrets.empty() ? "" : made.secrets.front()->severity;
    return severity == "critical" || severity == "high" ? Priority::p1
           : severity == "medium"                       ? Priority::p2
                                                        : Priority::p3;
  }

  const Situation& situation_;
  const Guides& guides_;
  const Settings& settings_;
  const Request& request_;
  std::map<std::string, std::vector<const Secret*>, std::less<>> secrets_of_;
  std::map<std::pair<std::string, Trigger>, std::size_t> index_;
  std::vector<Case> cases_;
};

}  // namespace

std::vector<Case> plan(const Situation& situation, const Guides& guides, const Settings& settings,
                       const Request& request) {
  Planner planner(situation, guides, settings, request);
  return planner.run();
}

std::vector<Case> plan_tokens(const Situation& situation, const Guides& guides, const Settings& settings,
                              const Request& request, const std::vector<const core::TokenStatus*>& tokens,
                              bool untracked) {
  Planner planner(situation, guides, settings, request);
  for (const core::TokenStatus* status : tokens) planner.add_scheduled(*status);
  std::set<std::string> wanted;
  for (const core::TokenStatus* status : tokens) wanted.insert(status->token.id);
  std::vector<Case> out;
  for (Case& one : planner.run()) {
    if (one.token == nullptr ? !untracked : wanted.erase(one.subject) == 0) continue;
    out.push_back(std::move(one));
  }
  return out;
}

void settle(Case& made, const Settings& settings) {
  const std::vector<Source>& sources = made.sources.list;
  made.is_public =
      std::any_of(sources.begin(), sources.end(), [](const auto& one) { return one.visibility == "public"; });
  if (sources.empty()) made.is_public = visibility_of(*made.situation, settings) == "public";
  find_exposure(made);
  if (const Source* most = worst(sources); made.trigger == Trigger::leak && most != nullptr)
    made.priority = most->priority;
  made.reason = reason_of(made);
  made.order = order_of(made);
}

core::Instant respond_by(const Request& request, Priority priority, core::Instant from) {
  return request.respond_by ? request.respond_by(priority, from) : response(priority, from);
}

const std::string& visibility_of(const Situation& situation, const Settings& settings) {
  return situation.visibility.empty() ? settings.visibility : situation.visibility;
}

bool is_production(const core::Token& token) {
  const std::string environment = lower(token.environment);
  return token.reaches_production.value_or(environment == "production" || environment == "prod" ||
                                           environment == "live");
}

std::optional<core::Instant> value_since(const core::Token& token) {
  if (!token.values.empty() && token.values.front().valid_from) return token.values.front().valid_from;
  return token.last_rotated ? token.last_rotated : token.created;
}

}  // namespace keytrail::ticket
