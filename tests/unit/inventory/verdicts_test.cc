#include "scanner/inventory/verdicts.h"

#include <algorithm>

#include "scanner/base/dates.h"
#include "tests/support/catch.h"

namespace keytrail::inventory {
namespace {

using core::Instant;
using core::Priority;
using core::Severity;
using core::Tier;
using core::Token;
using core::TokenLink;
using core::TokenState;
using core::Verdict;
using core::VerdictKind;

constexpr Instant kNow = 1790000000;  // 2026-09-21T14:13:20Z, a Monday
constexpr Instant kDay = 86400;

// Nothing of it is worth a verdict.
Token calm() {
  Token t;
  t.id = "billing-stripe";
  t.service = "billing-api";
  t.provider = "stripe";
  t.environment = "production";
  t.owner = "Platform";
  t.purpose = "charges";
  t.storage = "vault:kv/billing";
  t.created = kNow - 10 * kDay;
  t.last_used = kNow - kDay;
  t.access = {"billing-api"};
  t.values = {{"keytrail", std::string(64, 'a'), 32, "abcd", kNow - 10 * kDay, std::nullopt}};
  return t;
}

Exposure found(std::uint32_t value, bool probable = false) {
  Exposure exposure;
  exposure.link = TokenLink{"billing-stripe", value, probable, probable ? "last-four" : "value"};
  exposure.first = kNow - 5 * kDay;
  exposure.where = "in commit 1a2b3c4d5e6f";
  return exposure;
}

Verdict verdict_on(const Token& token, const Exposure& exposure, const Policy& policy = default_policy()) {
  return judge({token}, {exposure}, policy, kNow).exposures.at(0);
}

std::vector<VerdictKind> kinds(const Token& token, Instant now = kNow, const Policy& policy = default_policy()) {
  std::vector<VerdictKind> list;
  const Verdicts verdicts = judge({token}, {}, policy, now);
  for (const Verdict& verdict : verdicts.tokens.at(0).verdicts) list.push_back(verdict.kind);
  return list;
}

bool has(const Token& token, VerdictKind kind, Instant now = kNow) {
  const auto list = kinds(token, now);
  return std::find(list.begin(), list.end(), kind) != list.end();
}

TEST_CASE("a token that keeps to the policy has no verdict") { CHECK(kinds(calm()).empty()); }

TEST_CASE("only rotation or revocation closes a leak") {
  struct Row {
    const char* name;
    void (*change)(Token&, Exposure&);
    VerdictKind kind;
    bool open;
  };
  const Row rows[] = {
      {"the current value", [](Token&, Exposure&) {}, VerdictKind::leaked, true},
      {"the current value, in a commit that says it is older", [](Token&, Exposure& e) { e.first = kNow - 100 * kDay; },
       VerdictKind::leaked, true},
      {"the current value, in no commit", [](Token&, Exposure& e) { e.first.reset(); }, VerdictKind::leaked, true},
      {"an earlier value", [](Token&, Exposure& e) { e.link->value = 1; }, VerdictKind::leaked_superseded, false},
      {"an earlier value that is valid for a second more",
       [](Token& t, Exposure& e) {
         e.link->value = 1;
         t.values.at(1).valid_until = kNow + 1;
       },
       VerdictKind::leaked, true},
      {"an earlier value that ends now",
       [](Token& t, Exposure& e) {
         e.link->value = 1;
         t.values.at(1).valid_until = kNow;
       },
       VerdictKind::leaked_superseded, false},
      {"an earlier value while the token is being rotated",
       [](Token& t, Exposure& e) {
         e.link->value = 1;
         t.state = TokenState::rotating;
       },
       VerdictKind::leaked, true},
      {"a value that ended and was followed by one that is not entered",
       [](Token& t, Exposure&) { t.values.at(0).valid_until = kNow - kDay; }, VerdictKind::leaked_superseded, false},
      {"a revoked token", [](Token& t, Exposure&) { t.state = TokenState::revoked; }, VerdictKind::leaked_revoked,
       false},
      {"an expired token", [](Token& t, Exposure&) { t.state = TokenState::expired; }, VerdictKind::leaked, true},
      {"probably it, made before the exposure",
       [](Token& t, Exposure& e) {
         e = found(0, true);
         t.values.at(0).valid_from = *e.first - 1;
       },
       VerdictKind::leaked, true},
      {"probably it, made at the exposure",
       [](Token& t, Exposure& e) {
         e = found(0, true);
         t.values.at(0).valid_from = *e.first;
       },
       VerdictKind::leaked, true},
      {"probably it, made after the exposure",
       [](Token& t, Exposure& e) {
         e = found(0, true);
         t.values.at(0).valid_from = *e.first + 1;
       },
       VerdictKind::leaked_superseded, false},
      {"probably it, rotated after the exposure",
       [](Token& t, Exposure& e) {
         e = found(0, true);
         t.values.clear();
         t.created = *e.first - 100 * kDay;
         t.last_rotated = *e.first + 1;
       },
       VerdictKind::leaked_superseded, false},
      {"probably it, of unknown age",
       [](Token& t, Exposure& e) {
         e = found(0, true);
         t.values.clear();
         t.created.reset();
       },
       VerdictKind::leaked, true},
      {"probably it, in no commit",
       [](Token&, Exposure& e) {
         e = found(0, true);
         e.first.reset();
       },
       VerdictKind::leaked, true},
      {"nobody's", [](Token&, Exposure& e) { e.link.reset(); }, VerdictKind::untracked, true},
      {"a token that is gone", [](Token&, Exposure& e) { e.link->token = "gone"; }, VerdictKind::untracked, true},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Token token = calm();
      token.values.push_back({"keytrail", std::string(64, 'b'), 32, "bbbb", kNow - 60 * kDay, kNow - 10 * kDay});
      Exposure exposure = found(0);
      row.change(token, exposure);
      const Verdict verdict = verdict_on(token, exposure);
      CHECK(verdict.kind == row.kind);
      CHECK(verdict.open == row.open);
      CHECK(verdict.due.has_value() == row.open);
      CHECK(verdict.probable == (exposure.link && exposure.link->probable));
    }
  }
}

TEST_CASE("how urgent a leak is") {
  struct Row {
    const char* name;
    void (*change)(Token&, Exposure&);
    Priority priority;
    Instant within;  // seconds; 0: no deadline
  };
  const Row rows[] = {
      {"production", [](Token&, Exposure&) {}, Priority::p0, 300},
      {"staging", [](Token& t, Exposure&) { t.environment = "staging"; }, Priority::p1, 3600},
      {"staging with an admin scope",
       [](Token& t, Exposure&) {
         t.environment = "staging";
         t.scopes = {"admin:org"};
       },
       Priority::p0, 300},
      {"staging that reaches production",
       [](Token& t, Exposure&) {
         t.environment = "staging";
         t.reaches_production = true;
       },
       Priority::p0, 300},
      {"compromised",
       [](Token& t, Exposure&) {
         t.environment = "test";
         t.state = TokenState::compromised;
       },
       Priority::p0, 300},
      {"expired", [](Token& t, Exposure&) { t.state = TokenState::expired; }, Priority::p2, 86400},
      {"expired, in public",
       [](Token& t, Exposure& e) {
         t.state = TokenState::expired;
         e.is_public = true;
       },
       Priority::p1, 3600},
      {"production in public", [](Token&, Exposure& e) { e.is_public = true; }, Priority::p0, 300},
      {"revoked, in public",
       [](Token& t, Exposure& e) {
         t.state = TokenState::revoked;
         e.is_public = true;
       },
       Priority::p3, 0},
      {"untracked and critical",
       [](Token&, Exposure& e) {
         e.link.reset();
         e.severity = Severity::critical;
       },
       Priority::p1, 3600},
      {"untracked and medium",
       [](Token&, Exposure& e) {
         e.link.reset();
         e.severity = Severity::medium;
       },
       Priority::p2, 86400},
      {"untracked and medium, in public",
       [](Token&, Exposure& e) {
         e.link.reset();
         e.severity = Severity::medium;
         e.is_public = true;
       },
       Priority::p1, 3600},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Token token = calm();
      Exposure exposure = found(0);
      row.change(token, exposure);
      const Verdict verdict = verdict_on(token, exposure);
      CHECK(verdict.priority == row.priority);
      CHECK(verdict.due.value_or(kNow) - kNow == row.within);
    }
  }
}

