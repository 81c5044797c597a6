#include "scanner/ticket/runbook.h"

#include "tests/support/catch.h"
#include "tests/unit/ticket/situations.h"

namespace keytrail::ticket {
namespace {

struct Fixture {
  Guides guides = Guides::builtin().value();
  Composer composer = Composer::load("en", {}).value();
  Settings settings = default_settings();
  Situation situation;

  void add(const std::string& id, std::vector<std::string> dependents) {
    core::TokenStatus status = test::token(id, "aws", "svc-" + id);
    status.token.dependents = std::move(dependents);
    situation.put_token(std::move(status));
  }
  Result<Runbook> make(const RunbookRequest& wanted) {
    situation.with_inventory = true;
    Request request;
    request.now = test::kNow;
    return make_runbook(situation, guides, settings, composer, wanted, request);
  }
  static std::vector<std::vector<std::string>> waves(const Runbook& runbook) {
    std::vector<std::vector<std::string>> out;
    for (const auto& wave : runbook.waves) {
      out.emplace_back();
      for (const std::size_t at : wave) out.back().push_back(runbook.entries[at].id);
    }
    return out;
  }
};

using Waves = std::vector<std::vector<std::string>>;

TEST_CASE("a token goes after those that it is derived from, and once") {
  Fixture fixture;
  fixture.add("a", {"b", "c", "web"});
  fixture.add("b", {"d"});
  fixture.add("c", {"d"});
  fixture.add("d", {"web"});
  const auto runbook = fixture.make({{}, "", true});
  REQUIRE(runbook);
  CHECK(Fixture::waves(*runbook) == Waves{{"a"}, {"b", "c"}, {"d"}});
  CHECK(runbook->circle.empty());
  CHECK(runbook->services == std::vector<std::string>{"web"});
}

TEST_CASE("a circle is rotated together and what waits for it with it") {
  Fixture fixture;
  fixture.add("a", {"b"});
  fixture.add("b", {"a", "c"});
  fixture.add("c", {});
  fixture.add("d", {"d"});
  const auto runbook = fixture.make({{}, "", true});
  REQUIRE(runbook);
  CHECK(Fixture::waves(*runbook) == Waves{{"d"}, {"a", "b", "c"}});
  CHECK(runbook->circle.size() == 3);
}

TEST_CASE("a runbook is of tokens, of a service, or of all") {
  Fixture fixture;
  fixture.add("a", {"web"});
  fixture.add("b", {"web"});
  fixture.add("c", {"batch"});
  CHECK(fixture.make({{}, "web", false})->entries.size() == 2);
  CHECK(fixture.make({{"c"}, "", false})->entries.size() == 1);
  CHECK(fixture.make({{"no"}, "", false}).error().code == ErrorCode::not_found);
  CHECK(fixture.make({{}, "no", false}).error().code == ErrorCode::not_found);
}

TEST_CASE("a runbook has its ten parts, in both formats, and lets no markup through") {
  Fixture fixture;
  fixture.add("a\"]<script>", {"web\"];", "x|y"});
  const auto runbook = fixture.make({{}, "", true});
  REQUIRE(runbook);
  const Value value = runbook_value(*runbook);
  const std::string markdown = fixture.composer.render("runbook.md", value);
  const std::string html = fixture.composer.render("runbook.html", value);
  for (int part = 1; part <= 10; ++part) {
    CHECK(markdown.find("\n## " + std::to_string(part) + ". ") != std::string::npos);
    CHECK(html.find("<h2>" + std::to_string(part) + ". ") != std::string::npos);
  }
  CHECK(markdown.find("  t0[\"a---script-\"]") != std::string::npos);
  CHECK(html.find("<script>") == std::string::npos);
}

TEST_CASE("the most urgent matter of a token is its place in a runbook") {
  Fixture fixture;
  const auto all = test::situations();
  fixture.situation = test::situation(all, "stripe-production-leak").situation;
  const auto runbook = fixture.make({{"stripe-billing-live"}, "", false});
  REQUIRE(runbook);
  REQUIRE(runbook->entries.size() == 1);
  CHECK(runbook->entries[0].ticket.order == Order::emergency);
  CHECK(runbook->entries[0].ticket.priority == core::Priority::p0);
}

}  // namespace
}  // namespace keytrail::ticket
