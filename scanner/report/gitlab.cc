// GitLab's secret detection report, schema 15.0.7 (docs/formats.md has what that schema demands). One vulnerability for
// each occurrence; accepted findings are left out, because GitLab would open them as vulnerabilities.
#include <algorithm>
#include <ostream>
#include <set>

#include "scanner/base/dates.h"
#include "scanner/base/hash.h"
#include "scanner/report/formats.h"
#include "scanner/report/json_writer.h"
#include "scanner/report/severity_names.h"
#include "scanner/report/token_report.h"

namespace keytrail::report {
namespace {

constexpr std::size_t kDepth = 4;
constexpr std::size_t kMaxName = 255;  // code points in the schema; bytes are never fewer
constexpr std::size_t kMaxSolution = 7000;
constexpr std::size_t kMaxMessages = 100;

// Cut between characters.
std::string cut(std::string text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

// "2026-11-20T12:00:00", UTC: the schema allows no zone.
std::string utc(std::int64_t seconds) { return iso8601(seconds, 0).substr(0, 19); }

// The form of a UUID, of what stays the same from scan to scan.
std::string stable_id(const core::Finding& finding, const core::Occurrence& occurrence) {
  const core::Position& at = occurrence.position;
  const Sha256Digest digest =
      sha256(finding.fingerprint + '\0' + artifact_path(occurrence) + '\0' + commit_of(occurrence) + '\0' +
             std::to_string(at.start_line) + ':' + std::to_string(at.start_column));
  std::string hex = to_hex(digest.data(), 16);
  hex[12] = '8';  // version 8: the bits are our own (RFC 9562)
  hex[16] = 'a';
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20);
}

class GitlabWriter {
 public:
  GitlabWriter(const Job& job, std::ostream& out) : job_(job), json_(out, kDepth) {}

  void write() {
    json_.begin_object();
    json_.member("version", "15.0.7");
    write_scan();
    json_.begin_array("vulnerabilities");
    for (const core::Finding& finding : job_.report.findings) {
      if (finding.suppressed) continue;
      std::set<std::string> told;
      for (const core::Occurrence& occurrence : occurrences_of(finding)) {
        const std::string id = stable_id(finding, occurrence);
        if (told.insert(id).second) write_vulnerability(finding, occurrence, id);
      }
    }
    json_.end_array();
    json_.end_object();
  }

 private:
  void write_program(std::string_view role) {
    json_.begin_object(role);
    json_.member("id", "keytrail");
    json_.member("name", "keytrail");
    json_.member("version", job_.options.tool_version.empty() ? std::string("0.0.0") : job_.options.tool_version);
    json_.begin_object("vendor");
    json_.member("name", "keytrail");
    json_.end_object();
    json_.end_object();
  }

  void write_message(std::string_view level, const std::string& text) {
    json_.begin_object();
    json_.member("level", level);
    json_.member("value", text);
    json_.end_object();
  }

  void write_scan() {
    json_.begin_object("scan");
    write_program("analyzer");
    write_program("scanner");
    json_.member("type", "secret_detection");
    json_.member("start_time", utc(job_.options.started));
    json_.member("end_time", utc(job_.options.ended));
    json_.member("status", job_.report.interrupted ? "failure" : "success");
    json_.begin_array("messages");
    if (job_.report.interrupted) write_message("fatal", "interrupted: what was found until then is reported");
    std::size_t skips = 0;
    for (const core::Skip& skip : job_.report.skips) {
      if (!core::is_incomplete(skip.reason) || ++skips > kMaxMessages) continue;
      write_message("warn", "not scanned: " + skip.path + " (" + std::string(core::to_string(skip.reason)) +
                                (skip.detail.empty() ? "" : ": " + skip.detail) + ")");
    }
    if (skips > kMaxMessages) {
      write_message("warn", "not scanned: " + std::to_string(skips - kMaxMessages) + " more");
    }
    const auto accepted = std::count_if(job_.report.findings.begin(), job_.report.findings.end(),
                                        [](const core::Finding& finding) { return finding.suppressed.has_value(); });
    if (accepted > 0) write_message("info", std::to_string(accepted) + " accepted findings are left out");
    json_.end_array();
    json_.end_object();
  }

  void write_vulnerability(const core::Finding& finding, const core::Occurrence& occurrence, const std::string& id) {
    const ruleset::Rule* rule = job_.rules.find(finding.rule);
    const std::string name = rule_name(job_.rules, finding.rule);
    json_.begin_object();
    json_.member("id", id);
    json_.member("category", "secret_detection");
    json_.member("name", cut(name, kMaxName));
    json_.member("description",
                 name + " " + finding.masked +
                     (rule != nullptr && !rule->description.empty() ? ": " + rule->description : std::string(".")) +
                     judgement_text(finding));
    json_.member("severity", names_of(finding.severity).gitlab);
    json_.member("confidence", finding.confidence == core::Confidence::high     ? "High"
                               : finding.confidence == core::Confidence::medium ? "Medium"
                                                                                : "Low");
    json_.member("solution", cut("Rotate or revoke it first; then take it out of the text." +
                                     (rule != nullptr && !rule->rotate.empty() ? " " + rule->rotate : std::string()),
                                 kMaxSolution));
    write_identifiers(finding);
    write_location(occurrence);
    json_.end_object();
  }

  void write_identifiers(const core::Finding& finding) {
    json_.begin_array("identifiers");
    json_.begin_object();
    json_.member("type", "keytrail_rule_id");
    json_.member("name", "keytrail rule " + finding.rule);
    json_.member("value", finding.rule);
    json_.end_object();
    json_.begin_object();
    json_.member("type", "cwe");
    json_.member("name", "CWE-798");
    json_.member("value", "798");
    json_.member("url", "https://cwe.mitre.org/data/definitions/798.html");
    json_.end_object();
    json_.end_array();
  }

  void write_location(const core::Occurrence& occurrence) {
    json_.begin_object("location");
    json_.member("file", artifact_path(occurrence));
    json_.begin_object("commit");
    const std::string commit = commit_of(occurrence);
    // What is in no commit has this in GitLab's own reports.
    json_.member("sha", commit.empty() ? std::string("0000000") : commit);
    if (occurrence.home && !occurrence.home->author.empty()) json_.member("author", occurrence.home->author);
    if (const std::string date = author_date(occurrence); !date.empty()) json_.member("date", date);
    json_.end_object();
    json_.member("start_line", occurrence.position.start_line);
    json_.member("end_line", occurrence.position.end_line);
    json_.end_object();
  }

  const Job& job_;
  JsonWriter json_;
};

}  // namespace

void write_gitlab(const Job& job, std::ostream& out) {
  GitlabWriter(job, out).write();
  out << '\n';
}

}  // namespace keytrail::report
