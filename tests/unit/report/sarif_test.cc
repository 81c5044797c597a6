#include <nlohmann/json.hpp>
#include <set>

#include "scanner/report/sarif_rules.h"
#include "tests/support/catch.h"
#include "tests/unit/report/sample.h"

namespace keytrail {
namespace {

using nlohmann::json;

json run_of(const core::ScanReport& report) {
  return json::parse(test::rendered(report::Format::sarif, report))["runs"][0];
}

core::ScanReport report_with(std::vector<core::Occurrence> occurrences) {
  core::ScanReport report = test::sample("clean");
  core::Finding finding = test::finding("acme-token", core::Severity::critical, 'a');
  finding.occurrences = std::move(occurrences);
  report.findings = {finding};
  return report;
}

std::vector<std::string> fingerprints(std::vector<core::Occurrence> occurrences) {
  std::vector<std::string> all;
  const json run = run_of(report_with(std::move(occurrences)));
  for (const json& result : run["results"]) {
    all.push_back(result["partialFingerprints"]["keytrail/v1"]);
  }
  return all;
}

core::Occurrence in_commit(char blob, char commit, bool at_tip) {
  core::Occurrence occurrence = test::file_occurrence("a", 1, 1);
  occurrence.kind = core::BlobKind::git_blob;
  occurrence.object = test::object_id(blob);
  occurrence.home.emplace();
  occurrence.home->commit = test::object_id(commit);
  occurrence.home->at_tip = at_tip;
  return occurrence;
}

// For reports that are too big to be parsed in passing.
std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

TEST_CASE("a fingerprint survives moved lines") {
  using test::file_occurrence;
  const auto before = fingerprints({file_occurrence("a", 1, 1), file_occurrence("a", 5, 1)});
  CHECK(fingerprints({file_occurrence("a", 11, 3), file_occurrence("a", 50, 9)}) == before);
  CHECK(before[0] != before[1]);
}

TEST_CASE("a fingerprint differs by path and by finding") {
  using test::file_occurrence;
  CHECK(fingerprints({file_occurrence("a", 1, 1)}) != fingerprints({file_occurrence("b", 1, 1)}));
  core::ScanReport report = report_with({file_occurrence("a", 1, 1)});
  const json before = run_of(report)["results"][0]["partialFingerprints"];
  report.findings[0].fingerprint = std::string(32, 'b');
  CHECK(run_of(report)["results"][0]["partialFingerprints"] != before);
}

TEST_CASE("at the tip a fingerprint is the work tree's; in the past each version has its own") {
  const auto work_tree = fingerprints({test::file_occurrence("a", 1, 1)});
  CHECK(fingerprints({in_commit('1', '2', true)}) == work_tree);
  CHECK(fingerprints({in_commit('3', '4', true)}) == work_tree);
  const auto past = fingerprints({in_commit('1', '2', false), in_commit('1', '3', false), in_commit('4', '2', false)});
  CHECK(std::set<std::string>(past.begin(), past.end()).size() == 3);
  CHECK(fingerprints({in_commit('4', '2', false)})[0] == past[2]);
}

TEST_CASE("GitHub's own fingerprint is set only where the work tree cannot give it") {
  CHECK_FALSE(run_of(report_with({test::file_occurrence("a", 1, 1)}))["results"][0]["partialFingerprints"].contains(
      "primaryLocationLineHash"));
  CHECK_FALSE(run_of(report_with({in_commit('1', '2', true)}))["results"][0]["partialFingerprints"].contains(
      "primaryLocationLineHash"));
  CHECK(run_of(report_with({in_commit('1', '2', false)}))["results"][0]["partialFingerprints"].contains(
      "primaryLocationLineHash"));
}

TEST_CASE("at most 25,000 results are written, suppressed ones give way, and the rest is told") {
  core::ScanReport report = report_with(std::vector<core::Occurrence>(24'990, test::file_occurrence("a", 1, 1)));
  core::Finding suppressed = test::finding("plain-value", core::Severity::medium, 'b');
  suppressed.suppressed.emplace();
  suppressed.occurrences.assign(100, test::file_occurrence("b", 1, 1));
  core::Finding low = test::finding("plain-value", core::Severity::low, 'c');
  low.occurrences.assign(4, test::file_occurrence("c", 1, 1));
  report.findings.push_back(suppressed);
  report.findings.push_back(low);
  const std::string text = test::rendered(report::Format::sarif, report);
  CHECK(count(text, "\"ruleId\": \"acme-token\"") == 24'990);
  CHECK(count(text, "\"suppressions\": ") == 6);
  CHECK(count(text, "\"uri\": \"c\"") == 4);
  CHECK(count(text, "\"ruleId\": ") == 25'000);
  CHECK(count(text,
              "{\"id\": \"result-limit\"}, \"level\": \"warning\", \"message\": {\"text\": \"94 of 25094 results") ==
        1);
  CHECK(count(text, "\"executionSuccessful\": true") == 1);
}

TEST_CASE("25,000 results are not too many") {
  const std::string text = test::rendered(
      report::Format::sarif, report_with(std::vector<core::Occurrence>(25'000, test::file_occurrence("a", 1, 1))));
  CHECK(count(text, "\"ruleId\": ") == 25'000);
  CHECK(count(text, "result-limit") == 0);
}

TEST_CASE("rules are those of the findings, sorted, with what GitHub shows") {
  const json driver = run_of(test::sample("files"))["tool"]["driver"];
  REQUIRE(driver["rules"].size() == 4);
  CHECK(driver["rules"][0]["id"] == "acme-token");
  CHECK(driver["rules"][0]["name"] == "AcmeAccessToken");
  CHECK(driver["rules"][0]["properties"]["security-severity"] == "9.5");
  CHECK(driver["rules"][0]["defaultConfiguration"]["level"] == "error");
  CHECK(driver["rules"][0]["helpUri"] == "https://acme.example/settings/tokens?tab=active");
  CHECK(driver["rules"][1]["id"] == "boring-password");
  CHECK_FALSE(driver["rules"][1].contains("helpUri"));
  CHECK(driver["rules"][1]["properties"]["tags"] == json({"security", "secret", "Boring, Inc."}));
  // A rule that the rule set lacks takes what its finding says.
  CHECK(driver["rules"][2]["id"] == "known-token");
  CHECK(driver["rules"][2]["properties"]["security-severity"] == "8.0");
  CHECK(driver["rules"][3]["name"] == "PlainValue");
  CHECK(run_of(test::sample("clean"))["tool"]["driver"]["rules"].empty());
}

TEST_CASE("a rule's name differs from its id, whatever the case") {
  core::ScanReport report = report_with({test::file_occurrence("a", 1, 1)});
  report.findings[0].rule = "token";
  CHECK(run_of(report)["tool"]["driver"]["rules"][0]["name"] == "TokenSecret");
  report.findings[0].rule = "7-\xff";
  CHECK(run_of(report)["tool"]["driver"]["rules"][0]["name"] == "Secret7");
}

TEST_CASE("suppressions say where they come from") {
  const json results = run_of(test::sample("files"))["results"];
  CHECK(results[results.size() - 2]["suppressions"][0]["kind"] == "inSource");
  const json& external = results[results.size() - 1]["suppressions"][0];
  CHECK(external["kind"] == "external");
  CHECK(external["status"] == "accepted");
  CHECK(external["justification"] == "a test account");
  CHECK_FALSE(results[0].contains("suppressions"));
}

TEST_CASE("what was not scanned is a warning each, up to a hundred of a reason") {
  core::ScanReport report = test::sample("clean");
  for (int i = 100; i < 203; ++i) report.skips.push_back({core::SkipReason::unreadable, std::to_string(i), "why"});
  const json invocation = run_of(report)["invocations"][0];
  CHECK(invocation["executionSuccessful"] == false);
  const json& notifications = invocation["toolExecutionNotifications"];
  REQUIRE(notifications.size() == 101);
  CHECK(notifications[0]["level"] == "warning");
  CHECK(notifications[0]["message"]["text"] == "Not scanned (unreadable): why.");
  CHECK(notifications[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "100");
  CHECK(notifications[100]["message"]["text"] == "3 more were not scanned (unreadable).");
}

TEST_CASE("what was left out on purpose is one note, and the run is a success") {
  core::ScanReport report = test::sample("clean");
  report.skips = {{core::SkipReason::ignored, "a", ""}, {core::SkipReason::ignored, "b", ""}};
  const json invocation = run_of(report)["invocations"][0];
  CHECK(invocation["executionSuccessful"] == true);
  REQUIRE(invocation["toolExecutionNotifications"].size() == 1);
  CHECK(invocation["toolExecutionNotifications"][0]["message"]["text"] == "Left out on purpose: 2 ignored.");
}

TEST_CASE("messages escape what SARIF gives a meaning") {
  CHECK(report::sarif_text("a{0}[x](1)\n") == "a{{0}}\\[x\\](1)\\n");
  CHECK(report::sarif_sentence("done.") == "done.");
  CHECK(report::sarif_sentence("done ") == "done.");
}

TEST_CASE("provenance needs a URL, and results below the root") {
  CHECK(run_of(test::sample("files"))["versionControlProvenance"][0]["revisionId"] == std::string(40, '9'));
  CHECK_FALSE(run_of(test::sample("hostile")).contains("versionControlProvenance"));
  const json outside = run_of(test::sample("outside"));
  CHECK_FALSE(outside.contains("versionControlProvenance"));
  const json location = outside["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
  CHECK(location == json({{"uri", "file:///etc/outside%20%5B1%5D.conf"}}));
  CHECK(outside["originalUriBaseIds"]["SRCROOT"]["uri"] == "file:///");
}

}  // namespace
}  // namespace keytrail