TEST_CASE("the verdicts on tokens begin and end where the policy says") {
  struct Row {
    const char* name;
    VerdictKind kind;
    void (*change)(Token&);
    bool want;
  };
  const Row rows[] = {
      {"production, 30 days but a second", VerdictKind::never_rotated,
       [](Token& t) { t.values[0].valid_from = t.created = kNow - 30 * kDay + 1; }, false},
      {"production, 30 days", VerdictKind::never_rotated,
       [](Token& t) { t.values[0].valid_from = t.created = kNow - 30 * kDay; }, false},
      {"production, 30 days and a second", VerdictKind::never_rotated,
       [](Token& t) { t.values[0].valid_from = t.created = kNow - 30 * kDay - 1; }, true},
      {"of unknown age", VerdictKind::never_rotated,
       [](Token& t) {
         t.values.clear();
         t.created.reset();
       },
       true},
      {"of unknown age and revoked", VerdictKind::never_rotated,
       [](Token& t) {
         t.values.clear();
         t.created.reset();
         t.state = TokenState::revoked;
       },
       false},
      {"never rotated is not overdue too", VerdictKind::rotation_overdue,
       [](Token& t) { t.values[0].valid_from = t.created = kNow - 300 * kDay; }, false},
      {"rotated 30 days ago", VerdictKind::rotation_overdue,
       [](Token& t) { t.values[0].valid_from = t.last_rotated = kNow - 30 * kDay; }, false},
      {"rotated a second before that", VerdictKind::rotation_overdue,
       [](Token& t) { t.values[0].valid_from = t.last_rotated = kNow - 30 * kDay - 1; }, true},
      {"its own period of 60 days, not over", VerdictKind::rotation_overdue,
       [](Token& t) {
         t.values[0].valid_from = t.last_rotated = kNow - 60 * kDay;
         t.rotation_days = 60;
       },
       false},
      {"its own period of 60 days, over", VerdictKind::rotation_overdue,
       [](Token& t) {
         t.values[0].valid_from = t.last_rotated = kNow - 60 * kDay - 1;
         t.rotation_days = 60;
       },
       true},
      {"its own period of 1000 days ends with the longest lifetime", VerdictKind::rotation_overdue,
       [](Token& t) {
         t.values[0].valid_from = t.last_rotated = kNow - 365 * kDay - 1;
         t.rotation_days = 1000;
       },
       true},
      {"staging, 90 days", VerdictKind::never_rotated,
       [](Token& t) {
         t.environment = "staging";
         t.values[0].valid_from = t.created = kNow - 90 * kDay;
       },
       false},
      {"staging, 90 days and a second", VerdictKind::never_rotated,
       [](Token& t) {
         t.environment = "staging";
         t.values[0].valid_from = t.created = kNow - 90 * kDay - 1;
       },
       true},
      {"sandbox, 180 days", VerdictKind::never_rotated,
       [](Token& t) {
         t.environment = "sandbox";
         t.values[0].valid_from = t.created = kNow - 180 * kDay;
       },
       false},
      {"sandbox, 180 days and a second", VerdictKind::never_rotated,
       [](Token& t) {
         t.environment = "sandbox";
         t.values[0].valid_from = t.created = kNow - 180 * kDay - 1;
       },
       true},
      {"expires in 30 days and a second", VerdictKind::expiring, [](Token& t) { t.expires = kNow + 30 * kDay + 1; },
       false},
      {"expires in 30 days", VerdictKind::expiring, [](Token& t) { t.expires = kNow + 30 * kDay; }, true},
      {"expires in a second", VerdictKind::expiring, [](Token& t) { t.expires = kNow + 1; }, true},
      {"expires now", VerdictKind::expiring, [](Token& t) { t.expires = kNow; }, false},
      {"expires in a second: not expired", VerdictKind::expired_active, [](Token& t) { t.expires = kNow + 1; }, false},
      {"expired now", VerdictKind::expired_active, [](Token& t) { t.expires = kNow; }, true},
      {"expired and known to be", VerdictKind::expired_active,
       [](Token& t) {
         t.expires = kNow - 1;
         t.state = TokenState::expired;
       },
       false},
      {"no owner", VerdictKind::no_owner, [](Token& t) { t.owner.clear(); }, true},
      {"a blank owner", VerdictKind::no_owner, [](Token& t) { t.owner = "  "; }, true},
      {"no owner, revoked", VerdictKind::no_owner,
       [](Token& t) {
         t.owner.clear();
         t.state = TokenState::revoked;
       },
       false},
      {"one reader", VerdictKind::shared, [](Token& t) { t.access = {"ada"}; }, false},
      {"two readers", VerdictKind::shared,
       [](Token& t) {
         t.access = {"ada", "bob"};
       },
       true},
      {"a group", VerdictKind::shared, [](Token& t) { t.access = {"group:all"}; }, true},
      {"a narrow scope", VerdictKind::over_privileged, [](Token& t) { t.scopes = {"charges:write"}; }, false},
      {"every scope", VerdictKind::over_privileged,
       [](Token& t) {
         t.scopes = {"charges:write", "*"};
       },
       true},
      {"staging that reaches production", VerdictKind::over_privileged,
       [](Token& t) {
         t.environment = "staging";
         t.reaches_production = true;
       },
       true},
      {"used 90 days ago but a second", VerdictKind::unused, [](Token& t) { t.last_used = kNow - 90 * kDay + 1; },
       false},
      {"used 90 days ago", VerdictKind::unused, [](Token& t) { t.last_used = kNow - 90 * kDay; }, true},
      {"use unknown", VerdictKind::unused, [](Token& t) { t.last_used.reset(); }, false},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Token token = calm();
      row.change(token);
      CHECK(has(token, row.kind) == row.want);
    }
  }
}

