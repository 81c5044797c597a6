#include "scanner/report/text_style.h"

#include <sstream>

#include "tests/support/catch.h"
#include "tests/unit/report/sample.h"

namespace keytrail {
namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string text_of(const core::ScanReport& report) { return test::rendered(report::Format::text, report); }

core::ScanReport with_occurrences(std::size_t count) {
  core::ScanReport report = test::sample("clean");
  core::Finding finding = test::finding("acme-token", core::Severity::critical, 'a');
  finding.occurrences.assign(count, test::file_occurrence("a", 1, 1));
  report.findings = {finding};
  return report;
}

TEST_CASE("a place is at the start of its line") { CHECK(has(text_of(with_occurrences(1)), "\na:1:1\n")); }

TEST_CASE("at most five places are shown, but never 'and 1 more'") {
  CHECK_FALSE(has(text_of(with_occurrences(5)), "more"));
  CHECK_FALSE(has(text_of(with_occurrences(6)), "more"));
  CHECK(has(text_of(with_occurrences(7)), "and 2 more"));
  CHECK(has(text_of(with_occurrences(1005)), "and 1,000 more"));
}

TEST_CASE("a clean and complete scan says so, and asks for nothing") {
  const std::string text = text_of(test::sample("clean"));
  CHECK(text.starts_with("No secrets found.\n"));
  CHECK_FALSE(has(text, "What to do next"));
}

TEST_CASE("paths are told from the current folder, so that a terminal can open them") {
  core::ScanReport scan_report = test::sample("files");
  scan_report.root = "/home/ann/project";
  struct Row {
    const char* name;
    const char* current;
    const char* want;
  };
  static constexpr Row kRows[] = {
      {"at the root", "/home/ann/project", "\nsrc/a.c:1:1"},
      {"in a folder of it", "/home/ann/project/src", "\na.c:1:1"},
      {"elsewhere", "/srv", "\n/home/ann/project/src/a.c:1:1"},
      {"beside it, with a name that begins alike", "/home/ann/proj", "\n/home/ann/project/src/a.c:1:1"},
      {"at the top", "/", "\nhome/ann/project/src/a.c:1:1"},
      {"unknown", "", "\nsrc/a.c:1:1"},
  };
  core::Finding finding;
  finding.rule = "some-token";
  finding.occurrences.resize(1);
  finding.occurrences[0].path = "src/a.c";
  scan_report.findings = {finding};
  for (const Row& row : kRows) {
    DYNAMIC_SECTION(row.name) {
      report::RenderOptions options;
      options.current_folder = row.current;
      std::ostringstream out;
      REQUIRE(report::write(report::Format::text, scan_report, {}, options, out));
      CHECK(has(out.str(), row.want));
    }
  }
}

TEST_CASE("an incomplete scan is never told as clean") {
  const std::string text = text_of(test::sample("incomplete"));
  CHECK_FALSE(has(text, "No secrets found.\n"));
  CHECK(has(text, "unreadable: 12\n"));
  CHECK(has(text, "a/19  (Permission denied)\n    and 2 more\n"));
  CHECK_FALSE(has(text, "a/20"));
  CHECK(has(text, "interrupted"));
}

TEST_CASE("suppressed findings are counted and not shown") {
  const std::string text = text_of(test::sample("files"));
  CHECK(has(text, "Suppressed: 1 by comment, 1 by baseline."));
  CHECK_FALSE(has(text, "tests/data.txt"));
}

TEST_CASE("history says where each occurrence went") {
  const std::string text = text_of(test::sample("history"));
  CHECK(has(text, "2222222  2023-11-15  Ann Example <ann@example.org>  still at the tip"));
  CHECK(has(text, "removed by 5555555"));
  CHECK(has(text, "unreachable"));
  CHECK(has(text, "blob 6666666:1:7  held by no commit"));
  CHECK(has(text, "message of commit ccccccc:2:7  1969-12-31"));
}

TEST_CASE("rotation comes first, with the place for it") {
  const std::string text = text_of(test::sample("files"));
  const std::size_t rotate = text.find("1. Rotate or revoke first.");
  const std::size_t place = text.find("Acme access token: https://acme.example/settings/tokens?tab=active");
  CHECK(rotate < place);
  CHECK(place < text.find("keytrail:allow RULE"));
}

TEST_CASE("colours and links only when asked for") {
  CHECK_FALSE(has(text_of(test::sample("hostile")), "\x1b"));
  report::RenderOptions options = test::sample_options();
  options.hyperlinks = true;
  const std::string text = test::rendered(report::Format::text, test::sample("files"), options);
  CHECK(has(text, "\x1b]8;;file:///home/ann/work%20tree/old.zip\x1b\\old.zip!/conf/app.ini:12:3\x1b]8;;\x1b\\\n"));
  CHECK_FALSE(has(text, "\x1b["));
}

TEST_CASE("numbers are grouped and sizes short") {
  CHECK(report::grouped(0) == "0");
  CHECK(report::grouped(999) == "999");
  CHECK(report::grouped(1000) == "1,000");
  CHECK(report::grouped(1234567) == "1,234,567");
  CHECK(report::human_bytes(0) == "0 bytes");
  CHECK(report::human_bytes(1) == "1 byte");
  CHECK(report::human_bytes(1023) == "1,023 bytes");
  CHECK(report::human_bytes(1024) == "1.0 KiB");
  CHECK(report::human_bytes(1024 * 1024 - 1) == "1,023.9 KiB");
  CHECK(report::human_bytes(UINT64_MAX) == "16,777,215.9 TiB");
}

TEST_CASE("prose is wrapped at words and never loses one") {
  report::RenderOptions options;
  options.width = 30;
  std::ostringstream out;
  report::TextStyle(options).write_wrapped("  - ", "one two three four five six seven " + std::string(40, 'x'), out);
  CHECK(out.str() == "  - one two three four five\n    six seven\n    " + std::string(40, 'x') + "\n");
}

}  // namespace
}  // namespace keytrail
