// A summary for pull requests: GitHub's step summaries, comments, and whatever shows Markdown.
//
// Everything that a repository can choose (paths, names, masked values) stands in <code> with all of its punctuation as
// character references: no cell, link, image, mention, issue number or tag can come of it.
#include <algorithm>
#include <array>
#include <ostream>

#include "scanner/report/formats.h"
#include "scanner/report/text_style.h"
#include "scanner/report/token_report.h"
#include "scanner/report/unicode.h"

namespace keytrail::report {
namespace {

// A comment holds 65,536 characters at GitHub, and people read fewer.
constexpr std::size_t kMaxRows = 100;
constexpr std::size_t kMaxText = 300;
constexpr std::size_t kMaxTokens = 20;
constexpr std::size_t kMaxSkips = 20;

std::string escaped(std::string_view text) {
  std::string safe = visible(text);
  if (display_width(safe) > kMaxText) {
    std::size_t end = kMaxText;
    while (end > 0 && (static_cast<unsigned char>(safe[end]) & 0xC0U) == 0x80U) --end;
    safe.resize(end);
    safe += "…";
  }
  std::string out;
  for (const char c : safe) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x80 || c == ' ' || c == '/' || c == '-' || (c >= '0' && c <= '9') ||
                       (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (plain) {
      out += c;
    } else {
      out += "&#" + std::to_string(byte) + ";";
    }
  }
  return out;
}

std::string code(std::string_view text) { return "<code>" + escaped(text) + "</code>"; }

void write_row(const Job& job, const core::Finding& finding, const core::Occurrence& occurrence, std::ostream& out) {
  const core::Position& at = occurrence.position;
  out << "| " << core::to_string(finding.severity) << " | " << escaped(rule_name(job.rules, finding.rule)) << " ("
      << code(finding.rule) << ")";
  for (const auto& [name, said] : judgement_lines(finding)) out << "<br>" << name << ": " << escaped(said);
  out << " | "
      << code(artifact_path(occurrence) + ":" + std::to_string(at.start_line) + ":" + std::to_string(at.start_column))
      << " | " << code(finding.masked) << " | ";
  const std::string commit = commit_of(occurrence);
  if (!commit.empty()) out << code(commit.substr(0, 10));
  if (is_past(occurrence)) out << (commit.empty() ? "" : ", ") << "in the history only";
  out << " |\n";
}

struct Totals {
  std::uint64_t secrets = 0;
  std::uint64_t places = 0;
  std::uint64_t accepted = 0;
  std::array<std::uint64_t, 5> by_severity{};
};

Totals totals_of(const core::ScanReport& report) {
  Totals totals;
  for (const core::Finding& finding : report.findings) {
    if (finding.suppressed) {
      ++totals.accepted;
      continue;
    }
    ++totals.secrets;
    totals.places += occurrences_of(finding).size();
    ++totals.by_severity[static_cast<std::size_t>(finding.severity)];
  }
  return totals;
}

void write_heading(const core::ScanReport& report, const Totals& totals, std::ostream& out) {
  if (totals.secrets == 0) {
    out << (report.incomplete() ? "### keytrail: no secrets found in what was scanned, but the scan is incomplete\n"
                                : "### keytrail: no secrets found\n");
  } else {
    out << "### keytrail: " << counted(totals.secrets, "secret", "secrets") << " at "
        << counted(totals.places, "place", "places") << "\n\n";
    std::string list;
    for (std::size_t i = totals.by_severity.size(); i-- > 0;) {
      if (totals.by_severity[i] == 0) continue;
      list += (list.empty() ? "" : ", ") + grouped(totals.by_severity[i]) + " " +
              std::string(core::to_string(static_cast<core::Severity>(i)));
    }
    out << list << ".\n";
  }
  if (totals.accepted > 0) out << '\n' << counted(totals.accepted, "accepted finding", "accepted findings") << ".\n";
}

void write_table(const Job& job, const Totals& totals, std::ostream& out) {
  out << "\n| severity | what | where | secret | commit |\n| --- | --- | --- | --- | --- |\n";
  std::size_t rows = 0;
  for (const core::Finding& finding : job.report.findings) {
    if (finding.suppressed) continue;
    for (const core::Occurrence& occurrence : occurrences_of(finding)) {
      if (++rows <= kMaxRows) write_row(job, finding, occurrence, out);
    }
  }
  if (totals.places > kMaxRows) out << "\nand " << grouped(totals.places - kMaxRows) << " more places.\n";
  out << "\n**What to do.** Rotate or revoke first: deleting the text does not close a leak. Then take it out and read "
         "it from a secret store. If one is no secret, put a comment with `keytrail:allow RULE -- why` on its line.\n";
}

// What the inventory wants besides: tokens that are overdue, unused or nobody's, wherever they were found.
void write_wanted(const core::ScanReport& report, std::ostream& out) {
  std::size_t tokens = 0;
  for (const core::TokenStatus& status : report.tokens) {
    if (status.verdicts.empty() || ++tokens > kMaxTokens) continue;
    if (tokens == 1) out << "\n**Tokens of the inventory that want attention**\n\n";
    out << "- " << code(status.token.id);
    for (const core::Verdict& verdict : status.verdicts) {
      out << "<br>" << escaped(verdict_title(verdict) + ": " + verdict.reason);
    }
    out << '\n';
  }
  if (tokens > kMaxTokens) out << "- and " << grouped(tokens - kMaxTokens) << " more\n";
}

void write_not_seen(const core::ScanReport& report, std::ostream& out) {
  if (report.interrupted) out << "\nThe scan was interrupted: what was found until then is reported.\n";
  std::size_t skips = 0;
  for (const core::Skip& skip : report.skips) {
    if (!core::is_incomplete(skip.reason) || ++skips > kMaxSkips) continue;
    if (skips == 1) out << "\n**Not scanned**\n\n";
    out << "- " << code(skip.path) << " (" << core::to_string(skip.reason) << ")";
    if (!skip.detail.empty()) out << ": " << code(skip.detail);
    out << '\n';
  }
  if (skips > kMaxSkips) out << "- and " << grouped(skips - kMaxSkips) << " more\n";
}

}  // namespace

void write_markdown(const Job& job, std::ostream& out) {
  const Totals totals = totals_of(job.report);
  write_heading(job.report, totals, out);
  if (totals.secrets > 0) write_table(job, totals, out);
  write_wanted(job.report, out);
  write_not_seen(job.report, out);
}

}  // namespace keytrail::report
