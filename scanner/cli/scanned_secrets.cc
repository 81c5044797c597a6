#include "scanner/cli/scanned_secrets.h"

#include <nlohmann/json.hpp>

#include "scanner/base/file.h"

namespace keytrail::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxReportBytes = std::size_t{512} << 20;
constexpr std::size_t kMaxDepth = 16;

std::string text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string where_of(const json& finding) {
  const auto places = finding.find("occurrences");
  if (places == finding.end() || !places->is_array() || places->empty() || !places->front().is_object()) return "?";
  const json& first = places->front();
  std::string where = text(first, "path").empty() ? text(first, "kind") : text(first, "path");
  if (const auto line = first.find("start_line"); line != first.end() && line->is_number_unsigned()) {
    where += ":" + std::to_string(line->get<std::uint64_t>());
  }
  if (const std::string commit = text(first, "commit"); !commit.empty()) where += " in commit " + commit.substr(0, 12);
  if (places->size() > 1) where += " and " + std::to_string(places->size() - 1) + " more";
  return where;
}

// Without recursion on what somebody nested: deeper than any report is refused before it is built.
json parse_report(const std::string& bytes) {
  const auto shallow = [](int depth, json::parse_event_t, json&) { return depth <= static_cast<int>(kMaxDepth); };
  return json::parse(bytes, shallow, false);
}

}  // namespace

Result<std::vector<report::ScannedSecret>> read_scanned_secrets(const std::string& file) {
  const auto bytes = read_file(file, kMaxReportBytes);
  if (!bytes) return bytes.error();
  const json document = parse_report(*bytes);
  const auto findings = document.is_object() ? document.find("findings") : document.end();
  if (!document.is_object() || findings == document.end() || !findings->is_array()) {
    return make_error(ErrorCode::invalid_argument,
                      "this is no report of a scan: write one with keytrail scan --report json=FILE", file);
  }
  std::vector<report::ScannedSecret> secrets;
  for (const json& finding : *findings) {
    if (!finding.is_object()) continue;
    const auto verdict = finding.find("verdict");
    if (verdict == finding.end() || !verdict->is_object()) {
      return make_error(ErrorCode::invalid_argument, "this scan knew no inventory: scan again with --inventory FILE",
                        file);
    }
    const auto suppressed = finding.find("suppressed");
    const bool is_suppressed = suppressed != finding.end() && suppressed->is_object();
    report::ScannedSecret secret;
    secret.kind = text(*verdict, "kind");
    if (secret.kind == "untracked" && is_suppressed) continue;
    secret.token = text(*verdict, "token");
    secret.where = where_of(finding);
    secret.detail = secret.kind == "untracked" ? text(finding, "rule_name") : text(*verdict, "reason");
    const auto open = verdict->find("open");
    secret.open = open == verdict->end() || !open->is_boolean() || open->get<bool>();
    secrets.push_back(std::move(secret));
  }
  return secrets;
}

}  // namespace keytrail::cli
