// The report for people: each finding with its places, then what was scanned, what was not, and what to do.
#include <algorithm>
#include <ostream>

#include "scanner/report/formats.h"
#include "scanner/report/text_style.h"
#include "scanner/report/token_report.h"
#include "scanner/report/unicode.h"
#include "scanner/report/uri.h"

namespace keytrail::report {
namespace {

constexpr std::size_t kOccurrencesShown = 5;
constexpr std::size_t kShortId = 7;
constexpr std::size_t kRefsShown = 3;

std::string short_id(const core::ObjectId& id) { return id.hex().substr(0, kShortId); }

// Where an occurrence stands, in words where there is no path.
std::string place_name(const core::Occurrence& occurrence) {
  const std::string id = occurrence.object ? short_id(*occurrence.object) : std::string("?");
  switch (occurrence.kind) {
    case core::BlobKind::commit_message:
      return "message of commit " + id;
    case core::BlobKind::tag_message:
      return "message of tag " + id;
    case core::BlobKind::git_blob:
      if (occurrence.path.empty() || occurrence.path.starts_with("!/")) return "blob " + id + visible(occurrence.path);
      return visible(occurrence.path);
    case core::BlobKind::standard_input:
      return occurrence.path.empty() || occurrence.path == "-" ? "standard input" : visible(occurrence.path);
    case core::BlobKind::file:
      break;
  }
  return occurrence.path.empty() ? "?" : visible(occurrence.path);
}

std::string state(const core::Home& home) {
  if (!home.reachable) {
    const std::string holder = home.reach ? home.reach->held_by : std::string();
    return holder.empty() ? "unreachable, gc will prune it" : "unreachable, held by " + visible(holder);
  }
  if (!home.has_commit()) return "in no commit";
  if (home.at_tip) return "still at the tip";
  if (home.removed_by) return "removed by " + short_id(*home.removed_by);
  return "at the tip of another branch";
}

// "1a2b3c4  2024-03-01  Ann Example <ann@example.org>  still at the tip"; empty outside of history.
std::string provenance(const core::Occurrence& occurrence) {
  if (!occurrence.home) return occurrence.kind == core::BlobKind::git_blob ? "held by no commit" : "";
  const core::Home& home = *occurrence.home;
  const std::string date = author_date(occurrence).substr(0, 10);
  std::string text;
  // A message names its commit already.
  if (occurrence.kind == core::BlobKind::git_blob && home.has_commit()) text += short_id(home.commit) + "  ";
  if (!date.empty()) text += date + "  ";
  if (!home.author.empty()) text += visible(home.author) + "  ";
  // A message stays what it is for as long as its commit does.
  if (occurrence.kind == core::BlobKind::git_blob || !home.reachable) return text + state(home);
  return text.substr(0, text.size() - std::min<std::size_t>(text.size(), 2));
}

// "in main, origin/main, v1.0 and 12 more"; empty where nothing leads to it.
std::string references(const core::Occurrence& occurrence) {
  const core::Reach& reach = reach_of(occurrence);
  std::vector<std::string> refs = reach.refs;
  std::size_t count = reach.ref_count;
  // A stash leads to all that was there when it was made: of interest where nothing else does.
  if (const auto stash = std::find(refs.begin(), refs.end(), "stash"); stash != refs.end() && count > 1) {
    refs.erase(stash);
    --count;
  }
  if (refs.empty()) return {};
  // One more than the limit is shown rather than counted.
  const std::size_t shown = count <= kRefsShown + 1 ? refs.size() : kRefsShown;
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "in " : ", ") + visible(refs[i]);
  if (shown < count) text += " and " + grouped(count - shown) + " more";
  return text;
}

// A path as a terminal can open it: from the current folder where the file is below it, else absolute.
std::string clickable(const std::string& path, const std::string& root, const std::string& current) {
  if (current.empty() || root.empty() || root == current || path.starts_with('/')) return path;
  const std::string absolute = absolute_path(root, path);
  const std::string below = current.ends_with('/') ? current : current + "/";
  return absolute.starts_with(below) ? absolute.substr(below.size()) : absolute;
}

class TextWriter {
 public:
  TextWriter(const Job& job, std::ostream& out) : job_(job), style_(job.options), out_(out) {}

