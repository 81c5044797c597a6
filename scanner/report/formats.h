// The writers behind report::write, one per format, and what they share. Private to this folder.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/report/report.h"

namespace keytrail::report {

struct Job {
  const core::ScanReport& report;
  const ruleset::RuleSet& rules;
  const RenderOptions& options;
};

void write_text(const Job& job, std::ostream& out);
void write_json(const Job& job, std::ostream& out);
void write_json_without_values(const Job& job, std::ostream& out);
void write_jsonl(const Job& job, std::ostream& out);
void write_sarif(const Job& job, std::ostream& out);
void write_csv(const Job& job, std::ostream& out);
void write_html(const Job& job, std::ostream& out);
void write_github(const Job& job, std::ostream& out);
void write_gitlab(const Job& job, std::ostream& out);
void write_junit(const Job& job, std::ostream& out);
void write_sonarqube(const Job& job, std::ostream& out);
void write_markdown(const Job& job, std::ostream& out);

// What a reader is told of a rule; the id stands in for a name that is unknown.
std::string rule_name(const ruleset::RuleSet& rules, std::string_view id);
std::string rule_provider(const ruleset::RuleSet& rules, std::string_view id);

// The commit that an occurrence names: the one that brought it, or the one whose message it is. Hexadecimal or empty.
std::string commit_of(const core::Occurrence& occurrence);
// The git blob that holds it. Hexadecimal or empty.
std::string blob_of(const core::Occurrence& occurrence);
bool in_history(const core::Occurrence& occurrence);
// Whether it stands in the history alone, and not in what is checked out.
bool is_past(const core::Occurrence& occurrence);
// The path of an occurrence for formats that want one for each: what has none (a message, a blob that no commit holds,
// standard input) gets a made one.
std::string artifact_path(const core::Occurrence& occurrence);
// When the author wrote it, and when it was committed, where that is known: iso8601 or empty.
std::string author_date(const core::Occurrence& occurrence);
std::string commit_date(const core::Occurrence& occurrence);
// The committer, where somebody else, or at another time, committed what the author wrote; else empty.
std::string committer_of(const core::Occurrence& occurrence);
// What leads to it, or keeps it; empty when nothing is known of that.
const core::Reach& reach_of(const core::Occurrence& occurrence);

// The occurrences of a finding; one without a path where it has none, so that a form with a row per occurrence never
// loses a finding.
const std::vector<core::Occurrence>& occurrences_of(const core::Finding& finding);

}  // namespace keytrail::report
