#include "scanner/scan/suppression.h"

#include "tests/support/catch.h"

using namespace keytrail;
using namespace keytrail::scan;
using core::Suppression;

namespace {
const std::string kFingerprint(32, 'a');
const std::string kOther(32, 'b');
}  // namespace

TEST_CASE("a baseline survives writing and reading, whatever its fields hold") {
  const std::string text = format_baseline({{kOther, "z-rule", "b\tc\\d\n", "Ann", "why\tnot", "2027-01-31", 0},
                                            {kFingerprint, "a-rule", "a", "", "", "", 0}});
  const auto entries = parse_baseline(text, "base");
  REQUIRE(entries);
  REQUIRE(entries->size() == 2);
  CHECK((*entries)[0].rule == "a-rule");
  CHECK((*entries)[0].line == 3);
  CHECK((*entries)[1].path == "b\tc\\d\n");
  CHECK((*entries)[1].reason == "why\tnot");
  CHECK((*entries)[1].expires == "2027-01-31");
}

TEST_CASE("a baseline's order does not depend on the order of its findings") {
  const BaselineEntry one{kFingerprint, "r-a", "p", "", "", "", 0};
  const BaselineEntry two{kOther, "r-a", "p", "", "", "", 0};
  CHECK(format_baseline({one, two}) == format_baseline({two, one}));
}

TEST_CASE("wrong baseline lines are refused with file and line") {
  struct Row {
    const char* name;
    std::string line;
  };
  const Row rows[] = {
      {"too few fields", kFingerprint + "\trule"},
      {"too many fields", kFingerprint + "\ta\tb\tc\td\t\tf"},
      {"short fingerprint", "abc\ta\tb"},
      {"upper case fingerprint", std::string(32, 'A') + "\ta\tb"},
      {"no such day", kFingerprint + "\ta\tb\t\t\t2027-02-29"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const auto entries = parse_baseline("# comment\n\n" + row.line + "\n", "base.txt");
      REQUIRE(!entries);
      CHECK(entries.error().subject == "base.txt:3");
      CHECK(entries.error().code == ErrorCode::invalid_argument);
    }
  }
}

TEST_CASE("dates are days of the calendar") {
  CHECK(is_date("2028-02-29"));
  CHECK(!is_date("2027-02-29"));
  CHECK(!is_date("2100-02-29"));
  CHECK(is_date("2000-02-29"));
  CHECK(!is_date("2027-13-01"));
  CHECK(!is_date("2027-1-01"));
  CHECK(!is_date("2027-00-10"));
}

TEST_CASE("a baseline entry hides its finding at any path and no other finding") {
  Suppressions suppressions({}, {{kFingerprint, "r-a", "old/path", "Ann", "test value", "", 1}}, "2026-11-20");
  const auto found = suppressions.find("r-a", kFingerprint, "new/path");
  REQUIRE(found);
  CHECK(found->kind == Suppression::Kind::baseline);
  CHECK(found->owner == "Ann");
  CHECK(!suppressions.find("r-a", kOther, "old/path"));
}

TEST_CASE("an entry counts on its last day and not on the next") {
  const std::vector<BaselineEntry> entries = {{kFingerprint, "r-a", "p", "", "", "2026-11-20", 4}};
  CHECK(Suppressions({}, entries, "2026-11-20").find("r-a", kFingerprint, "p"));
  Suppressions late({}, entries, "2026-11-21");
  CHECK(!late.find("r-a", kFingerprint, "p"));
  REQUIRE(late.notes(false).size() == 1);
  CHECK(late.notes(false)[0].find("expired") != std::string::npos);
}

TEST_CASE("an allow entry wants all that it names") {
  AllowEntry entry;
  entry.paths = {"test/**", "*.md"};
  entry.rules = {"r-a"};
  entry.reason = "made up";
  Suppressions suppressions({entry}, {}, "2026-11-20");
  CHECK(suppressions.find("r-a", kOther, "test/x/y.c")->kind == Suppression::Kind::configuration);
  CHECK(suppressions.find("r-a", kOther, "docs/a.md"));
  CHECK(!suppressions.find("r-b", kOther, "test/x/y.c"));
  CHECK(!suppressions.find("r-a", kOther, "src/x.c"));
}

TEST_CASE("entries of no use are listed after a whole scan only") {
  Suppressions suppressions({}, {{kFingerprint, "r-a", "p", "", "", "", 1}, {kOther, "r-b", "q", "", "", "", 2}},
                            "2026-11-20");
  CHECK(suppressions.find("r-a", kFingerprint, "p"));
  CHECK(suppressions.notes(false).empty());
  REQUIRE(suppressions.notes(true).size() == 1);
  CHECK(suppressions.notes(true)[0].find("line 2") != std::string::npos);
}

TEST_CASE("a day is past when it is over") {
  const Suppressions suppressions({}, {}, "2026-11-20");
  CHECK(suppressions.is_past("2026-11-19T23:59:59Z"));
  CHECK(!suppressions.is_past("2026-11-20T00:00:00Z"));
  CHECK(!suppressions.is_past("2026-11-21"));
  CHECK(!suppressions.is_past("soon"));
  CHECK(!suppressions.is_past(""));
}
