#include "scanner/engine/guard.h"

#include <string>

#include "tests/support/catch.h"

using namespace keytrail;
using namespace keytrail::engine;

namespace {

ruleset::Anchor pattern_anchor(const std::string& text, std::uint32_t max_width) {
  ruleset::Anchor anchor;
  anchor.text = text;
  anchor.is_pattern = true;
  anchor.max_width = max_width;
  return anchor;
}

}  // namespace

TEST_CASE("a guard is asked for a match that begins with the literal") {
  const ruleset::Anchor anchor = pattern_anchor("(?i)pwd[a-z]{0,4}\\s{0,2}=[0-9]{3}", 13);
  const Guard guard(anchor);
  const struct {
    std::string text;
    std::uint64_t at;
    bool matches;
  } rows[] = {
      {"pwd=123", 0, true},         {"PWDab =123", 0, true},  {"x pwd  =123;", 2, true},
      {"pwd=12", 0, false},         {"pwd", 0, false},        {"pwd;=123", 0, false},
      {"pwdabcde=123", 0, false},   {"pwd   =123", 0, false}, {"pwd=12x pwd=123", 0, false},
      {"pwd=12x pwd=123", 8, true},
  };
  for (const auto& row : rows) {
    INFO(row.text << " at " << row.at);
    CHECK(guard.matches(row.text, row.at, {0, 0, 3}) == row.matches);
  }
}

TEST_CASE("a guard is asked for a match around the literal") {
  const ruleset::Anchor anchor = pattern_anchor("[a-z]{1,5}=key[0-9]", 10);
  const Guard guard(anchor);
  CHECK(guard.matches("ab=key1", 3, {2, 6, 3}));
  CHECK(guard.matches("abcdefgh=key1", 9, {2, 6, 3}));
  CHECK_FALSE(guard.matches("=key1", 1, {2, 6, 3}));
  CHECK_FALSE(guard.matches("ab=key", 3, {2, 6, 3}));
}

TEST_CASE("a guard looks no farther than its width") {
  const ruleset::Anchor anchor = pattern_anchor("ab[0-9]{0,3}c", 6);
  const Guard guard(anchor);
  for (const std::string middle : {"ab123c", "abc", "ab1c"}) {
    const std::string far_left = "zzzzzzzz" + middle;
    CHECK(guard.matches(far_left + "0000", 8, {0, 0, 2}) == guard.matches(middle, 0, {0, 0, 2}));
  }
}
