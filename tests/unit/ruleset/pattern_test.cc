#include "scanner/ruleset/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.h"

namespace keytrail::ruleset {
namespace {

using Literals = std::vector<Pattern::Literal>;

constexpr std::string_view kAlnum = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

Pattern parsed(std::string_view text) {
  Result<Pattern> pattern = Pattern::parse(text);
  INFO(text);
  if (!pattern) FAIL(pattern.error().message);
  return std::move(pattern).value();
}

std::string refusal(std::string_view text) {
  const Result<Pattern> pattern = Pattern::parse(text);
  if (pattern) return "accepted";
  CHECK(pattern.error().code == ErrorCode::invalid_argument);
  return pattern.error().message;
}

std::string members(const ByteSet& set) {
  std::string text;
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (((set[byte >> 6U] >> (byte & 63U)) & 1U) != 0) text += static_cast<char>(byte);
  }
  return text;
}

// "text@min-max", with "/i" when caseless, sorted and joined by a blank.
std::string written(const Literals& literals) {
  std::vector<std::string> parts;
  for (const Pattern::Literal& literal : literals) {
    parts.push_back(literal.text + (literal.caseless ? "/i@" : "@") + std::to_string(literal.min_before) + "-" +
                    std::to_string(literal.max_before));
  }
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : " ") + part;
  return text;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool stands_in(const std::string& text, const Pattern::Literal& literal) {
  for (std::size_t at = literal.min_before; at <= literal.max_before && at <= text.size(); ++at) {
    const std::string part = text.substr(at, literal.text.size());
    if ((literal.caseless ? lower(part) : part) == literal.text) return true;
  }
  return false;
}

bool one_stands_in(const std::string& text, const Literals& literals) {
  return std::any_of(literals.begin(), literals.end(),
                     [&](const Pattern::Literal& literal) { return stands_in(text, literal); });
}

RE2::Options latin1() {
  RE2::Options options(RE2::Latin1);
  options.set_log_errors(false);
  options.set_max_mem(int64_t{256} << 20);
  return options;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

std::string bytes_in(const ByteSet& set) {
  std::string bytes;
  for (unsigned byte = 0; byte < 256; ++byte) {
    if ((set[byte >> 6] >> (byte & 63U) & 1U) != 0) bytes += static_cast<char>(byte);
  }
  return bytes;
}

bool fits(const std::string& match, const std::vector<ByteSet>& sets) {
  for (std::size_t i = 0; i < std::min(match.size(), sets.size()); ++i) {
    if (bytes_in(sets[i]).find(match[i]) == std::string::npos) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("widths are those of the shortest and the longest match") {
  struct Row {
    std::string_view pattern;
    std::uint32_t least;
    std::uint32_t most;
    std::uint32_t groups;
  };
  const Row rows[] = {
      {"", 0, 0, 0},
      {"abc", 3, 3, 0},
      {"a{3,5}", 3, 5, 0},
      {"(ab|c){2}", 2, 4, 1},
      {"(?:x|yz)?", 0, 2, 0},
      {"\\bkey\\b", 3, 3, 0},
      {"(?P<id>[A-Z]{4})-((a)|(b))", 6, 6, 4},
      {"\\x41\\x{42}\\n\\.", 4, 4, 0},
      {"(?i)a(?-i)b(?s:.)", 3, 3, 0},
      {"a{0}b", 1, 1, 0},
      {"(?:(?:a{10}){10}){10}", 1000, 1000, 0},
      {"[[:alpha:]_][^\\d\\s]{0,62}?", 1, 63, 0},
      {"[]a][^]a][a-b-c][\\d-z]", 4, 4, 0},
      {"(?:^|,)a(?:$|;)", 1, 3, 0},
      {"\xe9\xff", 2, 2, 0},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION("pattern " << row.pattern) {
      const Pattern pattern = parsed(row.pattern);
      CHECK(pattern.min_width() == row.least);
      CHECK(pattern.max_width() == row.most);
      CHECK(pattern.groups() == row.groups);
    }
  }
}

TEST_CASE("what cannot be bounded or read is refused with its offset and a remedy") {
  struct Row {
    std::string_view pattern;
    std::string_view message;
  };
  const Row rows[] = {
      {"key_[a-z]{4}+", "offset 12: a repetition of a repetition; put the first into a group (?:…)"},
      {"key_[a-z]+", "offset 9: '+' has no upper bound; write {1,64}"},
      {"a*", "offset 1: '*' has no upper bound; write {0,64}"},
      {"a{3,}", "offset 1: '{3,}' has no upper bound; write {3,64}"},
      {"a{300,}", "offset 1: '{300,}' has no upper bound; write {300,600}"},
      {"a{900,}", "offset 1: '{900,}' has no upper bound; write {900,1000}"},
      {"*a", "offset 0: '*' has nothing to repeat; write \\* for the character"},
      {"a|{2}", "offset 2: '{' has nothing to repeat; write \\{ for the character"},
      {"(?i){2}", "offset 4: '{' has nothing to repeat; write \\{ for the character"},
      {"^?a", "offset 1: an assertion cannot be repeated; remove the repetition"},
      {"a{,5}", "offset 1: '{' begins no repetition; write {1,64}, or \\{ for the character"},
      {"a{x", "offset 1: '{' begins no repetition; write {1,64}, or \\{ for the character"},
      {"a{5,2}", "offset 1: the lower bound is above the upper one; swap them"},
      {"a{1001}", "offset 1: a repetition count over 1000; lower it"},
      {"a{1,99999999999999999999}", "offset 1: a repetition count over 1000; lower it"},
      {"(a{100}){11}", "offset 8: nested repetitions over 1000 in all; lower the counts"},
      {"(abc", "offset 0: '(' is not closed; add ')', or write \\( for the character"},
      {"ab)", "offset 2: ')' closes no group; write \\) for the character"},
      {"x[abc", "offset 1: '[' is not closed; add ']', or write \\[ for the character"},
      {"[]", "offset 0: '[' is not closed; add ']', or write \\[ for the character"},
      {"[z-a]", "offset 1: a range whose end is before its start; swap them"},
      {"[^\\x00-\\xff]", "offset 0: a class without members; it never matches"},
      {"[[:nope:]]", "offset 1: an unknown class name; write [:alnum:] or the like, or \\[ for the character"},
      {"a\\", "offset 1: a backslash at the end; write \\\\ for the character"},
      {"\\1", "offset 0: an escape of '1' is not supported; write the byte as \\x41"},
      {"\\pL", "offset 0: an escape of 'p' is not supported; write the byte as \\x41"},
      {"[\\b]", "offset 1: an escape of 'b' is not supported; write the byte as \\x41"},
      {"\\x4", "offset 0: a byte is written \\x41 or \\x{41}, 00 to ff"},
      {"\\x{100}", "offset 0: a byte is written \\x41 or \\x{41}, 00 to ff"},
      {"a(?=b)", "offset 1: lookaround is not supported; match the text itself or write \\b"},
      {"(?<!b)a", "offset 0: lookaround is not supported; match the text itself or write \\b"},
      {"(?<n>a)", "offset 0: a name is written (?P<name>…) here; add the P"},
      {"(?P<n>a)(?P<n>b)", "offset 12: a second group of this name; rename it"},
      {"(?P<>a)", "offset 4: a group's name is letters, digits and '_', closed by '>'"},
      {"(?)", "offset 2: no flag named; use i, m or s"},
      {"(?U)a", "offset 2: 'U' is no flag here; use i, m or s"},
      {"(?i", "offset 2: flags without an end; close them with ')' or ':'"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION("pattern " << row.pattern) { CHECK(refusal(row.pattern) == row.message); }
  }
  CHECK(refusal("(?:" + std::string(100, 'a') + "){700}").find("offset 0: can match over 65536 bytes") == 0);
  std::string wide;
  for (int i = 0; i < 66; ++i) wide += ".{1000}";
  CHECK(refusal(wide).find("offset 0: a match can be over 65536 bytes wide") == 0);
}

TEST_CASE("groups nest 200 deep and no deeper") {
  CHECK(parsed(std::string(200, '(') + "a" + std::string(200, ')')).groups() == 200);
  CHECK(refusal(std::string(201, '(') + "a" + std::string(201, ')')) ==
        "offset 200: groups nested over 200 deep; flatten them");
  CHECK(refusal(std::string(100'000, '(')).find("offset 200:") == 0);
}

TEST_CASE("required literals are the rarest set that every match contains one of") {
  struct Row {
    std::string_view pattern;
    std::size_t min_length;
    std::string_view literals;
  };
  const Row rows[] = {
      {"abcd", 3, "abcd@0-0"},
      {"gh[pousr]_[A-Za-z0-9]{36}", 3, "gho_@0-0 ghp_@0-0 ghr_@0-0 ghs_@0-0 ghu_@0-0"},
      {"[a-z]{10}", 1, ""},
      {"ab[0-9]cd", 3, ""},
      {"[0-9]{1,5}qzxv[a-z]{3}", 3, "qzxv@1-5"},
      {"(?i)Zyx_[0-9]{3}", 3, "zyx_/i@0-0"},
      {"(?i:qz)wv", 3, "qzwv/i@0-0"},
      {"(?i)q[x-z]_", 3, "qx_/i@0-0 qy_/i@0-0 qz_/i@0-0"},
      {"-{5}x", 3, "-----x@0-0"},
      {"-{4,5}", 3, "----@0-0"},
      {"(?:qz){2,3}v", 3, "qzqzv@0-2"},
      {"zq{20,500}[a-z]v", 3, "zqqqqqqqqqqqqqqqqqqqq@0-0"},
      {"(?:[a-z]{2}:)?qxz-", 3, "qxz-@0-3"},
      {"(?:qzv[0-9]{4}|[a-z]wxj)", 3, "qzv@0-0 wxj@1-1"},
      {"(?:qzv[0-9]{4}|[a-z]{4})", 3, ""},
      {"qz(v[0-9])(j)", 3, "qzv@0-0"},
      {"qz(vx)(j)", 3, "qzvxj@0-0"},
      {"[ab]?qzxv", 3, "qzxv@0-1"},
      {"(?:[0-9]{2}qzv){2}", 3, "qzv@2-2"},
      {"\\bqzx\\b", 3, "qzx@0-0"},
      // Common words are no rare sight, however long.
      {"password[0-9]{4}zqxj", 3, "zqxj@12-12"},
      // 9 x 9 is over the limit of 64: each side stands for itself.
      {"(?:1|2|3|4|5|6|7|8|9)(?:1|2|3|4|5|6|7|8|9)zxqj", 3, "zxqj@2-2"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION("pattern " << row.pattern) {
      CHECK(written(parsed(row.pattern).required_literals(row.min_length)) == row.literals);
    }
  }
}

TEST_CASE("the rarest literal of a set comes first") {
  const Literals literals = parsed("(?:key|zqxjvw|token)[0-9]").required_literals(3);
  REQUIRE(literals.size() == 3);
  CHECK(literals[0].text == "zqxjvw");
  CHECK(parsed("(?:key|zqxjvw)[0-9]").required_literals(4).empty());
}

TEST_CASE("texts stand in every match or the pattern has no place for them") {
  struct Row {
    std::string_view pattern;
    std::vector<std::string> texts;
    bool caseless;
    std::string_view places;  // "none": a match can lack them
  };
  const Row rows[] = {
      {"gh[pousr]_[A-Z]{4}", {"gh"}, false, "gh@0-0"},
      {"gh[po]_[A-Z]{4}", {"ghp_", "gho_"}, false, "gho_@0-0 ghp_@0-0"},
      {"gh[pou]_[A-Z]{4}", {"ghp_", "gho_"}, false, "none"},
      {"(?:sk|rk)_live_[0-9]{4}", {"_live_"}, false, "_live_@2-2"},
      {"[a-z]{2,9}(?:qz|zqv)x", {"qz", "zq"}, false, "qz@2-9 zq@2-9"},
      {"(?:qz[0-9]|[0-9]{2}qz)", {"qz"}, false, "qz@0-2"},
      {"(?:qz[0-9]|[0-9]{2}zq)", {"qz"}, false, "none"},
      {"qz?v", {"qz"}, false, "none"},
      {"(?i)Secret", {"SECRET"}, true, "SECRET/i@0-0"},
      {"(?i)secret", {"secret"}, false, "none"},
      {"(?i)a-_b", {"-_"}, false, "-_@1-1"},
      {"Secret", {"secret"}, true, "secret/i@0-0"},
      {"Secret", {"secret"}, false, "none"},
      {"qz", {""}, false, "none"},
      {"qz", {}, false, "none"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION("pattern " << row.pattern << " with " << row.texts.size() << " texts") {
      const std::optional<Literals> places = parsed(row.pattern).places_of(row.texts, row.caseless);
      CHECK((places ? written(*places) : "none") == row.places);
    }
  }
}

TEST_CASE("a literal prefix is what every text of a group begins with") {
  struct Row {
    std::string_view pattern;
    std::uint32_t group;
    std::string_view prefix;
  };
  const Row rows[] = {
      {"abc[0-9]", 0, "abc"},
      {"x=(ab(?:cd|ce)f)", 1, "abc"},
      {"x=(ab(?:cd|ce)f)", 0, "x=abc"},
      {"(?:ab|ab)c", 0, "abc"},
      {"a{3}b", 0, "aaab"},
      {"a{2,3}b", 0, "aa"},
      {"(?:ab)?c", 0, ""},
      {"\\b(?:k-)[k]x", 0, "k-kx"},
      {"(?i)_-a", 0, "_-"},
      {"[ab]c", 0, ""},
      {"(a)", 2, ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION("group " << row.group << " of " << row.pattern) {
      CHECK(parsed(row.pattern).literal_prefix(row.group) == row.prefix);
    }
  }
}

TEST_CASE("borders are the bytes by which a match could have gone on") {
  struct Row {
    std::string_view pattern;
    std::string before;
    std::string behind;
  };
  const std::string alnum(kAlnum);
  const Row rows[] = {
      {"key", alnum, alnum},
      {"-key=", "", ""},
      {"[ab]{3}-[cd]{2,4}", "ab", "cd"},
      {"\\b[ab]{3}\\b", "ab", "ab"},
      {"(?:[ab]{3}|[xy]{2})", "abxy", "abxy"},
      {"(?:[ab]){3}", "ab", "ab"},
      // What is optional leaves the edge to its neighbour.
      {"_?[ab]{3}={0,2}", "ab", "ab"},
      {"[ab]{3}c?", "ab", alnum},
      // A class that stands once: a delimiter borders nothing, letters and digits border as a literal.
      {"[\"']key[\"']", "", ""},
      {"[a-f]_[0-9]", alnum, alnum},
      // At the edge of a text nothing borders.
      {"(?:^|[^a-z])key(?:$|[^a-z])", "", ""},
      {"^key$", alnum, alnum},
      {"(?:[ab]{4}-){3}", "ab", ""},
      {"(?i)[ab]{2}", "ABab", "ABab"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION("pattern " << row.pattern) {
      const Pattern pattern = parsed(row.pattern);
      CHECK(members(pattern.border_before()) == row.before);
      CHECK(members(pattern.border_behind()) == row.behind);
    }
  }
}

TEST_CASE("samples match, stay within the widths and hold a required literal") {
  const std::string_view patterns[] = {
      "abc",
      "gh[pousr]_[A-Za-z0-9]{36}",
      "xox[abprs]-(?:[0-9]{10,13}-){1,3}[a-zA-Z0-9-]{20,34}",
      "\\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\\b",
      "(?i)(?:secret|token|passw(?:or)?d)[a-z0-9_.-]{0,20}[\"']?\\s{0,3}[:=]{1,2}\\s{0,3}[\"']([^\"'\\n]{8,64})",
      "-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----",
      "-{5}[A-Z ]{1,40}-{4,5}",
      "ey[A-Za-z0-9_-]{17,100}\\.ey[A-Za-z0-9_/-]{17,100}\\.[A-Za-z0-9_-]{10,100}={0,2}",
      "(?P<user>\\w{3,8}):(?P<secret>[^\\s@:/]{4,20})@",
      "[[:upper:]]{2}[[:^digit:]][[:punct:]]{1,3}",
      "(?i)api_?key",
      "(?i:[a-d]x)Y[^a-c]",
      "a??b{2,3}?c{0}d",
      "(?:a|bc|def){1,4}x",
      "(?:|a|ab)(?:c|)",
      "\\x41\\x{7a}\\n\\t\\.\\[\\\\",
      "[\\x00-\\x1f]{3}",
      "[\\x80-\\xff]{1,5}",
      "\xe9(?i)\xe9",
      ".{1,20}",
      "(?s).{1,20}",
      "^start",
      "end$",
      "(?m)^line$",
      "\\Awhole\\z",
      "(?:^|[^a-z])key_(?:[0-9]{4}|$)",
      "x\\B[a-z]\\b-",
      "[a-z-]{3}\\b[a-z-]{3}",
      "(?:\\b[a-z]{2,3}\\b[ -]){2}",
      "((((a)b)c)d){1,3}",
      "(?:(?:[0-9]{2}qz){1,2}|v){2,3}",
      "[]a]{2}[^]a]{2}",
      "[a-b-c]{3}[\\d-z]{3}",
      "[\\D]{4}[^\\W]{4}\\S\\s",
      "(?:qzv[0-9]{4}|[a-z]wxj){1,2}",
      "[ab]?[cd]{0,2}qz(?:x|y)?",
      "(?:sk|rk)_(?:live|test)_[0-9a-zA-Z]{10,99}",
      "z{10,60}[qv]",
      "(?i)(a|B)c(?-i)D(?i:e)f",
      "[[:word:]]{1,3}[[:space:]][[:xdigit:]]{2}",
      "\\Q?",
      "a{1000}",
  };
  std::mt19937_64 random(7);
  for (const std::string_view text : patterns) {
    if (text == "\\Q?") {
      CHECK(refusal(text).find("offset 0:") == 0);
      continue;
    }
    DYNAMIC_SECTION("pattern " << text) {
      const Pattern pattern = parsed(text);
      const RE2 expression(piece(text), latin1());
      REQUIRE(expression.ok());
      CHECK(static_cast<int>(pattern.groups()) == expression.NumberOfCapturingGroups());
      const Literals literals = pattern.required_literals(1);
      for (int i = 0; i < 200; ++i) {
        core::Span span;
        const std::string sample = pattern.sample(random, pattern.groups() > 0 ? 1 : 0, span, i % 2 == 1);
        REQUIRE(RE2::FullMatch(sample, expression));
        REQUIRE(sample.size() >= pattern.min_width());
        REQUIRE(sample.size() <= pattern.max_width());
        REQUIRE(span.begin <= span.end);
        REQUIRE(span.end <= sample.size());
        if (!literals.empty()) REQUIRE(one_stands_in(sample, literals));
      }
    }
  }
}

TEST_CASE("the bytes that a match can have at its first offsets") {
  const std::vector<ByteSet> sets = parsed("(?i)pwd(?:-x){0,2}=[0-9]{2}").bytes_at(8);
  REQUIRE(sets.size() == 8);
  CHECK(bytes_in(sets[0]) == "Pp");
  CHECK(bytes_in(sets[3]) == "-=");
  CHECK(bytes_in(sets[4]) == "0123456789Xx");
  CHECK(bytes_in(sets[5]) == "-0123456789=");
  // A match can end after six bytes: from there on anything may follow.
  CHECK(bytes_in(sets[6]).size() == 256);
  CHECK(parsed("ab").bytes_at(1).size() == 1);
}

TEST_CASE("a literal at a known place is preferred to look for") {
  CHECK(parsed("(?:token|secret)[a-z]{0,20}value").guarded_literals(3).front().max_before == 0);
  CHECK(parsed("[a-z]{0,20}zqxjv").guarded_literals(3).front().text == "zqxjv");
  // What stands everywhere is no help.
  CHECK(parsed("[0-9]{4}-[0-9a-f]{8}").guarded_literals(2).empty());
}

TEST_CASE("a sample names the place of its group, keeps to printable text, and depends on the seed alone") {
  const Pattern pattern = parsed("(?:(?:key=([^a-z]{5}))|x);");
  std::mt19937_64 random(1);
  std::mt19937_64 again(1);
  for (int i = 0; i < 100; ++i) {
    core::Span span;
    core::Span same;
    const std::string sample = pattern.sample(random, 1, span);
    CHECK(span == core::Span{4, 9});
    CHECK(std::all_of(sample.begin(), sample.end(), [](char c) { return c >= ' ' && c <= '~'; }));
    CHECK(pattern.sample(again, 1, same) == sample);
  }
  core::Span span;
  const std::string plain = pattern.sample(random, 1, span, true);
  CHECK(plain.substr(4, 5).find_first_not_of(kAlnum) == std::string::npos);
  CHECK(parsed("(?i)MiXed").sample(random, 0, span) == "MiXed");
}

TEST_CASE("what parses is a pattern of RE2, and its facts hold") {
  // Pieces of syntax, often enough well-formed when put together by chance.
  const std::string_view pieces[] = {"a",    "b",     "Q",       "_",    "-",      "(",     "(?:",          ")",
                                     "|",    "[",     "]",       "[^",   "[a-c]",  "[^x]",  "\\d",          "\\w",
                                     "\\b",  "^",     "$",       "?",    "{2}",    "{0,3}", "{1,2}?",       "{12}",
                                     "(?i)", "(?s)",  ".",       "(?i:", "\\x4",   "\\x41", "[:a",          "\\",
                                     "{",    "}",     "*",       "+",    "(?P<n>", "\xc9",  "[[:alpha:]-]", "(?m)",
                                     "\\S",  "(?-i)", "[\\s-~]", "qzx",  "{0}"};
  std::mt19937_64 random(11);
  int accepted = 0;
  for (int i = 0; i < 30'000; ++i) {
    std::string text;
    const std::size_t count = 1 + random() % 12;
    for (std::size_t j = 0; j < count; ++j) {
      if (random() % 16 == 0) {
        text += static_cast<char>(random() & 255U);
      } else {
        text += pieces[random() % std::size(pieces)];
      }
    }
    const Result<Pattern> pattern = Pattern::parse(text);
    if (!pattern) continue;
    ++accepted;
    const RE2 expression(text, latin1());
    INFO("pattern " << text);
    REQUIRE(expression.ok());
    REQUIRE(static_cast<int>(pattern.value().groups()) == expression.NumberOfCapturingGroups());
    core::Span span;
    const std::string sample = pattern.value().sample(random, 0, span);
    const Literals literals = pattern.value().required_literals(1);
    static_cast<void>(pattern.value().border_before());
    static_cast<void>(pattern.value().literal_prefix(1));
    REQUIRE(sample.size() >= pattern.value().min_width());
    REQUIRE(sample.size() <= pattern.value().max_width());
    if (!literals.empty()) REQUIRE(one_stands_in(sample, literals));
    const Literals guarded = pattern.value().guarded_literals(1);
    if (!guarded.empty()) REQUIRE(one_stands_in(sample, guarded));
    REQUIRE(fits(sample, pattern.value().bytes_at(24)));
    // An assertion can be one that no text fulfils.
    if (text.find_first_of("^$\\") == std::string::npos) REQUIRE(RE2::FullMatch(sample, expression));
  }
  CHECK(accepted > 3000);
}

TEST_CASE("random bytes never crash the parser") {
  std::mt19937_64 random(13);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 40, ' ');
    for (char& c : text) c = static_cast<char>(random() & 255U);
    const Result<Pattern> pattern = Pattern::parse(text);
    if (!pattern) {
      REQUIRE(pattern.error().message.find("offset ") == 0);
      continue;
    }
    REQUIRE(RE2(text, latin1()).ok());
  }
}

}  // namespace keytrail::ruleset
