#include "scanner/engine/decode.h"

#include <algorithm>
#include <random>
#include <string>

#include "scanner/engine/engine.h"
#include "tests/support/catch.h"
#include "tests/support/effort.h"
#include "tests/support/encode.h"

using namespace keytrail;
using namespace keytrail::engine;
using core::Match;
using core::Span;
using tests::base64;
using tests::in_hex;
using tests::wide;

namespace {

std::string wrapped(std::string_view text, std::size_t width, const std::string& line_end) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += width) (out += text.substr(at, width)) += line_end;
  return out;
}

// A rule of our own, so that no token of anybody stands here.
const ruleset::RuleSet& rules() {
  static const ruleset::RuleSet made = [] {
    auto parsed = ruleset::RuleSet::parse(R"toml(
[[rule]]
id = "acme-key"
name = "Acme key"
provider = "Acme"
pattern = 'acme_[0-9a-z]{24}'
negative = ["acme_"]

[[rule]]
id = "acme-url"
name = "URL"
provider = "Acme"
kind = "password"
pattern = 'acmedb://[a-z]{1,9}:([^@/\s]{6,20})@'
border = "none"
negative = ["none"]

[[rule]]
id = "generic-secret"
name = "Secret"
provider = "Generic"
kind = "generic"
confidence = "medium"
pattern = '(?:password|secret)["\x27]?\s{0,3}[:=]\s{0,3}["\x27]?([0-9A-Za-z_+/=!-]{8,64})'
border = "none"
negative = ["none"]
)toml",
                                          "test.toml");
    if (!parsed) FAIL(parsed.error().describe());
    return std::move(*parsed);
  }();
  return made;
}

const Engine& acme() {
  static const Engine built = [] {
    auto made = Engine::build(rules(), {});
    REQUIRE(made);
    return std::move(*made);
  }();
  return built;
}

std::vector<Match> scan(std::string_view text, Scratch::Counts* counts = nullptr) {
  auto scratch = acme().make_scratch();
  REQUIRE(scratch);
  std::vector<Match> matches;
  REQUIRE(acme().scan(text, *scratch, matches));
  if (counts != nullptr) *counts = scratch->counts();
  return matches;
}

std::string random_word(std::mt19937_64& random, std::size_t size) {
  std::string word;
  for (std::size_t i = 0; i < size; ++i) word += "0123456789abcdefghijklmnopqrstuvwxyz"[random() % 36];
  return word;
}

std::string key() {
  std::mt19937_64 random(11);
  return "acme_" + random_word(random, 24);
}

std::string encoding_of(const Match& match) {
  for (const auto& [name, value] : match.facts) {
    if (name == "encoding") return value;
  }
  return {};
}

std::string with_first(const std::string& text, char wanted, const std::string& by) {
  const std::size_t at = text.find(wanted);
  REQUIRE(at != std::string::npos);
  return text.substr(0, at) + by + text.substr(at + 1);
}

}  // namespace

TEST_CASE("an encoded key is found, with its value and how it was encoded") {
  const std::string secret = key();
  const std::string line = "key = " + secret + " # here\n";
  struct Row {
    const char* name;
    std::string text;
    std::string encoding;
  };
  const std::string underscore = with_first(secret, '_', "%5F");
  const std::string middle = secret.substr(0, 12);
  const std::string rest = secret.substr(12);
  const std::vector<Row> rows{
      {"as it is", line, ""},
      {"base64", "x: " + base64(line) + "\n", "base64"},
      {"base64 without padding", "x: " + base64(line + "a", false, false) + "\n", "base64"},
      {"base64 behind an escaped line end", "\"a\\n" + base64(line) + "\"\n", "base64"},
      {"base64 of the other alphabet", "x: " + base64(">>?>>?>>?" + line, true), "base64url"},
      {"base64 in lines of 76", wrapped(base64(std::string(50, ' ') + line + std::string(90, '.')), 76, "\n"),
       "base64"},
      {"base64 in lines of 64 with an indent and CRLF",
       "  " + wrapped(base64(std::string(36, ' ') + line + std::string(90, '.')), 64, "\r\n  "), "base64"},
      {"base64 of UTF-16", "powershell -e " + base64(wide(line)), "base64-utf16"},
      {"hexadecimal digits", "0x" + in_hex(line, "") + ";", "hex"},
      {"all percent-encoded", in_hex(secret, "%"), "percent"},
      {"percent-encoded in part", "https://example.org/?key=" + underscore + "&x=1", "percent"},
      {"an HTML entity", "<b>" + with_first(secret, '_', "&#95;") + "</b>", "html"},
      {"an HTML entity in hexadecimal digits", with_first(secret, '_', "&#x5F;"), "html"},
      {"\\u", "\"" + with_first(secret, '_', "\\u005f") + "\"", "escapes"},
      {"\\x", "'" + in_hex(secret, "\\x") + "'", "escapes"},
      {"literals with a plus", "k = \"" + middle + "\" +\n    \"" + rest + "\";", "concatenation"},
      {"literals with a full stop", "$k = '" + middle + "' . '" + rest + "';", "concatenation"},
      {"literals with two full stops", "k = \"" + middle + "\" .. \"" + rest + "\"", "concatenation"},
      {"literals side by side", "k = (\"" + middle + "\"\n     \"" + rest + "\")", "concatenation"},
      {"bytes literals side by side", "k = b'" + middle + "' b'" + rest + "'", "concatenation"},
      {"a continued line", "KEY=" + middle + "\\\n" + rest + "\n", "concatenation"},
      {"base64 in base64", "x: " + base64("y: " + base64(line)), "base64, base64"},
      {"percent-encoded base64", in_hex(base64(line), "%"), "percent, base64"},
      {"base64 in two literals", "x(\"" + base64(line).substr(0, 22) + "\" +\n  \"" + base64(line).substr(22) + "\")",
       "concatenation, base64"},
      {"three layers", base64("a " + base64("b " + in_hex(line, "%"))), "base64, base64, percent"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const auto matches = scan(row.text);
      REQUIRE(matches.size() == 1);
      CHECK(core::secret_of(matches[0], row.text) == secret);
      CHECK(encoding_of(matches[0]) == row.encoding);
      CHECK(matches[0].decoded.empty() == row.encoding.empty());
    }
  }
}

