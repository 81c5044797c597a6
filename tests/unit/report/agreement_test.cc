// All formats tell the same findings: each is read back and compared with the report that it was written from.
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "scanner/report/unicode.h"
#include "tests/support/catch.h"
#include "tests/unit/report/sample.h"

namespace keytrail {
namespace {

using nlohmann::json;
using Told = std::multiset<std::string>;

std::string replaced(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const report::CodePoint c = report::decode_utf8(text);
    if (c.valid) {
      out.append(text.substr(0, c.bytes));
    } else {
      out += "\xEF\xBF\xBD";
    }
    text.remove_prefix(c.bytes);
  }
  return out;
}

std::string line(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += part + "|";
  return all;
}

std::string commit_in(const core::Occurrence& occurrence) {
  if (occurrence.kind == core::BlobKind::commit_message) return occurrence.object->hex();
  return occurrence.home && occurrence.home->has_commit() ? occurrence.home->commit.hex() : "";
}

// What every format has to tell of an occurrence; `form` is how the format writes text.
template <typename Form>
Told expected(const core::ScanReport& report, const Form& form) {
  Told told;
  for (const core::Finding& finding : report.findings) {
    for (const core::Occurrence& o : finding.occurrences) {
      told.insert(line({form(finding.rule), std::string(to_string(finding.severity)),
                        std::string(to_string(finding.confidence)), form(finding.masked), form(o.path),
                        std::string(to_string(o.kind)), std::to_string(o.position.start_line),
                        std::to_string(o.position.start_column), std::to_string(o.position.end_line),
                        std::to_string(o.position.end_column), commit_in(o),
                        finding.suppressed ? std::string(to_string(finding.suppressed->kind)) : ""}));
    }
  }
  return told;
}

std::string text_or_empty(const json& object, const char* key) {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string();
}

void add_json_finding(const json& finding, Told& told) {
  for (const json& o : finding["occurrences"]) {
    told.insert(line({finding["rule"], finding["severity"], finding["confidence"], finding["secret"], o["path"],
                      o["kind"], o["start_line"].dump(), o["start_column"].dump(), o["end_line"].dump(),
                      o["end_column"].dump(), text_or_empty(o, "commit"),
                      finding["suppressed"].is_null() ? "" : finding["suppressed"]["kind"].get<std::string>()}));
  }
}

Told told_by_json(const core::ScanReport& report) {
  Told told;
  const json document = json::parse(test::rendered(report::Format::json, report));
  for (const json& finding : document["findings"]) add_json_finding(finding, told);
  return told;
}

Told told_by_jsonl(const core::ScanReport& report) {
  Told told;
  std::istringstream in(test::rendered(report::Format::jsonl, report));
  for (std::string text; std::getline(in, text);) {
    const json object = json::parse(text);
    if (object["type"] == "finding") add_json_finding(object, told);
  }
  return told;
}

// Rows of cells (RFC 4180).
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string& cell = rows.back().back();
    if (quoted && text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      cell += text[++i];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == ',') {
      rows.back().emplace_back();
    } else if (!quoted && text[i] == '\r') {
      REQUIRE(i + 1 < text.size());
      REQUIRE(text[++i] == '\n');
      if (i + 1 < text.size()) rows.emplace_back(1);
    } else {
      cell += text[i];
    }
  }
  return rows;
}

Told told_by_csv(const core::ScanReport& report) {
  Told told;
  const auto rows = parse_csv(test::rendered(report::Format::csv, report));
  const auto column = [&](const std::vector<std::string>& row, std::string_view name) {
    const auto at = std::find(rows[0].begin(), rows[0].end(), name);
    REQUIRE(at != rows[0].end());
    const std::string& cell = row[static_cast<std::size_t>(at - rows[0].begin())];
    return cell.starts_with('\'') ? cell.substr(1) : cell;
  };
  for (std::size_t i = 1; i < rows.size(); ++i) {
    REQUIRE(rows[i].size() == rows[0].size());
    std::vector<std::string> parts;
    for (const char* name : {"rule", "severity", "confidence", "secret", "path", "kind", "start_line", "start_column",
                             "end_line", "end_column", "commit", "suppressed"}) {
      parts.push_back(column(rows[i], name));
    }
    // A finding that stands nowhere has a row without a path, which no other format has.
    if (parts[4].empty() && parts[5] == "file") continue;
    told.insert(line(parts));
  }
  return told;
}

int hex_value(char c) { return c <= '9' ? c - '0' : c - 'A' + 10; }

std::string decoded(const std::string& uri) {
  std::string out;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] != '%') {
      out += uri[i];
    } else {
      out += static_cast<char>(hex_value(uri[i + 1]) * 16 + hex_value(uri[i + 2]));
      i += 2;
    }
  }
  return out.starts_with("file://") ? out.substr(7) : out;
}

// What SARIF must name by a made path has none in the report.
std::string path_of(const json& result) {
  const std::string path = decoded(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]);
  const std::string kind = result["properties"]["kind"];
  if (kind == "commit-message" || kind == "tag-message") return "";
  if (kind == "standard-input") return "-";
  if (path.starts_with("git/blob/")) return path.substr(std::string("git/blob/").size() + 40);
  return path;
}

Told told_by_sarif(const core::ScanReport& report) {
  Told told;
  const json run = json::parse(test::rendered(report::Format::sarif, report))["runs"][0];
  for (const json& result : run["results"]) {
    const json& properties = result["properties"];
    const json& region = result["locations"][0]["physicalLocation"]["region"];
    const std::string path = path_of(result);
    if (path == ".") continue;
    const bool suppressed = result.contains("suppressions");
    told.insert(line({run["tool"]["driver"]["rules"][result["ruleIndex"].get<std::size_t>()]["id"],
                      properties["severity"], properties["confidence"], properties["masked"], path, properties["kind"],
                      region["startLine"].dump(), region["startColumn"].dump(), region["endLine"].dump(),
                      region["endColumn"].dump(), text_or_empty(properties, "commit"),
                      suppressed ? result["suppressions"][0]["properties"]["by"].get<std::string>() : ""}));
    CHECK(result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"].get<std::size_t>()]["id"]);
  }
  return told;
}

TEST_CASE("all formats tell the same findings") {
  const auto as_is = [](std::string_view text) { return std::string(text); };
  for (const test::Sample& sample : test::samples()) {
    DYNAMIC_SECTION(sample.name) {
      CHECK(told_by_json(sample.report) == expected(sample.report, replaced));
      CHECK(told_by_jsonl(sample.report) == expected(sample.report, replaced));
      CHECK(told_by_csv(sample.report) == expected(sample.report, report::visible));
      CHECK(told_by_sarif(sample.report) == expected(sample.report, as_is));
    }
  }
}

TEST_CASE("text shows every finding that is not suppressed, with a place") {
  report::RenderOptions options = test::sample_options();
  options.verbose = true;
  for (const test::Sample& sample : test::samples()) {
    DYNAMIC_SECTION(sample.name) {
      const std::string text = test::rendered(report::Format::text, sample.report, options);
      for (const core::Finding& finding : sample.report.findings) {
        if (finding.suppressed) continue;
        CHECK(text.find("(" + report::visible(finding.rule) + ")\n") != std::string::npos);
        for (const core::Occurrence& o : finding.occurrences) {
          const std::string place = report::visible(o.path) + ":" + std::to_string(o.position.start_line) + ":" +
                                    std::to_string(o.position.start_column);
          CHECK(text.find(place) != std::string::npos);
        }
      }
    }
  }
}

}  // namespace
}  // namespace keytrail
