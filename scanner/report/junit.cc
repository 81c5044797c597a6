// JUnit XML, as Jenkins, GitLab, Azure and others read it (the schema of Jenkins: docs/formats.md has what it demands).
// A test case for each occurrence that fails, one that is skipped for each that is accepted, one in error for each
// thing that could not be scanned, and one that passes where there is nothing to say.
#include <ostream>

#include "scanner/report/formats.h"
#include "scanner/report/token_report.h"
#include "scanner/report/unicode.h"

namespace keytrail::report {
namespace {

// visible() leaves nothing that XML 1.0 forbids but two code points that are no characters.
std::string xml(std::string_view text) {
  const std::string safe = visible(text);
  std::string out;
  for (std::string_view rest = safe; !rest.empty();) {
    const CodePoint point = decode_utf8(rest);
    const std::string_view bytes = rest.substr(0, point.bytes);
    rest.remove_prefix(point.bytes);
    if (point.value == 0xFFFE || point.value == 0xFFFF) {
      append_utf8(0xFFFD, out);
    } else if (bytes == "&") {
      out += "&amp;";
    } else if (bytes == "<") {
      out += "&lt;";
    } else if (bytes == ">") {
      out += "&gt;";
    } else if (bytes == "\"") {
      out += "&quot;";
    } else {
      out += bytes;
    }
  }
  return out;
}

struct Counts {
  std::uint64_t tests = 0;
  std::uint64_t failures = 0;
  std::uint64_t errors = 0;
  std::uint64_t skipped = 0;
};

Counts count(const core::ScanReport& report) {
  Counts counts;
  for (const core::Finding& finding : report.findings) {
    (finding.suppressed ? counts.skipped : counts.failures) += occurrences_of(finding).size();
  }
  for (const core::Skip& skip : report.skips) {
    if (core::is_incomplete(skip.reason)) ++counts.errors;
  }
  if (report.interrupted) ++counts.errors;
  counts.tests = counts.failures + counts.skipped + counts.errors;
  if (counts.tests == 0) counts.tests = 1;
  return counts;
}

std::string place_of(const core::Occurrence& occurrence) {
  return artifact_path(occurrence) + ":" + std::to_string(occurrence.position.start_line) + ":" +
         std::to_string(occurrence.position.start_column);
}

void write_occurrence(const Job& job, const core::Finding& finding, const core::Occurrence& occurrence,
                      std::ostream& out) {
  const ruleset::Rule* rule = job.rules.find(finding.rule);
  const std::string name = rule_name(job.rules, finding.rule);
  out << "    <testcase classname=\"keytrail." << xml(finding.rule) << "\" name=\"" << xml(place_of(occurrence))
      << "\">\n";
  if (finding.suppressed) {
    out << "      <skipped>accepted by " << core::to_string(finding.suppressed->kind)
        << (finding.suppressed->reason.empty() ? "" : ": " + xml(finding.suppressed->reason)) << "</skipped>\n";
  } else {
    out << "      <failure type=\"" << core::to_string(finding.severity) << "\" message=\""
        << xml(name + " " + finding.masked) << "\">" << xml(name) << " " << xml(finding.masked) << " at "
        << xml(place_of(occurrence)) << '\n';
    if (const std::string commit = commit_of(occurrence); !commit.empty()) {
      out << "commit " << xml(commit);
      if (occurrence.home && !occurrence.home->author.empty()) out << " by " << xml(occurrence.home->author);
      out << '\n';
    }
    for (const auto& [label, said] : judgement_lines(finding)) out << label << ": " << xml(said) << '\n';
    out << "Rotate or revoke it first; then take it out of the text.";
    if (rule != nullptr && !rule->rotate.empty()) out << '\n' << xml(rule->rotate);
    out << "</failure>\n";
  }
  out << "    </testcase>\n";
}

void write_error(std::string_view what, std::string_view reason, std::string_view detail, std::ostream& out) {
  out << "    <testcase classname=\"keytrail.not-scanned\" name=\"" << xml(what) << "\">\n      <error type=\""
      << xml(reason) << "\" message=\"not scanned\">" << xml(detail) << "</error>\n    </testcase>\n";
}

}  // namespace

void write_junit(const Job& job, std::ostream& out) {
  const Counts counts = count(job.report);
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"keytrail\" tests=\"" << counts.tests
      << "\" failures=\"" << counts.failures << "\" errors=\"" << counts.errors << "\">\n  <testsuite name=\"keytrail "
      << xml(job.report.mode) << "\" tests=\"" << counts.tests << "\" failures=\"" << counts.failures << "\" errors=\""
      << counts.errors << "\" skipped=\"" << counts.skipped << "\">\n";
  for (const core::Finding& finding : job.report.findings) {
    for (const core::Occurrence& occurrence : occurrences_of(finding)) write_occurrence(job, finding, occurrence, out);
  }
  for (const core::Skip& skip : job.report.skips) {
    if (core::is_incomplete(skip.reason)) write_error(skip.path, core::to_string(skip.reason), skip.detail, out);
  }
  if (job.report.interrupted) write_error("the scan", "interrupted", "what was found until then is reported", out);
  if (counts.failures + counts.skipped + counts.errors == 0) {
    out << "    <testcase classname=\"keytrail\" name=\"no secrets found\"/>\n";
  }
  out << "  </testsuite>\n</testsuites>\n";
}

}  // namespace keytrail::report
