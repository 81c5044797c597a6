#include "scanner/cli/self_test.h"

#include "tests/support/catch.h"

namespace keytrail {
namespace {

Status tested(const ruleset::RuleSet& rules) {
  const auto engine = engine::Engine::build(rules, {});
  REQUIRE(engine.has_value());
  return cli::self_test(*engine);
}

TEST_CASE("the built-in rules find a made secret") {
  const auto rules = ruleset::RuleSet::builtin_without_texts();
  REQUIRE(rules.has_value());
  CHECK(tested(*rules).has_value());
}

TEST_CASE("each built-in rule that stands alone could be the one that is tried") {
  auto all = ruleset::RuleSet::builtin();
  REQUIRE(all.has_value());
  for (const char* id : {"slack-bot-token", "stripe-secret-key", "gitlab-personal-access-token"}) {
    ruleset::RuleSet one = *all;
    REQUIRE(one.select({id}, {}).has_value());
    CHECK(tested(one).has_value());
  }
}

TEST_CASE("a rule that allows whatever it matches fails the test") {
  auto all = ruleset::RuleSet::builtin();
  REQUIRE(all.has_value());
  std::vector<ruleset::Rule> rules;
  for (ruleset::Rule rule : all->rules()) {
    if (rule.id != "slack-bot-token") continue;
    rule.allow = {"(?s).{1,500}"};
    rules.push_back(std::move(rule));
  }
  REQUIRE(rules.size() == 1);
  const auto blind = ruleset::RuleSet::from_rules(std::move(rules));
  REQUIRE(blind.has_value());
  const Status status = tested(*blind);
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == ErrorCode::internal);
}

}  // namespace
}  // namespace keytrail