TEST_CASE("leap days and the change of clocks move no deadline") {
  Token token = calm();
  const auto day = [](const char* text) { return *parse_date(text, DateEnd::first, 0); };
  token.values[0].valid_from = token.created = day("2028-02-01T12:00:00Z");
  const auto due = rotate_by(token, default_policy(), Tier::high);
  CHECK(utc_time(due.value_or(0)) == "2028-03-02T12:00:00Z");
  token.values[0].valid_from = token.created = day("2027-02-01T12:00:00Z");
  CHECK(utc_time(rotate_by(token, default_policy(), Tier::high).value_or(0)) == "2027-03-03T12:00:00Z");
  token.values[0].valid_from = token.created = day("2026-10-01T12:00:00+02:00");
  CHECK(utc_time(rotate_by(token, default_policy(), Tier::high).value_or(0)) == "2026-10-31T10:00:00Z");
}

TEST_CASE("one value in two tokens is reused") {
  Token other = calm();
  other.id = "billing-stripe-staging";
  other.environment = "staging";
  Token third = calm();
  third.id = "search";
  third.values[0].fingerprint = std::string(64, 'c');
  Token revoked = calm();
  revoked.id = "revoked";
  revoked.state = TokenState::revoked;
  const auto statuses = judge({calm(), other, third, revoked}, {}, default_policy(), kNow).tokens;
  REQUIRE(statuses[0].verdicts.size() == 1);
  CHECK(statuses[0].verdicts[0].kind == VerdictKind::reused);
  CHECK(statuses[0].verdicts[0].reason.find("the same value as billing-api's staging Stripe token") !=
        std::string::npos);
  CHECK(statuses[1].verdicts.size() == 1);
  CHECK(statuses[2].verdicts.empty());
  CHECK(statuses[3].verdicts.empty());
}

