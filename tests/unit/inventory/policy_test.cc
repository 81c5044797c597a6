#include "scanner/inventory/policy.h"

#include "scanner/base/dates.h"
#include "tests/support/catch.h"

namespace keytrail::inventory {
namespace {

using core::Instant;
using core::Priority;
using core::Tier;
using core::Token;
using core::VerdictKind;

Instant at(const char* text) {
  const auto instant = parse_date(text, DateEnd::first, 0);
  REQUIRE(instant.has_value());
  return *instant;
}

std::string error_of(const std::string& toml) {
  const auto policy = parse_policy(toml, "policy.toml");
  return policy ? "" : policy.error().describe();
}

TEST_CASE("the built-in policy says what the design says") {
  const Policy policy = default_policy();
  CHECK(policy.source == "built-in policy");
  CHECK(policy.tier(Tier::high).rotate_days == 30);
  CHECK(policy.tier(Tier::medium).rotate_days == 90);
  CHECK(policy.tier(Tier::low).rotate_days == 180);
  CHECK(policy.expiring_days == 30);
  CHECK(policy.unused_days == 90);
  CHECK(policy.responses[0].seconds == 300);
  CHECK(policy.responses[1].seconds == 3600);
  CHECK(policy.responses[2].seconds == 86400);
  CHECK(policy.responses[3].next_business_day);
  for (const std::string_view name : priority_names()) {
    INFO(name);
    CHECK(policy.priorities.contains(name));
  }
  CHECK(policy.priority("leaked-privileged") == Priority::p0);
}

TEST_CASE("the built-in policy's text is a policy") {
  CHECK(parse_policy(default_policy_text(), "a.toml").has_value());
}

TEST_CASE("a token's tier is that of the first rule that fits") {
  struct Row {
    const char* name;
    void (*change)(Token&);
    Tier tier;
    const char* rule;
  };
  const Row rows[] = {
      {"nothing is known", [](Token&) {}, Tier::high, "tier.default: no rule fits"},
      {"reaches production", [](Token& t) { t.reaches_production = true; }, Tier::high,
       "tier.high[1]: reaches production data"},
      {"production environment", [](Token& t) { t.environment = "production"; }, Tier::high,
       "tier.high[1]: reaches production data"},
      {"production environment that reaches nothing",
       [](Token& t) {
         t.environment = "production";
         t.reaches_production = false;
         t.can_write = false;
       },
       Tier::medium, "tier.medium[2]: is read-only"},
      {"can write in staging",
       [](Token& t) {
         t.environment = "staging";
         t.can_write = true;
       },
       Tier::high, "tier.high[2]: can write"},
      {"shared",
       [](Token& t) {
         t.access = {"ada", "bob"};
       },
       Tier::high, "tier.high[3]: is shared"},
      {"open to a group", [](Token& t) { t.access = {"team:platform"}; }, Tier::high, "tier.high[3]: is shared"},
      {"one reader in staging",
       [](Token& t) {
         t.access = {"ada"};
         t.environment = "Staging";
       },
       Tier::medium, "tier.medium[1]: is for development or staging"},
      {"under compliance rules", [](Token& t) { t.compliance = "PCI DSS"; }, Tier::high,
       "tier.high[4]: is under compliance rules"},
      {"regulated", [](Token& t) { t.regulated = true; }, Tier::high, "tier.high[4]: is under compliance rules"},
      {"an admin scope",
       [](Token& t) {
         t.environment = "development";
         t.scopes = {"repo:admin"};
       },
       Tier::high, "tier.high[5]: has a privileged scope"},
      {"read-only", [](Token& t) { t.can_write = false; }, Tier::medium, "tier.medium[2]: is read-only"},
      {"personal and limited",
       [](Token& t) {
         t.environment = "personal";
         t.access = {"ada"};
         t.scopes = {"read:org"};
       },
       Tier::medium, "tier.medium[3]: is personal, with limited scope"},
      {"personal of unknown scope",
       [](Token& t) {
         t.environment = "personal";
         t.access = {"ada"};
       },
       Tier::high, "tier.default: no rule fits"},
      {"sandbox",
       [](Token& t) {
         t.environment = "sandbox";
         t.can_write = false;
       },
       Tier::low, "tier.low[1]: is for tests, documentation or a sandbox"},
  };
  const Policy policy = default_policy();
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Token token;
      row.change(token);
      const TierChoice choice = tier_of(token, policy);
      CHECK(choice.tier == row.tier);
      CHECK(choice.rule == row.rule);
    }
  }
}

