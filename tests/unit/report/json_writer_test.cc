#include "scanner/report/json_writer.h"

#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "scanner/report/unicode.h"
#include "scanner/report/uri.h"
#include "tests/support/catch.h"

namespace keytrail {
namespace {

using namespace std::string_view_literals;

std::string json_string(std::string_view text) {
  std::ostringstream out;
  report::JsonWriter(out).value(text);
  return out.str();
}

TEST_CASE("JSON strings are escaped") {
  struct Row {
    const char* name;
    std::string_view text;
    std::string_view want;
  };
  const Row rows[] = {
      {"plain", "a/b", "\"a/b\""},
      {"quote and backslash", "\"\\", R"("\"\\")"},
      {"line ends", "\n\r\t", R"("\n\r\t")"},
      {"nul", "a\0b"sv, R"("a\u0000b")"},
      {"escape and delete", "\x1b\x7f", R"("\u001b\u007f")"},
      {"C1", "\xc2\x9b", R"("\u009b")"},
      {"bidirectional override", "\xe2\x80\xae", R"("\u202e")"},
      {"tag character as a surrogate pair", "\xf3\xa0\x80\x81", R"("\udb40\udc01")"},
      {"two, three and four bytes", "\xc3\xbc\xe2\x82\xac\xf0\x9f\x94\x91", "\"\xc3\xbc\xe2\x82\xac\xf0\x9f\x94\x91\""},
      {"stray byte", "a\xff", "\"a\xef\xbf\xbd\""},
      {"cut sequence", "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
      {"overlong", "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
      {"surrogate", "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
      {"beyond the last code point", "\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) { CHECK(json_string(row.text) == row.want); }
  }
}

TEST_CASE("any bytes make valid JSON without a control character") {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 12, '\0');
    for (char& byte : bytes)
      byte = static_cast<char>(static_cast<unsigned char>(random() % 3 == 0 ? random() & 0x7FU : random() & 0xFFU));
    const std::string text = json_string(bytes);
    CHECK(nlohmann::json::accept(text));
    for (std::string_view rest = text; !rest.empty();) {
      const report::CodePoint c = report::decode_utf8(rest);
      CHECK(c.valid);
      CHECK_FALSE(report::is_control(c.value));
      rest.remove_prefix(c.bytes);
    }
  }
}

TEST_CASE("containers are laid out down to the depth and stand on one line below it") {
  std::ostringstream out;
  report::JsonWriter json(out, 2);
  json.begin_object();
  json.begin_array("a");
  json.begin_object();
  json.member("n", std::uint64_t{18446744073709551615U});
  json.member("t", true);
  json.member_or_null("z", "");
  json.end_object();
  json.begin_object();
  json.end_object();
  json.end_array();
  json.member_list("l", {});
  json.end_object();
  CHECK(out.str() ==
        "{\n  \"a\": [\n    {\"n\": 18446744073709551615, \"t\": true, \"z\": null},\n    {}\n  ],\n  \"l\": []\n}");
}

TEST_CASE("text for people has no control characters") {
  CHECK(report::visible("a\x1b[0m\n\t\r") == "a\\x1b[0m\\n\\t\\r");
  CHECK(report::visible("\xff\xc3") == "\\xff\\xc3");
  CHECK(report::visible("\xe2\x80\xae\xc2\x9b") == "\\u{202e}\\u{9b}");
  CHECK(report::visible("M\xc3\xbcnchen") == "M\xc3\xbcnchen");
  CHECK(report::display_width("M\xc3\xbcnchen") == 7);
}

TEST_CASE("paths become URIs byte by byte") {
  CHECK(report::encode_path("a b/c%d#e?f:g") == "a%20b/c%25d%23e%3Ff%3Ag");
  CHECK(report::encode_path("\xff\x1b\xc3\xbc") == "%FF%1B%C3%BC");
  CHECK(report::encode_path("z.zip!/m-_~.txt") == "z.zip!/m-_~.txt");
  CHECK(report::file_uri("/a b") == "file:///a%20b");
  CHECK(report::absolute_path("/r", "a") == "/r/a");
  CHECK(report::absolute_path("/", "a") == "/a");
  CHECK(report::absolute_path("/r", "/a") == "/a");
  CHECK(report::is_web_url("https://example.org/x"));
  CHECK_FALSE(report::is_web_url("see https://example.org"));
  CHECK_FALSE(report::is_web_url("https://example.org/ and more"));
  CHECK_FALSE(report::is_web_url("javascript:alert(1)"));
}

}  // namespace
}  // namespace keytrail
