#include "scanner/lsp/document.h"

#include <random>
#include <string>

#include "tests/support/catch.h"

using namespace keytrail::lsp;

namespace {

constexpr PositionEncoding k8 = PositionEncoding::utf8;
constexpr PositionEncoding k16 = PositionEncoding::utf16;
constexpr PositionEncoding k32 = PositionEncoding::utf32;

}  // namespace

TEST_CASE("characters count in the units that were agreed on") {
  const Document text("a\xC3\xA9\xF0\x9F\x94\x91z\nb");  // a é 🔑 z
  CHECK(text.place_of(7, k8) == Place{0, 7});
  CHECK(text.place_of(7, k16) == Place{0, 4});
  CHECK(text.place_of(7, k32) == Place{0, 3});
  CHECK(text.offset_of({0, 7}, k8) == 7);
  CHECK(text.offset_of({0, 4}, k16) == 7);
  CHECK(text.offset_of({0, 3}, k32) == 7);
}

TEST_CASE("a place within a character is its begin") {
  const Document text("\xF0\x9F\x94\x91");
  CHECK(text.offset_of({0, 1}, k16) == 0);
  CHECK(text.offset_of({0, 3}, k8) == 0);
  CHECK(text.place_of(2, k16) == Place{0, 0});
}

TEST_CASE("lines end with any of the three line ends") {
  const Document text("a\rb\nc\r\nd");
  CHECK(text.place_of(2, k16) == Place{1, 0});
  CHECK(text.place_of(4, k16) == Place{2, 0});
  CHECK(text.place_of(7, k16) == Place{3, 0});
  CHECK(text.place_of(6, k16) == Place{2, 1});
  CHECK(text.offset_of({2, 99}, k16) == 5);
  CHECK(text.offset_of({99, 0}, k16) == 8);
  CHECK(text.line_at(5) == keytrail::core::Span{4, 5});
}

TEST_CASE("an edit replaces what is between two places") {
  Document text("one\ntwo\r\nthree");
  text.replace({1, 0}, {1, 3}, k16, "2\n2");
  CHECK(text.text() == "one\n2\n2\r\nthree");
  text.replace({9, 9}, {2, 1}, k16, "");
  CHECK(text.text() == "one\n2\n2");
  CHECK(text.place_of(7, k16) == Place{2, 1});
}

TEST_CASE("a line end that an edit puts together or takes apart counts as what it is") {
  Document text("a\rb");
  text.replace({1, 0}, {1, 0}, k16, "\n");
  CHECK(text.text() == "a\r\nb");
  CHECK(text.place_of(3, k16) == Place{1, 0});
  text.replace({0, 1}, {1, 0}, k16, "\r");
  CHECK(text.place_of(2, k16) == Place{1, 0});
}

TEST_CASE("edits keep the lines that the text has") {
  std::mt19937 random(5);
  static constexpr const char* kPieces[] = {"a", "\n", "\r", "\r\n", "\xC3\xA9", "\xF0\x9F\x94\x91", "word", ""};
  for (const PositionEncoding encoding : {k8, k16, k32}) {
    Document text("begin\nend");
    for (int round = 0; round < 400; ++round) {
      const Place begin{random() % 12, random() % 9};
      const Place end{begin.line + random() % 2, random() % 9};
      std::string with;
      for (unsigned i = 0; i < random() % 4; ++i) with += kPieces[random() % 8];
      text.replace(begin, end, encoding, with);
      const Document fresh(text.text());
      for (std::size_t at = 0; at <= text.text().size(); ++at) {
        REQUIRE(text.place_of(at, encoding) == fresh.place_of(at, encoding));
      }
    }
    for (std::size_t at = 0; at <= text.text().size(); ++at) {
      const std::size_t back = text.offset_of(text.place_of(at, encoding), encoding);
      REQUIRE(back <= at);
      REQUIRE(at - back < 4);
    }
  }
}
