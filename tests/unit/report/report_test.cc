#include "scanner/report/report.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "scanner/report/formats.h"
#include "scanner/report/unicode.h"
#include "tests/support/catch.h"
#include "tests/unit/report/sample.h"

namespace keytrail {
namespace {

using nlohmann::json;

TEST_CASE("every name of a format is read back") {
  const std::vector<std::string_view> names = report::format_names();
  CHECK(names == std::vector<std::string_view>{"text", "json", "jsonl", "sarif", "csv", "html", "github", "gitlab",
                                               "junit", "sonarqube", "markdown"});
  for (const std::string_view name : names) CHECK(report::parse_format(name).has_value());
  CHECK(report::parse_format("sarif") == report::Format::sarif);
  CHECK_FALSE(report::parse_format("").has_value());
  CHECK_FALSE(report::parse_format("SARIF").has_value());
  CHECK_FALSE(report::parse_format("yaml").has_value());
}

TEST_CASE("a report ends with a newline, is UTF-8 and has no control character") {
  for (const test::Sample& sample : test::samples()) {
    for (const std::string_view format : report::format_names()) {
      DYNAMIC_SECTION(sample.name << " " << format) {
        const std::string text = test::rendered(*report::parse_format(format), sample.report);
        REQUIRE_FALSE(text.empty());
        CHECK(text.back() == '\n');
        std::size_t bad = 0;
        for (std::string_view rest = text; !rest.empty();) {
          const report::CodePoint c = report::decode_utf8(rest);
          const bool line_end = c.value == '\n' || (c.value == '\r' && format == "csv");
          if (!c.valid || (report::is_control(c.value) && !line_end)) ++bad;
          rest.remove_prefix(c.bytes);
        }
        CHECK(bad == 0);
        CHECK(text == test::rendered(*report::parse_format(format), sample.report));
      }
    }
  }
}

TEST_CASE("a stream that fails is an error") {
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  for (const std::string_view format : report::format_names()) {
    const Status status = report::write(*report::parse_format(format), test::sample("clean"), test::sample_rules(),
                                        test::sample_options(), out);
    REQUIRE_FALSE(status.has_value());
    CHECK(status.error().code == ErrorCode::internal);
  }
}

TEST_CASE("JSON has the fields of the contract") {
  const json document = json::parse(test::rendered(report::Format::json, test::sample("history")));
  CHECK(document["schema_version"] == 1);
  CHECK(document["tool"]["name"] == "keytrail");
  CHECK(document["incomplete"] == false);
  CHECK(document["tokens"] == json::array());
  CHECK(document["stats"]["bytes_scanned"] == 5'000'000'000);
  const json& finding = document["findings"][0];
  CHECK(finding["token"].is_null());
  CHECK(finding["verdict"].is_null());
  CHECK(finding["suppressed"].is_null());
  CHECK_FALSE(finding.contains("value"));
  const json& removed = finding["occurrences"][1];
  CHECK(removed["blob"] == std::string(40, '3'));
  CHECK(removed["commit"] == std::string(40, '4'));
  CHECK(removed["removed_by"] == std::string(40, '5'));
  CHECK(removed["date"] == "2020-09-13T08:56:40-03:30");
  CHECK(removed["at_tip"] == false);
  CHECK(removed["reachable"] == true);
  CHECK(removed["committer"] == "Cy Committer <cy@example.org>");
  CHECK(removed["commit_date"] == "2020-09-14T08:56:40-03:30");
  CHECK(removed["refs"] == json({"main", "v1.0"}));
  CHECK(removed["held_by"].is_null());
  CHECK_FALSE(finding["occurrences"][0].contains("committer"));
  CHECK(finding["occurrences"][0]["ref_count"] == 912);
  CHECK(finding["occurrences"][2]["commit"].is_null());
  CHECK(finding["occurrences"][2]["refs"] == json::array());
  CHECK(finding["occurrences"][5]["held_by"] == "stash@{1}");
  const json& staged = document["findings"][1]["occurrences"][1];
  CHECK(staged["held_by"] == "index");
  CHECK(staged["commit"].is_null());
  CHECK(staged["date"].is_null());
  const json& tag = document["findings"][1]["occurrences"][2];
  CHECK(tag["tag"] == std::string(40, 'd'));
  CHECK(tag["blob"].is_null());
}

TEST_CASE("JSON of files has no history fields, and says when the scan is incomplete") {
  const json files = json::parse(test::rendered(report::Format::json, test::sample("files")));
  CHECK_FALSE(files["findings"][0]["occurrences"][0].contains("commit"));
  CHECK(files["findings"][0]["facts"]["scope"] == "read, write");
  const json incomplete = json::parse(test::rendered(report::Format::json, test::sample("incomplete")));
  CHECK(incomplete["incomplete"] == true);
  CHECK(incomplete["interrupted"] == true);
  CHECK(incomplete["skipped"].size() == 14);
  CHECK(incomplete["skipped"][0]["reason"] == "unreadable");
  CHECK(incomplete["revision"].is_null());
}

TEST_CASE("JSON Lines ends with the summary") {
  std::istringstream in(test::rendered(report::Format::jsonl, test::sample("incomplete")));
  std::vector<std::string> types;
  for (std::string line; std::getline(in, line);) {
    CHECK(line.starts_with("{\"type\": "));
    types.push_back(json::parse(line)["type"]);
  }
  REQUIRE(types.size() == 15);
  CHECK(types.front() == "skip");
  CHECK(types.back() == "summary");
}

TEST_CASE("a value stands in a report only when it was asked for, and never in one that is made to be uploaded") {
  core::ScanReport report = test::sample("files");
  const std::string value = "acme_" + std::string(20, '7');
  for (const std::string_view format : report::format_names()) {
    CHECK(test::rendered(*report::parse_format(format), report).find(value) == std::string::npos);
  }
  report.findings[0].secret = value;
  for (const std::string_view format : report::format_names()) {
    const bool shown = test::rendered(*report::parse_format(format), report).find(value) != std::string::npos;
    const bool is_local = format == "text" || format == "json" || format == "jsonl" || format == "csv";
    CHECK(shown == is_local);
  }
}

TEST_CASE("CSV cells never begin like a formula") {
  core::ScanReport report = test::sample("clean");
  for (const char* path : {"=1", "+1", "-1", "@1", "\t=1", "\r1",
                           "\xef\xbc\x9d"
                           "1",
                           "'1", "a=1"}) {
    core::Finding finding = test::finding("plain-value", core::Severity::low, 'a');
    finding.occurrences = {test::file_occurrence(path, 1, 1)};
    report.findings.push_back(finding);
  }
  const std::string csv = test::rendered(report::Format::csv, report);
  for (const char* cell : {",'=1,", ",'+1,", ",'-1,", ",'@1,", ",'\\t=1,", ",'\\r1,",
                           ",'\xef\xbc\x9d"
                           "1,",
                           ",'1,", ",a=1,"}) {
    CHECK(csv.find(cell) != std::string::npos);
  }
}

}  // namespace
}  // namespace keytrail