TEST_CASE("what is not encoded text, or not for us, gives nothing") {
  const std::string secret = key();
  const std::string line = "key = " + secret + " # here\n";
  struct Row {
    const char* name;
    std::string text;
  };
  const std::vector<Row> rows{
      {"bytes that are no text first", base64("\x01\x02\x03" + line)},
      {"a picture in a page", "src=\"data:image/svg+xml;base64," + base64(line) + "\""},
      {"base64 in the middle of a longer word", "ab" + base64(line)},
      {"a percent sign that is doubled", with_first(secret, '_', "%%5F")},
      {"a backslash that is escaped", with_first(secret, '_', "\\\\x5f")},
      {"an entity without its end", with_first(secret, '_', "&#95 ")},
      {"an escape that is no text", with_first(secret, '_', "\\x00")},
      {"a comma between literals", "(\"" + secret.substr(0, 12) + "\", \"" + secret.substr(12) + "\")"},
      {"four layers", base64("a " + base64("b " + base64("c " + base64(line))))},
      {"random characters", "x: " + wrapped(random_word(*std::make_unique<std::mt19937_64>(5), 6400), 64, "\n")},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) { CHECK(scan(row.text).empty()); }
  }
}

TEST_CASE("the place of a decoded secret is its encoded characters") {
  const std::string secret = key();
  for (std::size_t before = 0; before < 7; ++before) {
    const std::string plain = "value: " + std::string(before, '.') + " " + secret + " and so on";
    const std::string text = "some words\nx: " + base64(plain) + "\n";
    const auto matches = scan(text);
    REQUIRE(matches.size() == 1);
    const std::size_t run = text.find("x: ") + 3;
    const std::size_t at = plain.find(secret);
    CHECK(matches[0].secret == Span{run + at * 8 / 6, run + ((at + secret.size()) * 8 + 5) / 6});
  }
  const std::string text = "a " + with_first(secret, '_', "%5F") + " b";
  const auto matches = scan(text);
  REQUIRE(matches.size() == 1);
  CHECK(matches[0].secret == Span{2, 2 + secret.size() + 2});
}

TEST_CASE("a secret that stands as it is beside an escape is found once, as it stands") {
  const std::string secret = key();
  const auto matches = scan("url=https://example.org/%20?key=" + secret + "&a=%2F");
  REQUIRE(matches.size() == 1);
  CHECK(matches[0].decoded.empty());
}

TEST_CASE("a percent-encoded password is read in the URL as it stands, one in an encoded URL is decoded") {
  std::mt19937_64 random(4);
  const std::string word = random_word(random, 9);
  const std::string user = std::string("acmedb://") + "me:";
  auto matches = scan(user + word + "%40" + word + "@host ");
  REQUIRE(matches.empty());  // a rule for URLs says itself what a password may hold
  matches = scan(in_hex(user, "%") + word + "%40host ");
  REQUIRE(matches.size() == 1);
  CHECK(matches[0].decoded == word);
}

TEST_CASE("two secrets in one run are two") {
  std::mt19937_64 random(3);
  const std::string one = "acme_" + random_word(random, 24);
  const std::string two = "acme_" + random_word(random, 24);
  const std::string text = "data: " + base64("a=" + one + "\nb=" + two + "\n");
  const auto matches = scan(text);
  REQUIRE(matches.size() == 2);
  CHECK(matches[0].decoded == one);
  CHECK(matches[1].decoded == two);
}

