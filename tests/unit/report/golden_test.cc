// Every sample in every format against a file in golden/. KEYTRAIL_RENEW_GOLDEN=1 writes the files anew.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/support/catch.h"
#include "tests/unit/report/sample.h"

namespace keytrail {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The lines around the first one that differs.
std::string small_diff(const std::string& golden, const std::string& now) {
  const std::vector<std::string> before = lines_of(golden);
  const std::vector<std::string> after = lines_of(now);
  std::size_t first = 0;
  while (first < before.size() && first < after.size() && before[first] == after[first]) ++first;
  std::string diff = "line " + std::to_string(first + 1) + ":\n";
  for (std::size_t i = first; i < first + 3; ++i) {
    if (i < before.size()) diff += "- " + before[i] + "\n";
  }
  for (std::size_t i = first; i < first + 3; ++i) {
    if (i < after.size()) diff += "+ " + after[i] + "\n";
  }
  return diff;
}

void check_golden(const std::string& name, const std::string& now) {
  const std::string path = std::string(KEYTRAIL_GOLDEN) + "/" + name;
  if (std::getenv("KEYTRAIL_RENEW_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << now;
    return;
  }
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  std::ostringstream golden;
  golden << in.rdbuf();
  INFO(name << ", renew with KEYTRAIL_RENEW_GOLDEN=1\n" << small_diff(golden.str(), now));
  CHECK((golden.str() == now));
}

TEST_CASE("reports are as the golden files show them") {
  for (const test::Sample& sample : test::samples()) {
    for (const std::string_view format : report::format_names()) {
      if (format == "html") continue;  // the page and the JSON: html_test.cc
      const std::string name = sample.name + "." + (format == "text" ? "txt" : std::string(format));
      DYNAMIC_SECTION(name) { check_golden(name, test::rendered(*report::parse_format(format), sample.report)); }
    }
  }
}

TEST_CASE("the text report with colours and links is as its golden file shows it") {
  report::RenderOptions options = test::sample_options();
  options.colour = true;
  options.hyperlinks = true;
  options.width = 60;
  check_golden("files.colour.txt", test::rendered(report::Format::text, test::sample("files"), options));
}

TEST_CASE("the verbose text report is as its golden file shows it") {
  report::RenderOptions options = test::sample_options();
  options.verbose = true;
  check_golden("files.verbose.txt", test::rendered(report::Format::text, test::sample("files"), options));
}

}  // namespace
}  // namespace keytrail