TEST_CASE("a value in the files of two environments is reused") {
  Exposure exposure = found(0);
  exposure.paths = {"deploy/production/app.env", "deploy/staging/app.env"};
  const auto reused = [&] {
    const auto statuses = judge({calm()}, {exposure}, default_policy(), kNow).tokens;
    const auto& list = statuses[0].verdicts;
    return std::any_of(list.begin(), list.end(), [](const Verdict& v) { return v.kind == VerdictKind::reused; });
  };
  CHECK(reused());
  exposure.paths = {"deploy/production/app.env", "deploy/prod.env"};
  CHECK_FALSE(reused());
  exposure.paths = {"deploy/production/app.env", "src/devices.cc"};
  CHECK_FALSE(reused());
}

TEST_CASE("a reason can be read by who never saw the tool") {
  Token token = calm();
  token.created = token.values[0].valid_from = kNow - 412 * kDay;
  Exposure exposure = found(0);
  exposure.first = *parse_date("2026-03-01", DateEnd::first, 0);
  CHECK(verdict_on(token, exposure).reason ==
        "billing-api's production Stripe token, owner Platform, created 412 days ago, never rotated, first exposed in "
        "commit 1a2b3c4d5e6f on 2026-03-01, still valid");
  token.state = TokenState::revoked;
  CHECK(verdict_on(token, exposure).reason.ends_with("on 2026-03-01, revoked since"));
  token.state = TokenState::active;
  exposure.link->probable = true;
  exposure.link->joined_by = "last-four";
  CHECK(
      verdict_on(token, exposure)
          .reason.starts_with(
              "probably billing-api's production Stripe token (by its kind and last four characters), owner Platform"));
  token.service.clear();
  token.provider = "own";
  CHECK(verdict_on(token, exposure).reason.starts_with("probably the production token billing-stripe (by"));
}

