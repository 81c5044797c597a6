#include "scanner/inventory/verdicts.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "scanner/base/dates.h"
#include "scanner/inventory/reason.h"

namespace keytrail::inventory {
namespace {

using core::Instant;
using core::Priority;
using core::Token;
using core::TokenState;
using core::TokenStatus;
using core::Verdict;
using core::VerdictKind;

constexpr std::size_t kShortId = 12;
constexpr Instant kNever = INT64_MAX;

VerdictKind leak_kind(const Token& token, const core::TokenLink& link, Instant first, Instant now) {
  if (token.state == TokenState::revoked) return VerdictKind::leaked_revoked;
  if (link.probable) {
    const auto made = value_created(token);
    return made && *made > first ? VerdictKind::leaked_superseded : VerdictKind::leaked;
  }
  const std::optional<Instant> until =
      link.value < token.values.size() ? token.values[link.value].valid_until : std::nullopt;
  if (until && *until > now) return VerdictKind::leaked;
  if (link.value == 0 && !until) return VerdictKind::leaked;
  // Both values are accepted until the rotation is done.
  return token.state == TokenState::rotating && link.value == 1 ? VerdictKind::leaked : VerdictKind::leaked_superseded;
}

// The line of [priority] that says how urgent an open leak is.
std::string_view leak_priority(const Token& token, const Exposure& exposure, const Policy& policy) {
  if (token.state == TokenState::compromised) return "leaked-privileged";
  const bool is_expired = token.state == TokenState::expired;
  std::string_view name = "leaked";
  if (is_expired) {
    name = "leaked-expired";
  } else if (is_privileged(token, policy)) {
    name = "leaked-privileged";
  }
  if (exposure.is_public && policy.priority("leaked-public") < policy.priority(name)) return "leaked-public";
  return name;
}

std::string exposed(const Exposure& exposure) {
  if (exposure.first) return ", first exposed " + exposure.where + " on " + utc_day(*exposure.first);
  return ", exposed " + exposure.where;
}

std::string ending(VerdictKind kind, const Token& token, const core::TokenLink& link) {
  switch (kind) {
    case VerdictKind::leaked_revoked:
      return ", revoked since";
    case VerdictKind::leaked_superseded: {
      const auto made = value_created(token);
      return made ? ", replaced on " + utc_day(*made) : ", replaced since";
    }
    default:
      break;
  }
  if (token.state == TokenState::expired) return ", expired but not revoked";
  if (token.state == TokenState::compromised) return ", known to be compromised and not revoked";
  if (link.value > 0) return ", being rotated, and the old value is still valid";
  return ", still valid";
}

std::string_view untracked_priority(core::Severity severity) {
  switch (severity) {
    case core::Severity::critical:
      return "untracked-critical";
    case core::Severity::high:
      return "untracked-high";
    case core::Severity::medium:
      return "untracked-medium";
    default:
      return "untracked-low";
  }
}

Verdict untracked(const Exposure& exposure, const Policy& policy, Instant now) {
  Verdict verdict;
  verdict.kind = VerdictKind::untracked;
  std::string_view name = untracked_priority(exposure.severity);
  if (exposure.is_public && policy.priority("leaked-public") < policy.priority(name)) name = "leaked-public";
  verdict.priority = policy.priority(name);
  verdict.rule = "priority." + std::string(name);
  verdict.due = respond_by(policy, verdict.priority, now);
  verdict.since = exposure.first;
  verdict.reason = "a secret that no token of the inventory has" + exposed(exposure) +
                   (exposure.is_public ? ", in public" : "") +
                   ": find its owner, revoke or rotate it, and enter it into the inventory";
  return verdict;
}

Verdict leak(const TokenStatus& status, const Exposure& exposure, const Policy& policy, Instant now) {
  const Token& token = status.token;
  const core::TokenLink& link = *exposure.link;
  Verdict verdict;
  verdict.kind = leak_kind(token, link, exposure.first.value_or(now), now);
  verdict.open = verdict.kind == VerdictKind::leaked;
  verdict.probable = link.probable;
  verdict.token = token.id;
  verdict.since = exposure.first;
  const std::string_view name = verdict.open ? leak_priority(token, exposure, policy) : core::to_string(verdict.kind);
  verdict.priority = policy.priority(name);
  verdict.rule = "priority." + std::string(name);
  if (verdict.open) verdict.due = respond_by(policy, verdict.priority, now);
  verdict.reason = (link.probable ? "probably " : "") + subject_of(token);
  if (link.probable) verdict.reason += " (by " + join_in_words(link.joined_by) + ")";
  verdict.reason += history_of(token, now) + exposed(exposure) + (exposure.is_public ? ", in public" : "") +
                    ending(verdict.kind, token, link);
  return verdict;
}

// The environment that a path speaks of: "deploy/production/app.env".
std::string_view environment_of(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kWords = {{{"production", "production"},
                                                                                    {"prod", "production"},
                                                                                    {"live", "production"},
                                                                                    {"staging", "staging"},
                                                                                    {"stage", "staging"},
                                                                                    {"development", "development"},
                                                                                    {"dev", "development"},
                                                                                    {"sandbox", "sandbox"},
                                                                                    {"qa", "qa"}}};
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find_first_of("/._-", begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    for (const auto& [word, environment] : kWords) {
      if (matches_pattern(word, part)) return environment;
    }
    begin = end + 1;
  }
  return {};
}

class Judge {
 public:
  Judge(std::vector<Token> tokens, const Policy& policy, Instant now) : policy_(policy), now_(now) {
    verdicts_.tokens.reserve(tokens.size());
    for (Token& token : tokens) {
      TokenStatus& status = verdicts_.tokens.emplace_back();
      status.token = std::move(token);
      TierChoice choice = tier_of(status.token, policy);
      status.tier = choice.tier;
      status.tier_rule = std::move(choice.rule);
      status.rotate_by = rotate_by(status.token, policy, status.tier);
      status.missing = missing_fields(status.token, policy);
      status.in_secret_store = in_secret_store(status.token, policy);
      add_token_verdicts(status, policy, now);
    }
    add_reused(verdicts_.tokens, policy, now);
  }

