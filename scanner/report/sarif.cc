// SARIF 2.1.0 for GitHub code scanning: one result per occurrence. Values of secrets never stand in it, not even with
// --show-secrets: such a file is made to be uploaded.
#include <algorithm>
#include <map>
#include <ostream>

#include "scanner/base/hash.h"
#include "scanner/report/finding_json.h"
#include "scanner/report/formats.h"
#include "scanner/report/json_writer.h"
#include "scanner/report/sarif_rules.h"
#include "scanner/report/severity_names.h"
#include "scanner/report/token_report.h"
#include "scanner/report/uri.h"

namespace keytrail::report {
namespace {

constexpr std::size_t kMaxResults = 25000;      // GitHub refuses a run with more
constexpr std::size_t kResultsShown = 5000;     // it shows the most severe ones
constexpr std::size_t kMaxNotifications = 100;  // for each reason
constexpr std::size_t kMaxTokens = 1000;        // in the run's properties
constexpr std::size_t kDepth = 6;               // a result's members have a line each
constexpr std::string_view kBase = "SRCROOT";

void write_artifact_location(std::string_view path, JsonWriter& json) {
  json.begin_object("artifactLocation");
  if (path.starts_with('/')) {
    json.member("uri", file_uri(path));
  } else {
    json.member("uri", encode_path(path));
    json.member("uriBaseId", kBase);
  }
  json.end_object();
}

void write_message(std::string_view text, JsonWriter& json) {
  json.begin_object("message");
  json.member("text", text);
  json.end_object();
}

bool has_outside_path(const core::ScanReport& report) {
  const auto outside = [](const core::Occurrence& occurrence) { return occurrence.path.starts_with('/'); };
  return std::any_of(report.findings.begin(), report.findings.end(), [&](const core::Finding& finding) {
    return std::any_of(finding.occurrences.begin(), finding.occurrences.end(), outside);
  });
}

std::string_view where(const core::Occurrence& occurrence) {
  switch (occurrence.kind) {
    case core::BlobKind::commit_message:
      return "in the message of a commit";
    case core::BlobKind::tag_message:
      return "in the message of a tag";
    case core::BlobKind::git_blob:
      return is_past(occurrence) ? "in the history" : "in this file";
    case core::BlobKind::standard_input:
      return "in standard input";
    case core::BlobKind::file:
      break;
  }
  return "in this file";
}

// Each result has a fingerprint that outlives edits: finding, place, and which of several at that place. In a work tree
// and at the tip the place is the path, so moved lines change nothing; in the past it is path, blob and commit, which
// never change.
std::string place_hash(const core::Occurrence& occurrence) {
  std::string place = artifact_path(occurrence);
  if (is_past(occurrence)) place += '\0' + blob_of(occurrence) + '\0' + commit_of(occurrence);
  const Sha256Digest digest = sha256(place);
  return to_hex(digest.data(), 8);
}

class SarifWriter {
 public:
  SarifWriter(const Job& job, std::ostream& out) : report_(job.report), job_(job), rules_(job), json_(out, kDepth) {}

  void write();

 private:
  void write_tool();
  void write_root();
  void write_provenance();
  void write_invocation();
  void write_left_out_notification();
  void write_skip_notifications();
  void write_on_purpose_notification();
  void write_notification(std::string_view id, std::string_view level, std::string_view text, std::string_view path);
  void write_results();
  void write_run_properties();
  void write_result(const core::Finding& finding, const core::Occurrence& occurrence, const std::string& fingerprint);
  void write_location(const core::Occurrence& occurrence);
  void write_properties(const core::Finding& finding, const core::Occurrence& occurrence);
  void write_suppression(const core::Suppression& suppression);
  std::size_t count_results(bool suppressed) const;

