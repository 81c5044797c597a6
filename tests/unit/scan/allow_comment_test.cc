#include "scanner/scan/allow_comment.h"

#include "tests/support/catch.h"

using namespace keytrail;
using namespace keytrail::scan;

namespace {

ruleset::RuleSet two_rules() {
  auto rules = ruleset::RuleSet::parse(R"(
[[rule]]
id = "one-token"
name = "One"
provider = "One"
pattern = 'one_[0-9]{4}'
negative = ["one"]
[[rule]]
id = "two-token"
name = "Two"
provider = "Two"
pattern = 'two_[0-9]{4}'
negative = ["two"]
)",
                                       "test.toml");
  REQUIRE(rules);
  return std::move(*rules);
}

// Where "SECRET" stands is the secret.
AllowComment judge(const std::string& text, std::string_view rule) {
  const ruleset::RuleSet rules = two_rules();
  const std::size_t at = text.find("SECRET");
  return find_allow_comment(text, {at, at + 6}, rules, *rules.index_of(rule));
}

}  // namespace

TEST_CASE("comments on the line allow, others do not") {
  struct Row {
    const char* name;
    const char* text;
    bool want;
    const char* reason;
  };
  static constexpr Row kRows[] = {
      {"no comment", "x = SECRET", false, ""},
      {"for every rule", "x = SECRET  # keytrail:allow", true, ""},
      {"with a reason", "x = SECRET  # keytrail:allow -- made up", true, "made up"},
      {"for this rule", "x = SECRET  # keytrail:allow one-token", true, ""},
      {"for this rule, with a reason", "x = SECRET  # keytrail:allow one-token -- why", true, "why"},
      {"for another rule", "x = SECRET  # keytrail:allow two-token", false, ""},
      {"for both", "x = SECRET  # keytrail:allow two-token, one-token", true, ""},
      {"before the secret", "/* keytrail:allow -- c style */ x = SECRET", true, "c style"},
      {"in markup", "<a>SECRET</a> <!-- keytrail:allow -->", true, ""},
      {"on the line before", "# keytrail:allow\nx = SECRET", false, ""},
      {"on the line behind", "x = SECRET\n# keytrail:allow", false, ""},
      {"gitleaks' form", "x = SECRET # gitleaks:allow", true, "gitleaks:allow"},
  };
  for (const Row& row : kRows) {
    DYNAMIC_SECTION(row.name) {
      const AllowComment comment = judge(row.text, "one-token");
      CHECK(comment.allowed == row.want);
      CHECK(comment.reason == row.reason);
    }
  }
}

TEST_CASE("a misspelt rule allows nothing and is named") {
  const AllowComment comment = judge("SECRET # keytrail:allow one-tokne", "one-token");
  CHECK(!comment.allowed);
  CHECK(comment.unknown_rule == "one-tokne");
}

TEST_CASE("a comment beyond the reach of a long line does not count") {
  CHECK(judge("SECRET" + std::string(1000, ' ') + "keytrail:allow", "one-token").allowed);
  CHECK(!judge("SECRET" + std::string(1100, ' ') + "keytrail:allow", "one-token").allowed);
}