  Verdicts run(const std::vector<Exposure>& exposures) {
    if (!exposures.empty()) index();
    for (const Exposure& exposure : exposures) {
      const auto found = exposure.link ? by_id_.find(exposure.link->token) : by_id_.end();
      if (found == by_id_.end()) {
        verdicts_.exposures.push_back(untracked(exposure, policy_, now_));
        continue;
      }
      TokenStatus& status = verdicts_.tokens[found->second];
      verdicts_.exposures.push_back(leak(status, exposure, policy_, now_));
      // Somebody said that it is none; a value that is the token's own proves them wrong.
      if (exposure.suppressed && exposure.link->probable) continue;
      add_leak(status, verdicts_.exposures.back());
      note_environments(found->second, exposure);
    }
    add_spread();
    for (TokenStatus& status : verdicts_.tokens) sort_verdicts(status.verdicts);
    return std::move(verdicts_);
  }

 private:
  void index() {
    by_id_.reserve(verdicts_.tokens.size());
    for (std::size_t i = 0; i < verdicts_.tokens.size(); ++i) by_id_.emplace(verdicts_.tokens[i].token.id, i);
  }

  // One verdict of a kind for each token: the surest, most urgent and earliest.
  static void add_leak(TokenStatus& status, const Verdict& verdict) {
    for (Verdict& known : status.verdicts) {
      if (known.kind != verdict.kind) continue;
      const auto rank = [](const Verdict& v) { return std::tuple(v.probable, v.priority, v.since.value_or(kNever)); };
      if (rank(verdict) < rank(known)) known = verdict;
      return;
    }
    status.verdicts.push_back(verdict);
  }

  void note_environments(std::size_t token, const Exposure& exposure) {
    if (exposure.link->probable) return;
    for (const std::string& path : exposure.paths) {
      if (const std::string_view name = environment_of(path); !name.empty()) environments_[token].insert(name);
    }
  }

  // A token whose value stands in the files of two environments.
  void add_spread() {
    for (const auto& [token, names] : environments_) {
      TokenStatus& status = verdicts_.tokens[token];
      const auto is_reused = [](const Verdict& verdict) { return verdict.kind == VerdictKind::reused; };
      if (names.size() < 2 || !is_in_use(status.token)) continue;
      if (std::any_of(status.verdicts.begin(), status.verdicts.end(), is_reused)) continue;
      Verdict verdict = make_verdict(VerdictKind::reused, status, policy_, now_);
      verdict.rule = "one value for each token, service and environment";
      std::string list;
      for (const std::string_view name : names) list.append(list.empty() ? "" : " and of ").append(name);
      verdict.reason = subject_of(status.token) + history_of(status.token, now_) + ", stands in files of " + list;
      status.verdicts.push_back(std::move(verdict));
    }
  }

