#include "scanner/ticket/situation.h"

#include <nlohmann/json.hpp>

#include "scanner/ticket/text.h"
#include "scanner/ticket/ticket_json.h"
#include "tests/support/catch.h"
#include "tests/unit/ticket/situations.h"

namespace keytrail::ticket {
namespace {

using nlohmann::json;

// Made at run time: none stands in the repository.
std::string made_value() {
  std::string value = std::string("gh") + "p_";
  const std::string letters = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
  for (const char c : letters) value += static_cast<char>(c == '0' ? '9' : c);
  return value;
}

// A report that has the value in every text that could carry one.
json planted(const std::string& value) {
  json place = {{"path", "dir/" + value + "/a.env"},
                {"kind", "git-blob"},
                {"start_line", 3},
                {"blob", std::string(40, 'a')},
                {"commit", std::string(40, 'b')},
                {"author", value + " <" + value + "@example.org>"},
                {"date", "2026-11-01T10:00:00Z"},
                {"removed_by", nullptr},
                {"at_tip", true},
                {"reachable", true},
                {"refs", json::array({value})},
                {"held_by", value}};
  json verdict = {{"kind", "leaked"}, {"priority", "P0"},
                  {"token", "t1"},    {"reason", "found " + value},
                  {"rule", value},    {"due", "2026-11-20T11:00:00Z"},
                  {"open", true},     {"exception", ""}};
  json token = {{"id", "t1"},
                {"service", value},
                {"provider", "github"},
                {"kind", value},
                {"environment", value},
                {"purpose", "uses " + value},
                {"owner", value},
                {"backup_owner", value},
                {"access", json::array({value})},
                {"scopes", json::array({value})},
                {"compliance", value},
                {"storage", "vault:" + value},
                {"approver", value},
                {"dependents", json::array({value})},
                {"state", "active"},
                {"identifiers", {{"user", value}, {"host", value}}},
                {"labels", {{"note", value}}},
                {"values", json::array({{{"scheme", value}, {"last_four", value}}})},
                {"tier", "high"},
                {"tier_rule", value},
                {"verdicts", json::array({verdict})}};
  json finding = {{"rule", "github-personal-access-token"},
                  {"rule_name", value},
                  {"provider", value},
                  {"severity", "high"},
                  {"fingerprint", std::string(32, 'c')},
                  {"secret", "ghp_****"},
                  {"value", value},
                  {"occurrences", json::array({place})},
                  {"facts", {{"account", value}}},
                  {"token", {{"id", "t1"}, {"value", 0}}},
                  {"verdict", verdict},
                  {"suppressed", nullptr}};
  return {{"schema_version", 1},
          {"mode", "history"},
          {"root", "/srv/" + value},
          {"repository", "https://x:" + value + "@example.org/a.git"},
          {"revision", value},
          {"findings", json::array({finding})},
          {"tokens", json::array({token})},
          {"incomplete", false}};
}

void check_clean(const json& report, const std::string& value) {
  auto situation = parse_report(report.dump(), "r");
  INFO((situation ? "" : situation.error().describe()));
  REQUIRE(situation);
  test::NamedSituation named;
  named.situation = std::move(*situation);
  named.settings = default_settings();
  named.request.now = test::kNow;
  const auto composer = Composer::load("en", {});
  REQUIRE(composer);
  const auto tickets = test::tickets_of(named);
  REQUIRE_FALSE(tickets.empty());
  for (const Ticket& ticket : tickets) {
    CHECK((composer->markdown(ticket).find(value) == std::string::npos));
    CHECK((to_json(ticket).find(value) == std::string::npos));
  }
}

TEST_CASE("no ticket holds a value, whatever field carries it") {
  const std::string value = made_value();
  SECTION("a report that shows it") { check_clean(planted(value), value); }
  SECTION("a report that does not, so that its look alone gives it away") {
    json report = planted(value);
    report["findings"][0].erase("value");
    check_clean(report, value);
  }
}

TEST_CASE("what people write stays readable") {
  for (const char* text :
       {"billing-api-prod-stripe-webhook-2024", "vault:secret/billing/stripe", "Ada Example <ada@example.org>",
        "2026-11-20T10:00:00Z", "team:platform-engineering", "arn:aws:iam::123456789012:user/deploy",
        "https://git.example.org/group/repository.git", "tier.high[2]: is shared"}) {
    CHECK(scrubbed(text) == text);
  }
  CHECK(scrubbed("src/main/java/org/example/VeryLongClassNameForPayments2.java", Scrub::path) ==
        "src/main/java/org/example/VeryLongClassNameForPayments2.java");
  CHECK(scrubbed("123e4567-e89b-12d3-a456-426614174000", Scrub::keep_uuid) == "123e4567-e89b-12d3-a456-426614174000");
  CHECK(scrubbed("a\nb\x1b[31m\xe2\x80\xae"
                 "c") == "a b [31m c");
}

TEST_CASE("what is no report is refused with a remedy") {
  struct Row {
    const char* name;
    const char* text;
    const char* says;
  };
  const Row rows[] = {
      {"nothing", "", "no JSON"},
      {"no JSON", "{", "no JSON"},
      {"another document", "{}", "no report"},
      {"a list", "[1]", "no report"},
      {"another version", R"({"schema_version": 2, "findings": []})", "schema_version"},
      {"findings that are a text", R"({"schema_version": 1, "findings": "x"})", "'findings' must be a list"},
      {"a finding without a fingerprint", R"({"schema_version": 1, "findings": [{}]})", "'fingerprint'"},
      {"an unknown verdict",
       R"({"schema_version": 1, "findings": [], "tokens": [{"id": "a", "verdicts": [{"kind": "odd"}]}]})", "'verdict'"},
      {"a date that moves", R"({"schema_version": 1, "findings": [], "tokens": [{"id": "a", "created": "30d"}]})",
       "'created'"},
      {"a token without an id", R"({"schema_version": 1, "findings": [], "tokens": [{}]})", "'id'"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const auto situation = parse_report(row.text, "r.json");
      REQUIRE_FALSE(situation);
      CHECK(situation.error().describe().find(row.says) != std::string::npos);
      CHECK(situation.error().subject == "r.json");
    }
  }
  CHECK_FALSE(parse_report(std::string(100000, '['), "deep"));
}

TEST_CASE("an inventory adds tokens and keeps verdicts") {
  auto situation = parse_report(
      R"({"schema_version": 1, "findings": [], "tokens": [{"id": "a", "owner": "x", "verdicts": [{"kind": "unused"}]}]})",
      "r");
  REQUIRE(situation);
  REQUIRE(
      add_inventory(*situation, R"({"tokens": [{"id": "a", "owner": "y"}, {"id": "b", "state": "revoked"}]})", "i"));
  REQUIRE(situation->tokens.size() == 2);
  CHECK(situation->find_token("a")->token.owner == "y");
  CHECK(situation->find_token("a")->verdicts.size() == 1);
  CHECK(situation->find_token("b")->token.state == core::TokenState::revoked);
  CHECK(situation->whole_inventory);
  CHECK_FALSE(add_inventory(*situation, "{}", "i"));
}

TEST_CASE("no text of the inventory's store carries a value into a ticket") {
  const std::string value = made_value();
  core::TokenStatus status = test::token("pg-orders", "postgresql", "see " + value);
  core::Token& token = status.token;
  for (std::string* text : {&token.purpose, &token.owner, &token.backup_owner, &token.storage, &token.compliance,
                            &token.approver, &token.environment}) {
    *text = "x " + value;
  }
  token.dependents = token.access = token.scopes = {value};
  token.identifiers = {{"host", value}, {value, "x"}};
  status.tier_rule = value;
  status.verdicts = {test::verdict(core::VerdictKind::never_rotated, core::Priority::p2, "of " + value)};
  test::NamedSituation named;
  named.settings = default_settings();
  named.request.now = test::kNow;
  named.situation.add_whole_inventory({status});
  CHECK(named.situation.whole_inventory);
  const std::vector<Ticket> tickets = test::tickets_of(named);
  REQUIRE(tickets.size() == 1);
  CHECK(to_json(tickets.front()).find(value) == std::string::npos);
}

TEST_CASE("the store's facts go before the report's, whose findings stay") {
  auto leak = test::situation(test::situations(), "stripe-production-leak");
  core::TokenStatus fresh = leak.situation.tokens[0];
  fresh.token.owner = "Team Orders";
  fresh.verdicts = {test::verdict(core::VerdictKind::never_rotated, core::Priority::p2, "never")};
  leak.situation.add_whole_inventory({fresh});
  REQUIRE(leak.situation.tokens.size() == 1);
  const core::TokenStatus& status = leak.situation.tokens[0];
  CHECK(status.token.owner == "Team Orders");
  REQUIRE(status.verdicts.size() == 2);
  CHECK(status.verdicts[1].kind == core::VerdictKind::leaked);
}

TEST_CASE("what a command needs and nobody knows is a variable in braces") {
  auto named = test::situation(test::situations(), "database-never-rotated");
  named.situation.tokens[0].token.identifiers.clear();
  const std::string text = to_json(test::tickets_of(named).front());
  CHECK(text.find("--role=${KT_ROLE} ${KT_USER}_next") != std::string::npos);
  CHECK(text.find("does not know: KT_DATABASE, KT_HOST, KT_ROLE, KT_USER.") != std::string::npos);
}

}  // namespace
}  // namespace keytrail::ticket