TEST_CASE("the base64 value of a name that says secret is judged as what it means") {
  std::mt19937_64 random(8);
  const std::string word = random_word(random, 7) + "Q" + random_word(random, 2) + "!";
  struct Row {
    const char* name;
    std::string value;
    bool found;
  };
  const std::vector<Row> rows{{"a password", base64(word), true},
                              {"with a line end", base64(word + "\n"), true},
                              {"a placeholder", base64("changeme"), false},
                              {"a reference", base64("${PASSWORD}"), false}};
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const std::string text = "kind: Secret\ndata:\n  password: " + row.value + "\n";
      const auto matches = scan(text);
      REQUIRE(matches.size() == (row.found ? 1U : 0U));
      if (row.found) {
        CHECK(matches[0].decoded == word);
        CHECK(encoding_of(matches[0]) == "base64");
        CHECK(text.substr(matches[0].secret.begin, matches[0].secret.size()) == row.value);
      }
    }
  }
}

TEST_CASE("of a long run the first part is decoded, and the rest is named") {
  const std::string secret = key();
  const std::string filler(kMaxUnit, ' ');
  Scratch::Counts counts;
  CHECK(scan(base64(secret + " " + filler), &counts).size() == 1);
  CHECK(counts.undecoded == 1);
  CHECK(scan(base64(filler + " " + secret), &counts).empty());
  CHECK(counts.undecoded == 1);
  CHECK(scan(in_hex(secret + " " + filler, "%"), &counts).size() == 1);
  CHECK(counts.undecoded == 1);
  CHECK(scan(base64(filler.substr(0, 1000) + " " + secret), &counts).size() == 1);
  CHECK(counts.undecoded == 0);
}

TEST_CASE("a text that would be decoded to more than the budget is cut and named") {
  EngineOptions options;
  options.max_decoded_bytes = 1000;
  auto small = Engine::build(rules(), options);
  REQUIRE(small);
  auto scratch = small->make_scratch();
  REQUIRE(scratch);
  const std::string secret = key();
  std::string text;
  for (int i = 0; i < 10; ++i) text += "x: " + base64("some words and then " + secret + std::to_string(i) + " ") + "\n";
  for (int i = 0; i < 10; ++i) text += "x: " + base64("some words and then " + secret + " ") + "\n";
  std::vector<Match> matches;
  REQUIRE(small->scan(text, *scratch, matches));
  CHECK(matches.empty());
  CHECK(scratch->counts().undecoded == 1);
  matches.clear();
  REQUIRE(acme().scan(text, *scratch, matches));
  CHECK(matches.size() == 10);
}

TEST_CASE("hostile text costs linear time and does no harm") {
  std::string nested = "x";
  for (int i = 0; i < 8; ++i) nested = base64("some text " + nested);
  for (const std::string& text :
       {std::string(200'000, '%'), std::string(200'000, 'A'), std::string(200'000, '\\'),
        in_hex(std::string(100'000, '%'), "%"), std::string(100'000, '"') + std::string(100'000, '\n'),
        wrapped(std::string(400'000, 'a'), 3, "\"\n\""), nested, base64(std::string(150'000, '%')),
        wrapped(base64(std::string(60'000, 'Q')), 24, " "), std::string("\\"), std::string("%4"), std::string("&#;"),
        std::string("a\""), std::string("a\" \"")}) {
    CHECK(scan(text).empty());
  }
}

TEST_CASE("marks in a part of a text are those of the whole") {
  std::mt19937_64 random(21);
  const std::vector<std::string> pieces{base64("some words that are text"),
                                        in_hex("some words that are", ""),
                                        "%2F",
                                        "&quot;",
                                        "\\u0041",
                                        "\\x41",
                                        "abcdefgh\" + \"ijklmnopqrst",
                                        "abcdefghijk\\\n  lmnopqrst",
                                        "ab\\/cd",
                                        "\\\\",
                                        "\"",
                                        "'",
                                        "0x",
                                        "\\n",
                                        "%",
                                        "&",
                                        " ",
                                        "\n",
                                        "aVeryLongIdentifierOfManyWords",
                                        "+",
                                        "'b'ccccccccccccccccccc"};
  for (int round = 0; round < test::rounds(300); ++round) {
    std::string text;
    while (text.size() < 700) text += pieces[random() % pieces.size()];
    std::vector<Mark> all;
    find_marks(text, {0, text.size()}, all);
    const std::uint64_t begin = random() % text.size();
    const std::uint64_t end = begin + random() % (text.size() - begin + 1);
    std::vector<Mark> part;
    // Bytes out of reach must not count.
    std::string other = text;
    for (std::uint64_t at = 0; at < text.size(); ++at) {
      if (at + kMarkBefore < begin || at >= end + kMarkBehind) other[at] = "aA\" %\\"[random() % 6];
    }
    find_marks(other, {begin, end}, part);
    std::vector<Mark> want;
    for (const Mark& mark : all) {
      if (mark.at >= begin && mark.at < end) want.push_back(mark);
    }
    REQUIRE(part.size() == want.size());
    for (std::size_t i = 0; i < part.size(); ++i) {
      CHECK(part[i].at == want[i].at);
      CHECK(part[i].size == want[i].size);
      CHECK(part[i].kind == want[i].kind);
    }
  }
}
