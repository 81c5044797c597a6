#include <algorithm>
#include <array>
#include <map>
#include <ostream>
#include <set>

#include "scanner/report/text_style.h"
#include "scanner/report/token_report.h"
#include "scanner/report/unicode.h"

namespace keytrail::report {
namespace {

constexpr std::size_t kPathsShown = 10;
constexpr std::size_t kRulesShown = 10;

struct Counts {
  std::array<std::uint64_t, 5> by_severity{};
  std::array<std::uint64_t, 3> suppressed{};  // by Suppression::Kind
  std::uint64_t active = 0;
  std::uint64_t places = 0;
  std::uint64_t all_suppressed = 0;
};

Counts count_findings(const core::ScanReport& report) {
  Counts counts;
  for (const core::Finding& finding : report.findings) {
    if (finding.suppressed) {
      ++counts.suppressed[static_cast<std::size_t>(finding.suppressed->kind)];
      ++counts.all_suppressed;
      continue;
    }
    ++counts.active;
    ++counts.by_severity[static_cast<std::size_t>(finding.severity)];
    counts.places += finding.occurrences.size();
  }
  return counts;
}

void add_item(std::string& list, const std::string& item) { list += (list.empty() ? "" : ", ") + item; }

std::string verdict_line(const Counts& counts, bool incomplete, const TextStyle& style) {
  std::string line;
  if (counts.active == 0) {
    line = incomplete ? style.warning("No secrets found in what was scanned, but the scan is incomplete.")
                      : style.good("No secrets found.");
  } else {
    std::string severities;
    for (std::size_t i = counts.by_severity.size(); i-- > 0;) {
      if (counts.by_severity[i] == 0) continue;
      add_item(severities, grouped(counts.by_severity[i]) + " " + style.severity(static_cast<core::Severity>(i)));
    }
    line = style.bold("Found " + counted(counts.active, "secret", "secrets") + " at " +
                      counted(counts.places, "place", "places")) +
           ": " + severities + ".";
  }
  if (counts.all_suppressed == 0) return line;
  std::string kinds;
  for (std::size_t i = 0; i < counts.suppressed.size(); ++i) {
    if (counts.suppressed[i] == 0) continue;
    const auto kind = static_cast<core::Suppression::Kind>(i);
    add_item(kinds, grouped(counts.suppressed[i]) + " by " + std::string(core::to_string(kind)));
  }
  return line + " Suppressed: " + kinds + ".";
}

std::string scanned_line(const core::ScanReport& report) {
  const core::Stats& stats = report.stats;
  const bool history = report.mode == "history" || report.mode == "range";
  std::string line =
      history ? counted(stats.blobs_scanned, "object", "objects") : counted(stats.blobs_scanned, "file", "files");
  line += ", " + human_bytes(stats.bytes_scanned);
  if (history || stats.commits > 0) line += ", " + counted(stats.commits, "commit", "commits");
  if (stats.archives_opened > 0) line += ", " + counted(stats.archives_opened, "archive", "archives") + " opened";
  return line;
}

using SkipsByReason = std::map<core::SkipReason, std::vector<const core::Skip*>>;

SkipsByReason group_skips(const core::ScanReport& report, bool incomplete) {
  SkipsByReason groups;
  for (const core::Skip& skip : report.skips) {
    if (core::is_incomplete(skip.reason) == incomplete) groups[skip.reason].push_back(&skip);
  }
  return groups;
}

void write_paths(const std::vector<const core::Skip*>& skips, std::size_t limit, std::ostream& out) {
  const std::size_t shown = std::min(skips.size(), limit);
  for (std::size_t i = 0; i < shown; ++i) {
    out << "    " << visible(skips[i]->path);
    if (!skips[i]->detail.empty()) out << "  (" << visible(skips[i]->detail) << ")";
    out << '\n';
  }
  if (shown < skips.size()) out << "    and " << grouped(skips.size() - shown) << " more\n";
}

void write_left_out(const Job& job, const TextStyle& style, std::ostream& out) {
  const SkipsByReason groups = group_skips(job.report, false);
  if (groups.empty()) return;
  std::string line;
  for (const auto& [reason, skips] : groups) {
    add_item(line, grouped(skips.size()) + " " + std::string(core::to_string(reason)));
  }
  style.write_wrapped("left out  ", line, out);
  if (!job.options.verbose) return;
  for (const auto& [reason, skips] : groups) {
    out << "  " << core::to_string(reason) << ":\n";
    write_paths(skips, skips.size(), out);
  }
}

void write_not_seen(const Job& job, const TextStyle& style, std::ostream& out) {
  const SkipsByReason groups = group_skips(job.report, true);
  if (groups.empty() && !job.report.interrupted) return;
  out << '\n' << style.warning("Not scanned: what stands there is not known to be clean.") << '\n';
  if (job.report.interrupted) out << "  interrupted: what was found until then is reported\n";
  for (const auto& [reason, skips] : groups) {
    out << "  " << core::to_string(reason) << ": " << grouped(skips.size()) << '\n';
    write_paths(skips, job.options.verbose ? skips.size() : kPathsShown, out);
  }
}

void write_notes(const Job& job, const TextStyle& style, std::ostream& out) {
  if (job.report.notes.empty()) return;
  out << '\n' << style.bold("Notes") << '\n';
  for (const std::string& note : job.report.notes) style.write_wrapped("  - ", visible(note), out);
}

// Where each kind of secret is rotated, most severe first. Returns the first rule's id.
std::string write_rotation_places(const Job& job, const TextStyle& style, std::ostream& out) {
  std::set<std::string> told;
  std::string first;
  for (const core::Finding& finding : job.report.findings) {
    if (finding.suppressed) continue;
    if (first.empty()) first = finding.rule;
    const ruleset::Rule* rule = job.rules.find(finding.rule);
    if (rule == nullptr || rule->rotate.empty() || !told.insert(finding.rule).second) continue;
    if (told.size() > kRulesShown && !job.options.verbose) continue;
    style.write_wrapped("     ", visible(rule_name(job.rules, finding.rule) + ": " + rule->rotate), out);
  }
  if (told.size() > kRulesShown && !job.options.verbose) {
    out << "     and " << grouped(told.size() - kRulesShown) << " more: see `keytrail rules show RULE`\n";
  }
  return first;
}

void write_next_steps(const Job& job, const TextStyle& style, std::ostream& out) {
  out << '\n' << style.bold("What to do next") << '\n';
  style.write_wrapped("  1. ",
                      "Rotate or revoke first. Deleting the text does not close a leak: it stays in the history and in "
                      "every copy of it.",
                      out);
  const std::string example = write_rotation_places(job, style, out);
  style.write_wrapped("  2. ", "Then take it out of the text and read it from a secret store or the environment.", out);
  style.write_wrapped("  3. ",
                      "If one is no secret, put `keytrail:allow RULE` into a comment on its line (RULE is the id in "
                      "brackets, such as " +
                          visible(example) + "), or accept it with `keytrail baseline create`.",
                      out);
}

}  // namespace

void write_text_summary(const Job& job, const TextStyle& style, std::ostream& out) {
  const Counts counts = count_findings(job.report);
  out << verdict_line(counts, job.report.incomplete(), style) << '\n';
  style.write_wrapped("scanned   ", scanned_line(job.report), out);
  write_left_out(job, style, out);
  write_not_seen(job, style, out);
  write_tokens(job, style, out);
  write_notes(job, style, out);
  if (counts.active > 0) write_next_steps(job, style, out);
}

}  // namespace keytrail::report
