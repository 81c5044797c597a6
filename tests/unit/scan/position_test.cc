#include "scanner/scan/position.h"

#include <random>
#include <string>

#include "tests/support/catch.h"

using keytrail::scan::PositionCounter;

TEST_CASE("columns count code points, lines count line feeds") {
  const std::string text = "a\xC3\xA9z\r\n\xF0\x9F\x94\x91key\n\nend";
  PositionCounter counter(text, {});
  CHECK(counter.at(0).column == 1);
  CHECK(counter.at(3).column == 3);
  const auto key = counter.at(text.find("key"));
  CHECK(key.line == 2);
  CHECK(key.column == 2);
  const auto end = counter.at(text.find("end"));
  CHECK(end.line == 4);
  CHECK(end.column == 1);
}

TEST_CASE("a piece counts on from the place where it begins") {
  PositionCounter counter("xx\nyy", {7, 100});
  CHECK(counter.at(1).line == 7);
  CHECK(counter.at(1).column == 101);
  CHECK(counter.at(3).line == 8);
  CHECK(counter.at(4).column == 2);
}

TEST_CASE("asking in steps or at once gives the same place") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "ab\n\xC3\xA9"[random() % 5];
    PositionCounter stepwise(text, {});
    for (std::size_t i = 0; i <= text.size(); i += random() % 9) {
      PositionCounter fresh(text, {});
      const auto want = fresh.at(i);
      const auto got = stepwise.at(i);
      REQUIRE(got.line == want.line);
      REQUIRE(got.column == want.column);
    }
  }
}
