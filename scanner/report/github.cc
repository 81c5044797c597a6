// Workflow commands of GitHub Actions: a run's log lines that become annotations beside the changed lines.
//
//     ::error file=PATH,line=1,endLine=1,col=2,endColumn=9,title=TITLE::MESSAGE
//
// Lines that begin otherwise hold nothing that a repository could choose: the runner reads "##[command]" anywhere in
// them. GitHub shows ten annotations of each level for a step; the most severe come first.
#include <array>
#include <ostream>

#include "scanner/report/formats.h"
#include "scanner/report/text_style.h"
#include "scanner/report/token_report.h"
#include "scanner/report/unicode.h"

namespace keytrail::report {
namespace {

constexpr std::size_t kMaxSkips = 10;

// As the runner takes them back: in values of properties, commas and colons would end them.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else if (property && c == ':') {
      out += "%3A";
    } else if (property && c == ',') {
      out += "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

std::string_view level_of(core::Severity severity) {
  if (severity >= core::Severity::high) return "error";
  return severity == core::Severity::medium ? "warning" : "notice";
}

// A path on one line. A name with control characters cannot be told to GitHub as it is.
std::string property(std::string_view text) { return escaped(visible(text), true); }

void write_occurrence(const Job& job, const core::Finding& finding, const core::Occurrence& occurrence,
                      std::ostream& out) {
  const core::Position& at = occurrence.position;
  const std::string path = artifact_path(occurrence);
  out << "::" << level_of(finding.severity) << ' ';
  const bool here =
      !is_past(occurrence) && (occurrence.kind == core::BlobKind::file || occurrence.kind == core::BlobKind::git_blob);
  if (here) {
    // Of an archive's member, the archive: it has no lines.
    const std::size_t member = path.find("!/");
    out << "file=" << property(path.substr(0, member)) << ',';
    if (member == std::string::npos) {
      out << "line=" << at.start_line << ",endLine=" << at.end_line << ',';
      if (at.start_line == at.end_line) out << "col=" << at.start_column << ",endColumn=" << at.end_column << ',';
    }
  }
  const std::string name = rule_name(job.rules, finding.rule);
  out << "title=" << property(name + " (" + finding.rule + ")") << "::";
  std::string message = visible(finding.masked) + " at " + visible(path) + ":" + std::to_string(at.start_line) + ":" +
                        std::to_string(at.start_column);
  if (const std::string commit = commit_of(occurrence); !commit.empty())
    message += " in commit " + commit.substr(0, 10);
  message += ". Rotate or revoke it first; then take it out.";
  if (const ruleset::Rule* rule = job.rules.find(finding.rule); rule != nullptr && !rule->rotate.empty()) {
    message += "\n" + visible(rule->rotate);
  }
  for (const auto& [label, said] : judgement_lines(finding)) message += "\n" + label + ": " + visible(said);
  message += "\nIf it is no secret: a comment keytrail:allow " + visible(finding.rule) + " -- WHY on its line.";
  out << escaped(message, false) << '\n';
}

}  // namespace

void write_github(const Job& job, std::ostream& out) {
  std::uint64_t findings = 0;
  for (const core::Finding& finding : job.report.findings) {
    if (finding.suppressed) continue;
    ++findings;
    for (const core::Occurrence& occurrence : occurrences_of(finding)) write_occurrence(job, finding, occurrence, out);
  }
  std::size_t skips = 0;
  for (const core::Skip& skip : job.report.skips) {
    if (!core::is_incomplete(skip.reason) || ++skips > kMaxSkips) continue;
    out << "::warning title=Not scanned::"
        << escaped(visible(skip.path) + " (" + std::string(core::to_string(skip.reason)) +
                       (skip.detail.empty() ? "" : ": " + visible(skip.detail)) + ")",
                   false)
        << '\n';
  }
  if (skips > kMaxSkips) out << "::warning title=Not scanned::and " << skips - kMaxSkips << " more\n";
  if (job.report.interrupted) out << "::warning title=Interrupted::what was found until then is reported\n";
  out << (findings == 0 ? std::string("No secrets found") : "Found " + counted(findings, "secret", "secrets"))
      << (job.report.incomplete() ? " in what was scanned, but the scan is incomplete.\n" : ".\n");
}

}  // namespace keytrail::report
