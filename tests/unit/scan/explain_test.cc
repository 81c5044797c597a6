#include "scanner/scan/explain.h"

#include <random>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/made_text.h"

using namespace keytrail;
using namespace keytrail::scan;
using tests::made_body;

namespace {

constexpr std::string_view kRules = R"(
[[rule]]
id = "key-token"
name = "Key"
provider = "Test"
pattern = 'kk_[0-9a-z]{20}'
negative = ["kk_short"]
[[rule]]
id = "key-beside-word"
name = "Key that needs a word"
provider = "Test"
kind = "context"
context = ["hammer"]
anchors = ["ww_"]
anchor_patterns = ['ww_']
confidence = "low"
pattern = 'ww_[0-9a-z]{20}'
negative = ["ww_short"]
[[rule]]
id = "key-in-docs"
name = "Key that counts in docs only"
provider = "Test"
pattern = 'dd_[0-9a-z]{20}'
paths = ["docs/**"]
negative = ["dd_short"]
)";

struct Row {
  const char* name;
  std::string text;
  std::string rule;
  std::string outcome;
};

std::vector<std::pair<std::string, std::string>> ask(const std::string& text, std::uint64_t line = 0) {
  auto rules = ruleset::RuleSet::parse(kRules, "test.toml");
  REQUIRE(rules);
  auto engine = engine::Engine::build(*rules, {});
  REQUIRE(engine);
  ExplainOptions options;
  options.line = line;
  const auto answer = explain(*engine, text, "src/a.env", options);
  REQUIRE(answer);
  std::vector<std::pair<std::string, std::string>> outcomes;
  for (const Explained& item : *answer) {
    CHECK(!item.why.empty());
    outcomes.emplace_back(rules->rules()[item.rule].id, item.outcome);
  }
  return outcomes;
}

}  // namespace

TEST_CASE("every candidate has an outcome and a reason") {
  std::mt19937 random(3);
  const std::string value = made_body(random);
  const Row rows[] = {
      {"found", "a kk_" + value, "key-token", "reported"},
      {"an anchor alone", "a kk_ b", "key-token", "no-match"},
      {"a letter before", "xkk_" + value, "key-token", "border-before"},
      {"a letter behind", "kk_" + value + "9", "key-token", "border-behind"},
      {"a placeholder", "kk_" + value.substr(0, 13) + "example", "key-token", "filtered"},
      {"allowed by a comment", "kk_" + value + " # keytrail:allow", "key-token", "suppressed"},
      {"no word near", "ww_" + value, "key-beside-word", "no-context"},
      {"of low confidence", "hammer ww_" + value, "key-beside-word", "confidence"},
      {"at another path", "dd_" + value, "key-in-docs", "path"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const auto outcomes = ask("first\n" + row.text + "\nlast\n");
      REQUIRE(outcomes.size() == 1);
      CHECK(outcomes[0] == std::pair(row.rule, row.outcome));
    }
  }
}

TEST_CASE("only candidates of the line that was asked for are explained") {
  std::mt19937 random(4);
  const std::string text = "kk_" + made_body(random) + "\n\nkk_" + made_body(random) + "\n";
  CHECK(ask(text, 1).size() == 1);
  CHECK(ask(text, 2).empty());
  CHECK(ask(text, 3).size() == 1);
  CHECK(ask(text).size() == 2);
}

TEST_CASE("an answer holds no secret") {
  std::mt19937 random(5);
  const std::string value = made_body(random);
  auto rules = ruleset::RuleSet::parse(kRules, "test.toml");
  REQUIRE(rules);
  auto engine = engine::Engine::build(*rules, {});
  REQUIRE(engine);
  const auto answer = explain(*engine, "kk_" + value + "9 xkk_" + value + " kk_" + value, "a", {});
  REQUIRE(answer);
  REQUIRE(answer->size() == 3);
  for (const Explained& item : *answer) {
    CHECK(item.masked.size() < 12);
    CHECK(item.why.find(value) == std::string::npos);
  }
}

TEST_CASE("columns on a long line are counted in code points") {
  std::mt19937 random(6);
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "\xc3\xa4";
  auto rules = ruleset::RuleSet::parse(kRules, "test.toml");
  REQUIRE(rules);
  auto engine = engine::Engine::build(*rules, {});
  REQUIRE(engine);
  const auto answer = explain(*engine, text + " kk_" + made_body(random), "a", {});
  REQUIRE(answer);
  REQUIRE(answer->size() == 1);
  CHECK(answer->front().position == core::Position{1, 5002, 1, 5025});
}
