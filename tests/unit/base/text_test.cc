#include "scanner/base/text.h"

#include "tests/support/catch.h"

namespace keytrail {

TEST_CASE("every byte belongs to the classes of the ASCII table and to no other") {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool ascii = byte < 128;
    CAPTURE(byte);
    CHECK(is_digit(c) == (ascii && std::string_view("0123456789").find(c) != std::string_view::npos));
    CHECK(is_hex(c) == (ascii && std::string_view("0123456789abcdefABCDEF").find(c) != std::string_view::npos));
    CHECK(is_alnum(c) == (is_digit(c) || is_letter(c)));
    CHECK(is_letter(c) == (lower(c) >= 'a' && lower(c) <= 'z'));
    CHECK((lower(c) != c) == is_upper(c));
  }
  CHECK(lower(std::string_view("AZaz[@`{09\xc3\x84")) == "azaz[@`{09\xc3\x84");
}

TEST_CASE("what stands around a text goes, what stands within stays") {
  CHECK(trimmed(" \t a b\r\n") == "a b");
  CHECK(trimmed("a") == "a");
  CHECK(trimmed(" \n").empty());
  CHECK(trimmed("\va") == "\va");
}

TEST_CASE("parts are joined with something between") {
  CHECK(joined({}, ", ").empty());
  CHECK(joined({"a"}, ", ") == "a");
  CHECK(joined({"a", "b", "c"}, ", ") == "a, b, c");
}

TEST_CASE("a path's last part is its name") {
  CHECK(base_name("a/b/c.txt") == "c.txt");
  CHECK(base_name("c.txt") == "c.txt");
  CHECK(base_name("a/").empty());
}

TEST_CASE("zeros of an id's length are git's id of nothing") {
  CHECK(is_zeros(std::string(40, '0')));
  CHECK(is_zeros(std::string(64, '0')));
  CHECK_FALSE(is_zeros(std::string(39, '0')));
  CHECK_FALSE(is_zeros(std::string(39, '0') + "1"));
  CHECK_FALSE(is_zeros(""));
}

}  // namespace keytrail
