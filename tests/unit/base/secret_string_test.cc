#include "scanner/base/secret_string.h"

#include <unistd.h>

#include <array>
#include <string>
#include <utility>

#include "tests/support/catch.h"

using namespace keytrail;

TEST_CASE("a secret that was moved is in one place alone") {
  SecretString from("abc");
  SecretString to(std::move(from));
  CHECK(from.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  CHECK(to.view() == "abc");
  to = SecretString("d");
  CHECK(to.view() == "d");
}

TEST_CASE("a secret grows and loses one line end") {
  SecretString text;
  std::string want;
  for (int i = 0; i < 1000; ++i) {
    text.push_back(static_cast<char>('a' + i % 26));
    want += static_cast<char>('a' + i % 26);
  }
  CHECK(text.view() == want);
  SecretString lines("x\n\r\n");
  lines.trim_line_end();
  CHECK(lines.view() == "x\n");
  lines.trim_line_end();
  CHECK(lines.view() == "x");
  lines.trim_line_end();
  CHECK(lines.view() == "x");
}

TEST_CASE("wiping overwrites every byte of a text, also those behind its end") {
  std::string text(100, 'x');
  text.resize(60);
  const char* bytes = text.data();
  wipe(text);
  CHECK(text.empty());
  bool clean = true;
  for (std::size_t i = 0; i < 60; ++i) clean = clean && bytes[i] == '\0';
  CHECK(clean);
}

TEST_CASE("what a pipe gives is read to its end, and not over the limit") {
  for (const std::size_t limit : {std::size_t{9}, std::size_t{10}, std::size_t{200}}) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    REQUIRE(::write(ends[1], "0123456789", 10) == 10);
    REQUIRE(::close(ends[1]) == 0);
    const auto text = read_secret(ends[0], limit, "pipe");
    ::close(ends[0]);
    CHECK(text.has_value() == (limit >= 10));
    if (text) CHECK(text->view() == "0123456789");
  }
}
