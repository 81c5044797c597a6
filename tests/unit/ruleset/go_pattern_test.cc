#include "scanner/ruleset/go_pattern.h"

#include <re2/re2.h>

#include <random>
#include <string>

#include "scanner/base/glob.h"
#include "scanner/ruleset/pattern.h"
#include "tests/support/catch.h"

using namespace keytrail;
using namespace keytrail::ruleset;

namespace {

struct Row {
  const char* go;
  const char* ours;
  const char* run;
};

std::unique_ptr<re2::RE2> compiled(const std::string& pattern) {
  return std::make_unique<re2::RE2>(pattern, re2::RE2::Latin1);
}

}  // namespace

TEST_CASE("repetitions without an upper bound get one") {
  const Row rows[] = {
      {R"(ab*c)", R"(ab{0,256}c)", ""},        {R"(ab+?c)", R"(ab{1,256}?c)", ""},
      {R"(a{3,}c)", R"(a{3,256}c)", ""},       {R"(a{300,}c)", R"(a{300,300}c)", ""},
      {R"((?:ab)+c)", R"((?:ab){1,16}c)", ""}, {R"((?:a[bc]+)+d)", R"((?:a[bc]{1,48}){1,4}d)", ""},
      {R"(a{2,4}?)", R"(a{2,4}?)", ""},        {R"(ab?c)", R"(ab?c)", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.go) {
      const auto made = bound_pattern(row.go);
      REQUIRE(made);
      CHECK(made->run == row.run);
      if (std::string_view(row.go) == "(?:a[bc]+)+d") {
        CHECK(Pattern::parse(made->pattern));
      } else {
        CHECK(made->pattern == row.ours);
      }
      CHECK(made->changes.empty() == (std::string_view(row.go) == row.ours));
    }
  }
}

TEST_CASE("a class without a bound at the end is a run") {
  const Row rows[] = {
      {R"(acme_[0-9a-z]+)", R"(acme_[0-9a-z]{1,64})", "[0-9a-z]"},
      {R"(acme_([0-9a-z]{20,}))", R"(acme_([0-9a-z]{20,64}))", "[0-9a-z]"},
      {R"((?i)acme_([a-z0-9]{20,}))", R"((?i)acme_([a-z0-9]{20,64}))", "[A-Za-z0-9]"},
      {R"(acme_\w+)", R"(acme_\w{1,64})", R"([\w])"},
      {R"(acme_([0-9a-z]+)\b)", R"(acme_([0-9a-z]{1,256})\b)", ""},
      {R"(acme_[0-9]+|bcme_[0-9]+)", R"(acme_[0-9]{1,256}|bcme_[0-9]{1,256})", ""},
      {R"(acme_(?:[0-9]+|[a-z]+))", R"(acme_(?:[0-9]{1,256}|[a-z]{1,256}))", ""},
      {R"(acme_(?:[0-9]+)?)", R"(acme_(?:[0-9]{1,256})?)", ""},
      {R"(acme_[^ ]+)", R"(acme_[^ ]{1,256})", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.go) {
      const auto made = bound_pattern(row.go);
      REQUIRE(made);
      CHECK(made->pattern == row.ours);
      CHECK(made->run == row.run);
    }
  }
}

TEST_CASE("what Go writes in another way is written in ours") {
  const Row rows[] = {
      {R"(a{b)", R"(a\{b)", ""},
      {R"(\${x})", R"(\$\{x})", ""},
      {R"(a{,3})", R"(a\{,3})", ""},
      {R"((?<name>a)b)", R"((?P<name>a)b)", ""},
      {R"(\Qa.b\E*)", R"(a\.b{0,256})", ""},
      {R"(\x{41}b)", R"(\x41b)", ""},
      {R"(\101b)", R"(\x41b)", ""},
      {R"([\]a]b)", R"([\]a]b)", ""},
      {R"([]a]b)", R"([]a]b)", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.go) {
      const auto made = bound_pattern(row.go);
      REQUIRE(made);
      CHECK(made->pattern == row.ours);
    }
  }
}

TEST_CASE("what bytes cannot say is refused with the reason") {
  for (const char* pattern : {R"(\pLa)", R"([\p{Greek}]a)", R"(\x{263a})", R"((?U)a+)", R"(a()", R"(a))", R"(*a)",
                              R"([a)", R"(a\)", R"((((((((((a+)+)+)+)+)+)+)+)+)+)"}) {
    DYNAMIC_SECTION(pattern) {
      const auto made = bound_pattern(pattern);
      REQUIRE(!made);
      CHECK(!made.error().message.empty());
    }
  }
  CHECK(!bound_pattern(std::string(20000, 'a')));
}

TEST_CASE("a bounded pattern matches short texts as the unbounded one does") {
  std::mt19937 random(7);
  for (const char* go : {R"(a*b+)", R"((?:ab|c)+d*)", R"((?i)x[a-c]+y)", R"(a{2,}b?)", R"((a+|b*)c)", R"(\bab+\b)",
                         R"(^a+$)", R"((?s)a.*b)", R"(a.*b)", R"([^a]+a)"}) {
    const auto made = bound_pattern(go);
    REQUIRE(made);
    const auto theirs = compiled(go);
    const auto ours = compiled(made->pattern);
    REQUIRE(theirs->ok());
    REQUIRE(ours->ok());
    for (int i = 0; i < 500; ++i) {
      std::string text;
      for (std::size_t size = random() % 9; text.size() < size;) text += "abcdxyX \n"[random() % 9];
      CHECK(re2::RE2::PartialMatch(text, *theirs) == re2::RE2::PartialMatch(text, *ours));
    }
  }
}

TEST_CASE("any bytes are a pattern of ours or an error") {
  std::mt19937 random(8);
  constexpr std::string_view kPieces = "ab01\\[](){}*+?|^$.,-:PQExip<>=!\xc3\xa4";
  int made_some = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::size_t size = random() % 24; text.size() < size;) text += kPieces[random() % kPieces.size()];
    const auto made = bound_pattern(text);
    if (!made) continue;
    ++made_some;
    CHECK(Pattern::parse(made->pattern));
    if (!made->run.empty()) CHECK(Pattern::parse(made->run + "{1,2}"));
  }
  CHECK(made_some > 100);
}

TEST_CASE("a glob matches the paths of the pattern that it stands for") {
  const char* patterns[] = {R"(\.min\.js$)",         R"((^|/)vendor/)", R"(^docs/.*\.md$)",
                            R"(package-lock\.json)", R"(^go\.sum$)",    R"(test/fixtures/)"};
  const char* paths[] = {"a.min.js",  "x/a.min.js", "a.min.jsx",           "vendor/a",     "x/vendor/a.c",
                         "xvendor/a", "docs/a.md",  "docs/x/a.md",         "x/docs/a.md",  "package-lock.json",
                         "x/go.sum",  "go.sum",     "src/test/fixtures/a", "test/fixture", "x/package-lock.json"};
  for (const char* pattern : patterns) {
    const std::string glob = path_glob(pattern);
    INFO(pattern << " " << glob);
    REQUIRE(!glob.empty());
    const auto regex = compiled(pattern);
    for (const char* path : paths) {
      INFO(path);
      CHECK(glob_matches(glob, path) == re2::RE2::PartialMatch(path, *regex));
    }
  }
  for (const char* pattern : {R"(a|b)", R"(a[0-9])", R"(a+)", R"(\d)", R"((?i)a)", ""})
    CHECK(path_glob(pattern).empty());
}