  void write() {
    for (const core::Finding& finding : job_.report.findings) {
      if (!finding.suppressed) write_finding(finding);
    }
    write_text_summary(job_, style_, out_);
  }

 private:
  void write_finding(const core::Finding& finding);
  void write_details(const core::Finding& finding);
  void write_occurrence(const core::Occurrence& occurrence);
  std::string linked(const core::Occurrence& occurrence, const std::string& text) const;

  const Job& job_;
  TextStyle style_;
  std::ostream& out_;
};

void TextWriter::write_finding(const core::Finding& finding) {
  out_ << style_.severity(finding.severity) << ": " << style_.bold(visible(rule_name(job_.rules, finding.rule))) << " ("
       << visible(finding.rule) << ")\n";
  write_details(finding);
  const auto& occurrences = finding.occurrences;
  // One more than the limit is shown rather than counted.
  const bool all = job_.options.verbose || occurrences.size() <= kOccurrencesShown + 1;
  const std::size_t shown = all ? occurrences.size() : kOccurrencesShown;
  for (std::size_t i = 0; i < shown; ++i) write_occurrence(occurrences[i]);
  if (shown < occurrences.size()) {
    out_ << "  " << style_.dim("and " + grouped(occurrences.size() - shown) + " more") << '\n';
  }
  out_ << '\n';
}

void TextWriter::write_details(const core::Finding& finding) {
  std::vector<core::Fact> lines;
  const bool sure = finding.confidence == core::Confidence::high;
  const std::string confidence = sure ? "" : "  (" + std::string(core::to_string(finding.confidence)) + " confidence)";
  lines.emplace_back("secret", visible(finding.masked) + confidence);
  if (!finding.secret.empty()) lines.emplace_back("value", visible(finding.secret));
  for (const auto& [name, value] : finding.facts) lines.emplace_back(visible(name), visible(value));
  std::string related;
  for (const std::string& id : finding.related) related += (related.empty() ? "" : ", ") + visible(id);
  if (!related.empty()) lines.emplace_back("also", related);
  for (core::Fact& line : judgement_lines(finding)) lines.push_back(std::move(line));
  std::size_t width = 0;
  for (const core::Fact& line : lines) width = std::max(width, display_width(line.first));
  for (const auto& [name, value] : lines) {
    out_ << "  " << style_.dim(name) << std::string(width - display_width(name) + 2, ' ') << value << '\n';
  }
}

void TextWriter::write_occurrence(const core::Occurrence& occurrence) {
  core::Occurrence shown = occurrence;
  if (occurrence.kind == core::BlobKind::file) {
    shown.path = clickable(occurrence.path, job_.report.root, job_.options.current_folder);
  }
  const std::string place = place_name(shown) + ":" + std::to_string(occurrence.position.start_line) + ":" +
                            std::to_string(occurrence.position.start_column);
  out_ << linked(occurrence, place);
  if (const std::string text = provenance(occurrence); !text.empty()) out_ << "  " << style_.dim(text);
  out_ << '\n';
  if (const std::string text = references(occurrence); !text.empty()) out_ << "    " << style_.dim(text) << '\n';
}

// A link (OSC 8) opens the file; of a member, the archive that holds it.
std::string TextWriter::linked(const core::Occurrence& occurrence, const std::string& text) const {
  const std::string& root = job_.report.root;
  const bool is_file = occurrence.kind == core::BlobKind::file && !occurrence.path.empty();
  if (!job_.options.hyperlinks || !is_file) return text;
  if (!root.starts_with('/') && !occurrence.path.starts_with('/')) return text;
  const std::string file = occurrence.path.substr(0, occurrence.path.find("!/"));
  return "\x1b]8;;" + file_uri(absolute_path(root, file)) + "\x1b\\" + text + "\x1b]8;;\x1b\\";
}

}  // namespace

void write_text(const Job& job, std::ostream& out) { TextWriter(job, out).write(); }

}  // namespace keytrail::report