  const core::ScanReport& report_;
  const Job& job_;
  SarifRules rules_;
  JsonWriter json_;
};

void SarifWriter::write() {
  json_.begin_object();
  json_.member("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
  json_.member("version", "2.1.0");
  json_.begin_array("runs");
  json_.begin_object();
  write_tool();
  write_invocation();
  write_root();
  write_provenance();
  json_.member("columnKind", "unicodeCodePoints");
  write_results();
  write_run_properties();
  json_.end_object();
  json_.end_array();
  json_.end_object();
}

void SarifWriter::write_tool() {
  json_.begin_object("tool");
  json_.begin_object("driver");
  json_.member("name", "keytrail");
  json_.member("fullName", "keytrail credential scanner");
  if (!job_.options.tool_version.empty()) {
    json_.member("version", job_.options.tool_version);
    json_.member("semanticVersion", job_.options.tool_version);
  }
  json_.member("informationUri", "https://github.com/keytrail/keytrail");
  rules_.write(json_);
  json_.begin_object("properties");
  json_.member("rulesDigest", report_.rules_digest);
  json_.end_object();
  json_.end_object();
  json_.end_object();
}

void SarifWriter::write_root() {
  if (!report_.root.starts_with('/')) return;
  json_.begin_object("originalUriBaseIds");
  json_.begin_object(kBase);
  json_.member("uri", file_uri(report_.root) + (report_.root.ends_with('/') ? "" : "/"));
  json_.end_object();
  json_.end_object();
}

void SarifWriter::write_provenance() {
  // SARIF wants an absolute URI here: a remote that is a path or "host:path" has none. And it maps all results to the
  // repository: one that lies outside of it would be told as a file of it.
  if (!is_web_url(report_.repository_uri) || has_outside_path(report_)) return;
  json_.begin_array("versionControlProvenance");
  json_.begin_object();
  json_.member("repositoryUri", report_.repository_uri);
  if (!report_.revision.empty()) json_.member("revisionId", report_.revision);
  json_.begin_object("mappedTo");
  json_.member("uriBaseId", kBase);
  json_.end_object();
  json_.end_object();
  json_.end_array();
}

void SarifWriter::write_invocation() {
  json_.begin_array("invocations");
  json_.begin_object();
  json_.member("executionSuccessful", !report_.incomplete());
  json_.begin_array("toolExecutionNotifications");
  if (report_.interrupted) {
    write_notification("interrupted", "error", "The scan was interrupted: what was found until then is reported.", "");
  }
  write_left_out_notification();
  write_skip_notifications();
  write_on_purpose_notification();
  for (const std::string& note : report_.notes) write_notification("note", "note", sarif_sentence(note), "");
  json_.end_array();
  json_.end_object();
  json_.end_array();
}

void SarifWriter::write_left_out_notification() {
  const std::size_t all = count_results(true) + count_results(false);
  if (all > kResultsShown) {
    write_notification("result-display-limit", "note",
                       "Of " + std::to_string(all) + " results code scanning shows the " +
                           std::to_string(kResultsShown) + " most severe ones.",
                       "");
  }
  if (all <= kMaxResults) return;
  write_notification("result-limit", "warning",
                     std::to_string(all - kMaxResults) + " of " + std::to_string(all) +
                         " results were left out, the least severe ones: code scanning takes " +
                         std::to_string(kMaxResults) + ". The other report formats have them all.",
                     "");
}

void SarifWriter::write_skip_notifications() {
  std::map<core::SkipReason, std::size_t> counts;
  for (const core::Skip& skip : report_.skips) {
    if (!core::is_incomplete(skip.reason) || ++counts[skip.reason] > kMaxNotifications) continue;
    std::string text = "Not scanned (" + std::string(core::to_string(skip.reason)) + ")";
    if (!skip.detail.empty()) text += ": " + sarif_text(skip.detail);
    const bool is_object = core::ObjectId::from_hex(skip.path).has_value();
    write_notification(core::to_string(skip.reason), "warning", text.ends_with('.') ? text : text + ".",
                       is_object ? "git/object/" + skip.path : skip.path);
  }
  for (const auto& [reason, count] : counts) {
    if (count <= kMaxNotifications) continue;
    write_notification(core::to_string(reason), "warning",
                       std::to_string(count - kMaxNotifications) + " more were not scanned (" +
                           std::string(core::to_string(reason)) + ").",
                       "");
  }
}

void SarifWriter::write_on_purpose_notification() {
  std::map<core::SkipReason, std::size_t> counts;
  for (const core::Skip& skip : report_.skips) {
    if (!core::is_incomplete(skip.reason)) ++counts[skip.reason];
  }
  if (counts.empty()) return;
  std::string text;
  for (const auto& [reason, count] : counts) {
    text += (text.empty() ? "Left out on purpose: " : ", ") + std::to_string(count) + " " +
            std::string(core::to_string(reason));
  }
  write_notification("left-out", "note", text + ".", "");
}

void SarifWriter::write_notification(std::string_view id, std::string_view level, std::string_view text,
                                     std::string_view path) {
  json_.begin_object();
  json_.begin_object("descriptor");
  json_.member("id", id);
  json_.end_object();
  json_.member("level", level);
  write_message(text, json_);
  if (!path.empty()) {
    json_.begin_array("locations");
    json_.begin_object();
    json_.begin_object("physicalLocation");
    write_artifact_location(path, json_);
    json_.end_object();
    json_.end_object();
    json_.end_array();
  }
  json_.end_object();
}

std::size_t SarifWriter::count_results(bool suppressed) const {
  std::size_t count = 0;
  for (const core::Finding& finding : report_.findings) {
    if (finding.suppressed.has_value() == suppressed) count += occurrences_of(finding).size();
  }
  return count;
}

void SarifWriter::write_results() {
  // Findings come most severe first. Suppressed ones give way to the others before the limit cuts those.
  std::size_t room = std::min(count_results(false), kMaxResults);
  std::size_t room_suppressed = kMaxResults - room;
  json_.begin_array("results");
  for (const core::Finding& finding : report_.findings) {
    std::map<std::string, std::size_t> ordinals;
    for (const core::Occurrence& occurrence : occurrences_of(finding)) {
      std::size_t& left = finding.suppressed ? room_suppressed : room;
      if (left == 0) break;
      --left;
      const std::string place = place_hash(occurrence);
      const std::size_t ordinal = ++ordinals[place];
      write_result(finding, occurrence, finding.fingerprint + ":" + place + ":" + std::to_string(ordinal));
    }
  }
  json_.end_array();
}

// What the inventory says of tokens beyond the results: the most urgent ones.
void SarifWriter::write_run_properties() {
  if (report_.inventory.empty()) return;
  json_.begin_object("properties");
  json_.begin_array("tokens");
  for (std::size_t i = 0; i < std::min(report_.tokens.size(), kMaxTokens); ++i) {
    json_.begin_object();
    write_token_members(report_.tokens[i], json_);
    json_.end_object();
  }
  json_.end_array();
  json_.member("tokensWithVerdicts", std::uint64_t{report_.tokens.size()});
  json_.end_object();
}

void SarifWriter::write_result(const core::Finding& finding, const core::Occurrence& occurrence,
                               const std::string& fingerprint) {
  json_.begin_object();
  json_.member("ruleId", finding.rule);
  json_.member("ruleIndex", rules_.index_of(finding.rule));
  json_.member("level", names_of(finding.severity).sarif_level);
  write_message(
      sarif_text(rule_name(job_.rules, finding.rule)) + " '" + sarif_text(finding.masked) + "' " +
          std::string(where(occurrence)) + ". " +
          (finding.verdict ? sarif_sentence(verdict_title(*finding.verdict) + ": " + finding.verdict->reason) + " "
                           : std::string()) +
          sarif_advice(job_.rules.find(finding.rule)),
      json_);
  write_location(occurrence);
  json_.begin_object("partialFingerprints");
  json_.member("keytrail/v1", fingerprint);
  // GitHub's upload fills this one in from the checked-out file, which does not hold what stands in history alone; and
  // it warns of a value that is not its own, so that results in the work tree are left to it.
  if (is_past(occurrence)) json_.member("primaryLocationLineHash", fingerprint);
  json_.end_object();
  if (finding.verdict) json_.member("rank", rank_of(*finding.verdict));
  if (finding.suppressed) write_suppression(*finding.suppressed);
  write_properties(finding, occurrence);
  json_.end_object();
}

void SarifWriter::write_location(const core::Occurrence& occurrence) {
  const core::Position& position = occurrence.position;
  json_.begin_array("locations");
  json_.begin_object();
  json_.begin_object("physicalLocation");
  write_artifact_location(artifact_path(occurrence), json_);
  json_.begin_object("region");
  json_.member("startLine", position.start_line);
  json_.member("startColumn", position.start_column);
  json_.member("endLine", position.end_line);
  json_.member("endColumn", position.end_column);
  json_.end_object();
  json_.end_object();
  json_.end_object();
  json_.end_array();
}

void SarifWriter::write_suppression(const core::Suppression& suppression) {
  const bool in_source = suppression.kind == core::Suppression::Kind::comment;
  json_.begin_array("suppressions");
  json_.begin_object();
  json_.member("kind", in_source ? "inSource" : "external");
  json_.member("status", "accepted");
  if (!suppression.reason.empty()) json_.member("justification", suppression.reason);
  json_.begin_object("properties");
  json_.member("by", core::to_string(suppression.kind));
  if (!suppression.owner.empty()) json_.member("owner", suppression.owner);
  json_.end_object();
  json_.end_object();
  json_.end_array();
}

void SarifWriter::write_properties(const core::Finding& finding, const core::Occurrence& occurrence) {
  json_.begin_object("properties");
  json_.member("severity", core::to_string(finding.severity));
  json_.member("confidence", core::to_string(finding.confidence));
  json_.member("masked", finding.masked);
  json_.member("kind", core::to_string(occurrence.kind));
  if (const std::string blob = blob_of(occurrence); !blob.empty()) json_.member("blob", blob);
  if (const std::string commit = commit_of(occurrence); !commit.empty()) json_.member("commit", commit);
  if (const auto& home = occurrence.home; home) {
    if (home->has_commit() || !home->author.empty()) json_.member("author", home->author);
    if (const std::string date = author_date(occurrence); !date.empty()) json_.member("date", date);
    if (const std::string committer = committer_of(occurrence); !committer.empty()) {
      json_.member("committer", committer);
    }
    if (const std::string date = commit_date(occurrence); !date.empty()) json_.member("commitDate", date);
    if (home->removed_by) json_.member("removedBy", home->removed_by->hex());
  }
  if (in_history(occurrence)) {
    json_.member("atTip", occurrence.home && occurrence.home->at_tip);
    json_.member("reachable", occurrence.home && occurrence.home->reachable);
    const core::Reach& reach = reach_of(occurrence);
    json_.member_list("refs", reach.refs);
    json_.member("refCount", reach.ref_count);
    if (!reach.held_by.empty()) json_.member("heldBy", reach.held_by);
  }
  if (finding.verdict) write_judgement(finding, json_);
  if (!finding.related.empty()) json_.member_list("related", finding.related);
  if (!finding.facts.empty()) {
    json_.begin_object("facts");
    write_facts(finding, json_);
    json_.end_object();
  }
  json_.end_object();
}

}  // namespace

void write_sarif(const Job& job, std::ostream& out) {
  SarifWriter(job, out).write();
  out << '\n';
}

}  // namespace keytrail::report