TEST_CASE("an exception lowers the urgency, names who approved it, and moves the deadline to its end") {
  const auto policy = parse_policy(
      "[[exception]]\ntokens = [\"billing-*\"]\nverdicts = [\"never-rotated\"]\napprover = \"Security\"\n"
      "reason = \"contract ends\"\nuntil = 2026-12-31\n",
      "p.toml");
  REQUIRE(policy.has_value());
  Token token = calm();
  token.created = token.values[0].valid_from = kNow - 300 * kDay;
  const auto statuses = judge({token}, {}, *policy, kNow).tokens;
  REQUIRE(statuses[0].verdicts.size() == 1);
  const Verdict& verdict = statuses[0].verdicts[0];
  CHECK(verdict.priority == Priority::p3);
  CHECK(verdict.exception == "approved by Security until 2026-12-31: contract ends");
  CHECK(utc_time(verdict.due.value_or(0)) == "2026-12-31T23:59:59Z");
}

TEST_CASE("a probable join is never merged with an exact one") {
  const Verdicts verdicts = judge({calm()}, {found(0, true), found(0)}, default_policy(), kNow);
  CHECK(verdicts.exposures[0].probable);
  CHECK_FALSE(verdicts.exposures[1].probable);
  // The token's own verdict is the sure one.
  REQUIRE(verdicts.tokens[0].verdicts.size() == 1);
  CHECK_FALSE(verdicts.tokens[0].verdicts[0].probable);
}

TEST_CASE("a finding's severity is its verdict's") {
  struct Row {
    const char* name;
    void (*change)(Token&, core::Finding&);
    bool is_public;
    Severity want;
  };
  const Row rows[] = {
      {"production", [](Token&, core::Finding&) {}, false, Severity::critical},
      {"staging", [](Token& t, core::Finding&) { t.environment = "staging"; }, false, Severity::high},
      {"expired", [](Token& t, core::Finding&) { t.state = TokenState::expired; }, false, Severity::medium},
      {"revoked", [](Token& t, core::Finding&) { t.state = TokenState::revoked; }, false, Severity::info},
      {"untracked", [](Token&, core::Finding& f) { f.token.reset(); }, false, Severity::medium},
      {"untracked in public", [](Token&, core::Finding& f) { f.token.reset(); }, true, Severity::high},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      core::ScanReport report;
      core::Finding finding;
      finding.rule = "stripe-secret-key";
      finding.severity = Severity::medium;
      finding.token = TokenLink{"billing-stripe", 0, false, "value"};
      Token token = calm();
      row.change(token, finding);
      report.findings = {finding};
      judge_report(report, {token}, default_policy(), row.is_public, kNow);
      CHECK(report.findings[0].severity == row.want);
      REQUIRE(report.findings[0].verdict.has_value());
    }
  }
}

TEST_CASE("the first exposure is the earliest commit's, by its committer") {
  core::Finding finding;
  for (const Instant time : {kNow - 3 * kDay, kNow - 7 * kDay, kNow - 5 * kDay}) {
    core::Occurrence occurrence;
    occurrence.path = "app.env";
    occurrence.home.emplace();
    occurrence.home->commit = core::ObjectId::from_hex(std::string(39, '1') + std::to_string(time / kDay % 10)).value();
    occurrence.home->author_time = 5;
    occurrence.home->commit_time = time;
    finding.occurrences.push_back(occurrence);
  }
  const Exposure exposure = exposure_of(finding, false);
  CHECK(exposure.first == kNow - 7 * kDay);
  CHECK(exposure.where == "in commit 111111111111");
  CHECK(exposure.paths == std::vector<std::string>{"app.env"});
}

TEST_CASE("worst first, then what waits longest") {
  Token overdue = calm();
  overdue.id = "a";
  overdue.created = overdue.values[0].valid_from = kNow - 100 * kDay;
  Token longer = overdue;
  longer.id = "b";
  longer.created = longer.values[0].valid_from = kNow - 200 * kDay;
  overdue.values[0].fingerprint = std::string(64, 'd');
  Token leaked = calm();
  auto statuses = judge({overdue, longer, leaked}, {found(0)}, default_policy(), kNow).tokens;
  sort_by_urgency(statuses);
  CHECK(statuses[0].token.id == "billing-stripe");
}

}  // namespace
}  // namespace keytrail::inventory
