// CSV (RFC 4180: CRLF, quotes doubled), one row per occurrence. Control characters and bytes that are no UTF-8 are
// written as in the text report, so that every row is one line.
#include <algorithm>
#include <array>
#include <ostream>

#include "scanner/base/dates.h"
#include "scanner/base/text.h"
#include "scanner/report/formats.h"
#include "scanner/report/unicode.h"

namespace keytrail::report {
namespace {

constexpr std::array<std::string_view, 38> kColumns = {"rule",
                                                       "rule_name",
                                                       "provider",
                                                       "severity",
                                                       "confidence",
                                                       "fingerprint",
                                                       "secret",
                                                       "path",
                                                       "kind",
                                                       "start_line",
                                                       "start_column",
                                                       "end_line",
                                                       "end_column",
                                                       "blob",
                                                       "commit",
                                                       "author",
                                                       "date",
                                                       "removed_by",
                                                       "at_tip",
                                                       "reachable",
                                                       "related",
                                                       "facts",
                                                       "suppressed",
                                                       "suppressed_reason",
                                                       "suppressed_owner",
                                                       "committer",
                                                       "commit_date",
                                                       "refs",
                                                       "ref_count",
                                                       "held_by",
                                                       "token",
                                                       "joined_by",
                                                       "verdict",
                                                       "priority",
                                                       "open",
                                                       "since",
                                                       "due",
                                                       "reason"};

// A spreadsheet takes a cell that begins like this for a formula; the full-width forms count in some locales.
bool is_formula(std::string_view text) {
  constexpr std::array<std::string_view, 10> kStarts = {
      "=", "+", "-", "@", "\t", "\r", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
  return std::any_of(kStarts.begin(), kStarts.end(), [&](std::string_view start) { return text.starts_with(start); });
}

class Row {
 public:
  explicit Row(std::ostream& out) : out_(out) {}

  void cell(std::string_view text) {
    std::string shown = visible(text);
    if (is_formula(text)) shown.insert(0, 1, '\'');
    if (!first_) out_ << ',';
    first_ = false;
    if (shown.find_first_of(",\"") == std::string::npos && !shown.starts_with(' ') && !shown.ends_with(' ')) {
      out_ << shown;
      return;
    }
    out_ << '"';
    for (const char c : shown) {
      if (c == '"') out_ << '"';
      out_ << c;
    }
    out_ << '"';
  }
  void cell(std::uint64_t number) { cell(std::string_view(std::to_string(number))); }
  void cell(bool truth) { cell(std::string_view(truth ? "true" : "false")); }
  void end() { out_ << "\r\n"; }

 private:
  std::ostream& out_;
  bool first_ = true;
};

std::string fact_list(const std::vector<core::Fact>& facts) {
  std::string all;
  for (const auto& [name, value] : facts) {
    if (!all.empty()) all += ';';
    all.append(name).append("=").append(value);
  }
  return all;
}

void write_place(const core::Occurrence& occurrence, Row& row) {
  row.cell(std::string_view(occurrence.path));
  row.cell(core::to_string(occurrence.kind));
  row.cell(occurrence.position.start_line);
  row.cell(occurrence.position.start_column);
  row.cell(occurrence.position.end_line);
  row.cell(occurrence.position.end_column);
  const auto& home = occurrence.home;
  row.cell(std::string_view(blob_of(occurrence)));
  row.cell(std::string_view(commit_of(occurrence)));
  row.cell(std::string_view(home ? home->author : std::string()));
  row.cell(std::string_view(author_date(occurrence)));
  row.cell(std::string_view(home && home->removed_by ? home->removed_by->hex() : std::string()));
  const auto in_history_cell = [&](bool truth) {
    if (in_history(occurrence)) {
      row.cell(truth);
    } else {
      row.cell(std::string_view());
    }
  };
  in_history_cell(home && home->at_tip);
  in_history_cell(home && home->reachable);
}

// They came later: columns keep their places.
void write_reach(const core::Occurrence& occurrence, Row& row) {
  const core::Reach& reach = reach_of(occurrence);
  row.cell(std::string_view(committer_of(occurrence)));
  row.cell(std::string_view(commit_date(occurrence)));
  row.cell(std::string_view(joined(reach.refs, ";")));
  row.cell(std::string_view(in_history(occurrence) ? std::to_string(reach.ref_count) : std::string()));
  row.cell(std::string_view(reach.held_by));
}

void write_judgement(const core::Finding& finding, Row& row) {
  const auto text = [&](std::string_view content) { row.cell(content); };
  const auto instant = [&](const std::optional<core::Instant>& when) { text(when ? utc_time(*when) : std::string()); };
  text(finding.token ? finding.token->token : std::string());
  text(finding.token ? finding.token->joined_by : std::string());
  const core::Verdict none;
  const bool judged = finding.verdict.has_value();
  const core::Verdict& verdict = judged ? *finding.verdict : none;
  text(judged ? core::to_string(verdict.kind) : std::string_view());
  text(judged ? core::to_string(verdict.priority) : std::string_view());
  text(!judged ? "" : verdict.open ? "true" : "false");
  instant(verdict.since);
  instant(verdict.due);
  text(verdict.reason);
}

void write_row(const core::Finding& finding, const core::Occurrence& occurrence, const ruleset::RuleSet& rules,
               bool with_values, std::ostream& out) {
  Row row(out);
  const auto text = [&](std::string_view content) { row.cell(content); };
  text(finding.rule);
  text(rule_name(rules, finding.rule));
  text(rule_provider(rules, finding.rule));
  text(core::to_string(finding.severity));
  text(core::to_string(finding.confidence));
  text(finding.fingerprint);
  text(finding.masked);
  write_place(occurrence, row);
  text(joined(finding.related, ";"));
  text(fact_list(finding.facts));
  const auto& suppressed = finding.suppressed;
  text(suppressed ? core::to_string(suppressed->kind) : std::string_view());
  text(suppressed ? suppressed->reason : std::string());
  text(suppressed ? suppressed->owner : std::string());
  write_reach(occurrence, row);
  write_judgement(finding, row);
  if (with_values) text(finding.secret);
  row.end();
}

}  // namespace

void write_csv(const Job& job, std::ostream& out) {
  const auto& findings = job.report.findings;
  const bool with_values =
      std::any_of(findings.begin(), findings.end(), [](const core::Finding& f) { return !f.secret.empty(); });
  Row header(out);
  for (const std::string_view column : kColumns) header.cell(column);
  if (with_values) header.cell(std::string_view("value"));
  header.end();
  for (const core::Finding& finding : findings) {
    for (const core::Occurrence& occurrence : occurrences_of(finding)) {
      write_row(finding, occurrence, job.rules, with_values, out);
    }
  }
}

}  // namespace keytrail::report
