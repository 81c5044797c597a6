#include <algorithm>
#include <string>

#include "scanner/core/blob.h"
#include "scanner/core/finding.h"
#include "scanner/core/masked.h"
#include "tests/support/catch.h"

using namespace keytrail;
using namespace keytrail::core;

TEST_CASE("a masked secret shows its public prefix and at most four characters") {
  struct Row {
    const char* name;
    std::string secret;
    std::size_t prefix;
    std::string want;
  };
  const Row rows[] = {
      {"long body", "pre_" + std::string(26, 'x') + "wxyz", 4, "pre_****wxyz"},
      {"body of sixteen", std::string(14, 'x') + "yz", 0, "****yz"},
      {"body of eleven", std::string(11, 'x'), 0, "****"},
      {"prefix longer than the secret", "abc", 9, "abc****"},
      {"nothing", "", 0, "****"},
      {"line end in the tail", std::string(30, 'x') + "a\nb", 0, "****"},
      {"half a code point in the tail", std::string(30, 'x') + "\xC3\xA9", 0, "****"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) { CHECK(mask(row.secret, row.prefix) == row.want); }
  }
}

TEST_CASE("at least twelve characters stay hidden for four that are shown") {
  for (std::size_t size = 0; size < 64; ++size) {
    const std::string masked = mask(std::string(size, 'x'), 0);
    const std::size_t shown = masked.size() - 4;
    CHECK(shown <= 4);
    CHECK((shown == 0 || size - shown >= 8 + 3 * shown));
  }
}

TEST_CASE("object ids are read from 40 or 64 hexadecimal digits") {
  const std::string hex = "0123456789abcdef0123456789abcdef01234567";
  REQUIRE(ObjectId::from_hex(hex));
  CHECK(ObjectId::from_hex(hex)->hex() == hex);
  CHECK(ObjectId::from_hex(std::string(64, 'F'))->hex() == std::string(64, 'f'));
  CHECK(!ObjectId::from_hex(hex.substr(1)));
  CHECK(!ObjectId::from_hex(std::string(39, '0') + "g"));
}

TEST_CASE("a prefixed stream gives the head and then the rest") {
  MemoryStream rest("defgh");
  PrefixedStream stream("abc", rest);
  char buffer[16];
  CHECK(stream.read(buffer, 2).value() == 2);
  CHECK(stream.read(buffer, 3).value() == 3);
  CHECK(std::string(buffer, 3) == "cde");
  CHECK(stream.read(buffer, 16).value() == 3);
  CHECK(stream.read(buffer, 16).value() == 0);
}

TEST_CASE("findings come by severity, then place") {
  const auto finding = [](Severity severity, const char* path, std::uint64_t line) {
    Finding f;
    f.severity = severity;
    Occurrence o;
    o.path = path;
    o.position.start_line = line;
    f.occurrences.push_back(o);
    return f;
  };
  std::vector<Finding> findings = {finding(Severity::low, "a", 1), finding(Severity::high, "b", 2),
                                   finding(Severity::high, "b", 1), finding(Severity::high, "a", 9)};
  sort_findings(findings);
  CHECK(findings[0].occurrences[0].path == "a");
  CHECK(findings[1].occurrences[0].position.start_line == 1);
  CHECK(findings[2].occurrences[0].position.start_line == 2);
  CHECK(findings[3].severity == Severity::low);
}

TEST_CASE("what was left out on purpose leaves a scan complete") {
  ScanReport report;
  report.skips = {{SkipReason::ignored, "a", ""}, {SkipReason::symlink, "b", ""}};
  CHECK(!report.incomplete());
  report.skips.push_back({SkipReason::missing_object, "c", ""});
  CHECK(report.incomplete());
}

TEST_CASE("every skip reason has a name of its own") {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kSkipReasons; ++i) names.push_back(to_string(static_cast<SkipReason>(i)));
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}