TEST_CASE("what is wrong in a policy is said in one line with file, line and remedy") {
  struct Row {
    const char* toml;
    const char* want;
  };
  const Row rows[] = {
      {"[tiers]\n", "policy.toml:1: unknown key \"tiers\" in the policy; known are: tier, environments"},
      {"\n[tier.high]\nrotate = 3\n", "policy.toml:3: unknown key \"rotate\" in [tier.high]"},
      {"[tier.high]\nrotate_days = 0\n", "policy.toml:2: rotate_days must be a whole number from 1 to 36500"},
      {"[tier.high]\nrotate_days = \"30\"\n", "policy.toml:2: rotate_days must be a whole number"},
      {"[tier.high]\nrotate_days = 1e2\n", "policy.toml:2: rotate_days must be a whole number"},
      {"[tier.high]\nrotate_days = 400\n", "policy.toml:1: rotate_days of [tier.high] is more than max_lifetime_days"},
      {"[tier.low]\nrules = [{ name = \"x\" }]\n", "policy.toml:2: a rule of a tier needs a condition"},
      {"[tier.low]\nrules = [{ can_write = true }]\n", "policy.toml:2: a rule of a tier needs a name"},
      {"[tier.low]\nrules = [{ name = \"x\", can_write = 1 }]\n", "policy.toml:2: can_write must be true or false"},
      {"[tier.low]\nrules = 3\n", "policy.toml:2: rules must be a list of tables"},
      {"[tier]\ndefault = \"big\"\n", "policy.toml:2: default must be high, medium or low"},
      {"tier = 3\n", "policy.toml:1: tier must be a table"},
      {"[priority]\nleaked = \"P4\"\n", "policy.toml:2: leaked must be \"P0\", \"P1\", \"P2\" or \"P3\""},
      {"[priority]\nleak = \"P1\"\n", "policy.toml:2: unknown key \"leak\" in [priority]"},
      {"[response]\nP1 = \"soon\"\n", "policy.toml:2: P1 must be a time such as \"5m\""},
      {"[response]\nP1 = \"0h\"\n", "policy.toml:2: P1 must be a time"},
      {"[calendar]\nworking_days = []\n", "policy.toml:2: working_days must name one day at least"},
      {"[calendar]\nworking_days = [\"mon\"]\n", "policy.toml:2: working_days must be of sunday, monday"},
      {"[calendar]\nholidays = [\"2026-02-30\"]\n", "policy.toml:2: a date such as 2027-01-31 must stand here"},
      {"[calendar]\nholidays = [\"30d\"]\n", "policy.toml:2: a date such as"},
      {"[required]\nfields = [\"colour\"]\n", "policy.toml:2: unknown field \"colour\"; known are: service"},
      {"[[exception]]\ntokens = [\"a\"]\n",
       "policy.toml:1: an [[exception]] needs tokens, verdicts, approver and until"},
      {"[[exception]]\ntokens = [\"a\"]\nverdicts = [\"leaked\"]\napprover = \"S\"\nuntil = 2027-01-01\n",
       "policy.toml:3: no exception covers \"leaked\": only rotation or revocation ends a leak"},
      {"[[exception]]\nverdicts = [\"old\"]\n", "policy.toml:2: unknown verdict \"old\""},
      {"[warnings]\nexpiring_days = \n", "policy.toml:2: "},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.toml) {
      const std::string error = error_of(row.toml);
      INFO(error);
      CHECK(error.find(row.want) == 0);
      CHECK(error.find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("what a policy leaves out stays as it is built in") {
  const auto policy = parse_policy("[tier.high]\nrotate_days = 7\n", "p.toml");
  REQUIRE(policy.has_value());
  CHECK(policy->tier(Tier::high).rotate_days == 7);
  CHECK(policy->tier(Tier::high).rules.size() == default_policy().tier(Tier::high).rules.size());
  CHECK(policy->tier(Tier::low).rotate_days == 180);
}

TEST_CASE("a next business day skips weekends and holidays and ends with its last second") {
  const auto policy = parse_policy("[calendar]\nholidays = [2026-11-23, \"2028-02-29\"]\n", "p.toml");
  REQUIRE(policy.has_value());
  struct Row {
    const char* from;
    const char* want;
  };
  const Row rows[] = {
      {"2026-11-18T00:00:00Z", "2026-11-19T23:59:59Z"},  // a Wednesday
      {"2026-11-18T23:59:59Z", "2026-11-19T23:59:59Z"},
      {"2026-11-19T00:00:00Z", "2026-11-20T23:59:59Z"},
      {"2026-11-20T12:00:00Z", "2026-11-24T23:59:59Z"},  // a Friday before a Monday that is none
      {"2026-11-21T12:00:00Z", "2026-11-24T23:59:59Z"},
      {"2028-02-28T12:00:00Z", "2028-03-01T23:59:59Z"},  // a leap day that is a holiday
      {"2026-10-23T12:00:00Z", "2026-10-26T23:59:59Z"},  // clocks in Europe change on the 25th
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.from) { CHECK(utc_time(respond_by(*policy, Priority::p3, at(row.from))) == row.want); }
  }
  CHECK(respond_by(*policy, Priority::p0, 1000) == 1300);
  CHECK(respond_by(*policy, Priority::p1, 1000) == 4600);
  CHECK(respond_by(*policy, Priority::p2, 1000) == 87400);
}

TEST_CASE("holidays without end leave a deadline all the same") {
  std::string days;
  for (int day = 10; day < 29; ++day) days += "2026-11-" + std::to_string(day) + ",";
  const auto policy = parse_policy("[calendar]\nworking_days = [\"friday\"]\nholidays = [" + days + "]\n", "p.toml");
  REQUIRE(policy.has_value());
  CHECK(utc_day(respond_by(*policy, Priority::p3, at("2026-11-10"))) == "2026-12-04");
}

TEST_CASE("an exception covers its verdicts until its last second, and never on its owner's word") {
  const auto policy = parse_policy(
      "[[exception]]\ntokens = [\"billing-*\"]\nverdicts = [\"rotation-overdue\"]\napprover = \"Security\"\n"
      "until = 2026-12-31\n",
      "p.toml");
  REQUIRE(policy.has_value());
  Token token;
  token.id = "billing-api";
  const auto covers = [&](VerdictKind kind, const char* now) {
    return find_exception(*policy, token, kind, at(now)) != nullptr;
  };
  CHECK(covers(VerdictKind::rotation_overdue, "2026-12-31T23:59:59Z"));
  CHECK_FALSE(covers(VerdictKind::rotation_overdue, "2027-01-01T00:00:00Z"));
  CHECK_FALSE(covers(VerdictKind::never_rotated, "2026-12-01"));
  token.owner = "security";
  CHECK_FALSE(covers(VerdictKind::rotation_overdue, "2026-12-01"));
  token.owner = "Platform";
  token.id = "search";
  CHECK_FALSE(covers(VerdictKind::rotation_overdue, "2026-12-01"));
}

TEST_CASE("a token's own period counts, but no longer than the longest lifetime") {
  const TierPolicy tier{30, 365, {}};
  Token token;
  CHECK(rotation_days(token, tier) == 30);
  token.rotation_days = 7;
  CHECK(rotation_days(token, tier) == 7);
  token.rotation_days = 90;
  CHECK(rotation_days(token, tier) == 90);
  token.rotation_days = 366;
  CHECK(rotation_days(token, tier) == 365);
  token.rotation_days = 0;
  CHECK(rotation_days(token, tier) == 30);
}

TEST_CASE("patterns match whole texts whatever their case") {
  struct Row {
    const char* pattern;
    const char* text;
    bool want;
  };
  const Row rows[] = {
      {"admin", "Admin", true},
      {"admin", "admins", false},
      {"admin:*", "admin:org", true},
      {"*", "", true},
      {"a*b*c", "aXbYc", true},
      {"a*b*c", "aXbY", false},
      {"\\*", "*", true},
      {"\\*", "x", false},
      {"*:\\*", "s3:*", true},
      {"*:\\*", "s3:Get", false},
      {"", "", true},
      {"", "a", false},
      {"*a", "aaaaab", false},
      {"a*", "a", true},
      {"full*access", "fullAccess", true},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.pattern << " and " << row.text) { CHECK(matches_pattern(row.pattern, row.text) == row.want); }
  }
}

TEST_CASE("required fields and secret stores are told") {
  const Policy policy = default_policy();
  Token token;
  CHECK(missing_fields(token, policy) ==
        std::vector<std::string>{"service", "provider", "environment", "purpose", "owner", "storage", "created"});
  CHECK_FALSE(in_secret_store(token, policy));
  token.storage = "vault:kv/billing/stripe";
  CHECK(in_secret_store(token, policy));
  token.storage = "wiki page";
  CHECK_FALSE(in_secret_store(token, policy));
}

}  // namespace
}  // namespace keytrail::inventory