  static void sort_verdicts(std::vector<Verdict>& verdicts) {
    std::stable_sort(verdicts.begin(), verdicts.end(), [](const Verdict& a, const Verdict& b) {
      return std::tuple(!a.open, a.priority, a.kind) < std::tuple(!b.open, b.priority, b.kind);
    });
  }

  const Policy& policy_;
  Instant now_;
  Verdicts verdicts_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
  std::unordered_map<std::size_t, std::set<std::string_view>> environments_;
};

core::Severity severity_of(const Verdict& verdict, core::Severity of_rule, bool is_public) {
  if (verdict.kind == VerdictKind::untracked) {
    return is_public ? std::max(of_rule, core::Severity::high) : of_rule;
  }
  if (!verdict.open) return core::Severity::info;
  constexpr std::array<core::Severity, 4> kSeverities = {core::Severity::critical, core::Severity::high,
                                                         core::Severity::medium, core::Severity::low};
  return kSeverities[static_cast<std::size_t>(verdict.priority)];
}

}  // namespace

Exposure exposure_of(const core::Finding& finding, bool is_public) {
  Exposure exposure;
  exposure.link = finding.token;
  exposure.severity = finding.severity;
  exposure.rule = finding.rule;
  exposure.is_public = is_public;
  exposure.suppressed = finding.suppressed.has_value();
  for (const core::Occurrence& occurrence : finding.occurrences) {
    if (!occurrence.path.empty() && (exposure.paths.empty() || exposure.paths.back() != occurrence.path)) {
      exposure.paths.push_back(occurrence.path);
    }
    const auto& home = occurrence.home;
    if (!home || !home->has_commit()) continue;
    if (exposure.first && *exposure.first <= home->commit_time) continue;
    exposure.first = home->commit_time;
    exposure.where = "in commit " + home->commit.hex().substr(0, kShortId);
  }
  if (!exposure.first) exposure.where = exposure.paths.empty() ? "in what was scanned" : "in " + exposure.paths.front();
  return exposure;
}

Verdicts judge(std::vector<Token> tokens, const std::vector<Exposure>& exposures, const Policy& policy, Instant now) {
  return Judge(std::move(tokens), policy, now).run(exposures);
}

void sort_by_urgency(std::vector<TokenStatus>& tokens) {
  // Statuses are large: their places are sorted.
  using Key = std::tuple<bool, Priority, Instant, std::string_view, std::size_t>;
  std::vector<Key> keys;
  keys.reserve(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view id = tokens[i].token.id;
    if (tokens[i].verdicts.empty()) {
      keys.emplace_back(true, Priority::p3, kNever, id, i);
      continue;
    }
    const Verdict& worst = tokens[i].verdicts.front();
    keys.emplace_back(!worst.open, worst.priority, worst.since.value_or(worst.due.value_or(kNever)), id, i);
  }
  std::sort(keys.begin(), keys.end());
  std::vector<TokenStatus> sorted;
  sorted.reserve(tokens.size());
  for (const Key& key : keys) sorted.push_back(std::move(tokens[std::get<std::size_t>(key)]));
  tokens = std::move(sorted);
}

void judge_report(core::ScanReport& report, std::vector<Token> tokens, const Policy& policy, bool is_public,
                  Instant now) {
  std::vector<Exposure> exposures;
  exposures.reserve(report.findings.size());
  for (const core::Finding& finding : report.findings) exposures.push_back(exposure_of(finding, is_public));
  Verdicts verdicts = judge(std::move(tokens), exposures, policy, now);
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    core::Finding& finding = report.findings[i];
    finding.severity = severity_of(verdicts.exposures[i], finding.severity, is_public);
    if (verdicts.exposures[i].kind == VerdictKind::untracked) finding.token.reset();
    finding.verdict = std::move(verdicts.exposures[i]);
  }
  core::sort_findings(report.findings);
  for (TokenStatus& status : verdicts.tokens) {
    if (!status.verdicts.empty()) report.tokens.push_back(std::move(status));
  }
  sort_by_urgency(report.tokens);
}

}  // namespace keytrail::inventory
