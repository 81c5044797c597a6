// SonarQube's generic issues (10.3 and later): rules, and issues in files of the project.
//
// SonarQube refuses a whole report for one line that a file does not have. So what stands in the history alone, in
// messages, on standard input or outside of the root is left out, and what stands in a member of an archive is told of
// the archive, without a line. Columns count from 0; an empty range is refused.
#include <map>
#include <ostream>

#include "scanner/report/formats.h"
#include "scanner/report/json_writer.h"
#include "scanner/report/severity_names.h"
#include "scanner/report/token_report.h"

namespace keytrail::report {
namespace {

constexpr std::size_t kDepth = 3;
constexpr std::string_view kEngine = "keytrail";

bool is_told(const core::Finding& finding, const core::Occurrence& occurrence) {
  const bool file = occurrence.kind == core::BlobKind::file || occurrence.kind == core::BlobKind::git_blob;
  return !finding.suppressed && file && !is_past(occurrence) && !occurrence.path.empty() &&
         !occurrence.path.starts_with('/') && !occurrence.path.starts_with("!/");
}

void write_rule(const Job& job, const std::string& id, core::Severity severity, JsonWriter& json) {
  const ruleset::Rule* rule = job.rules.find(id);
  json.begin_object();
  json.member("id", id);
  json.member("name", rule_name(job.rules, id));
  json.member("description",
              rule != nullptr && !rule->description.empty() ? rule->description : rule_name(job.rules, id));
  json.member("engineId", kEngine);
  json.member("cleanCodeAttribute", "TRUSTWORTHY");
  json.member("type", "VULNERABILITY");
  json.member("severity", names_of(severity).sonarqube);
  json.begin_array("impacts");
  json.begin_object();
  json.member("softwareQuality", "SECURITY");
  json.member("severity", names_of(severity).sonarqube_impact);
  json.end_object();
  json.end_array();
  json.end_object();
}

void write_issue(const Job& job, const core::Finding& finding, const core::Occurrence& occurrence, JsonWriter& json) {
  const core::Position& at = occurrence.position;
  const std::size_t member = occurrence.path.find("!/");
  json.begin_object();
  json.member("ruleId", finding.rule);
  json.member("engineId", kEngine);
  json.member("effortMinutes", std::uint64_t{60});
  json.begin_object("primaryLocation");
  json.member("message", rule_name(job.rules, finding.rule) + " " + finding.masked +
                             ": rotate or revoke it first; then take it out of the text." + judgement_text(finding));
  json.member("filePath", occurrence.path.substr(0, member));
  if (member == std::string::npos) {
    json.begin_object("textRange");
    json.member("startLine", at.start_line);
    json.member("endLine", at.end_line);
    if (at.start_line == at.end_line && at.end_column > at.start_column && at.start_column > 0) {
      json.member("startColumn", at.start_column - 1);
      json.member("endColumn", at.end_column - 1);
    }
    json.end_object();
  }
  json.end_object();
  json.end_object();
}

}  // namespace

void write_sonarqube(const Job& job, std::ostream& out) {
  std::map<std::string, core::Severity> rules;
  for (const core::Finding& finding : job.report.findings) {
    for (const core::Occurrence& occurrence : occurrences_of(finding)) {
      if (is_told(finding, occurrence)) rules.try_emplace(finding.rule, finding.severity);
    }
  }
  JsonWriter json(out, kDepth);
  json.begin_object();
  json.begin_array("rules");
  for (const auto& [id, severity] : rules) write_rule(job, id, severity, json);
  json.end_array();
  json.begin_array("issues");
  for (const core::Finding& finding : job.report.findings) {
    for (const core::Occurrence& occurrence : occurrences_of(finding)) {
      if (is_told(finding, occurrence)) write_issue(job, finding, occurrence, json);
    }
  }
  json.end_array();
  json.end_object();
  out << '\n';
}

}  // namespace keytrail::report
