#include "scanner/report/finding_json.h"

#include <algorithm>

#include "scanner/base/dates.h"

#include "scanner/report/token_report.h"

namespace keytrail::report {
namespace {

constexpr std::uint64_t kSchemaVersion = 1;

void write_history_members(const core::Occurrence& occurrence, JsonWriter& json) {
  const auto& home = occurrence.home;
  json.member_or_null("blob", blob_of(occurrence));
  if (occurrence.kind == core::BlobKind::tag_message) {
    json.member_or_null("tag", occurrence.object ? occurrence.object->hex() : std::string());
  }
  json.member_or_null("commit", commit_of(occurrence));
  json.member_or_null("author", home ? home->author : std::string());
  json.member_or_null("date", author_date(occurrence));
  if (home && home->committed_apart()) {
    json.member_or_null("committer", home->committer);
    json.member_or_null("commit_date", commit_date(occurrence));
  }
  const bool removed = home && home->removed_by;
  json.member_or_null("removed_by", removed ? home->removed_by->hex() : std::string());
  if (removed) json.member_or_null("removed_date", iso8601(home->removed_time, home->removed_offset_minutes));
  json.member("at_tip", home && home->at_tip);
  json.member("reachable", home && home->reachable);
  const core::Reach& reach = reach_of(occurrence);
  json.member_list("refs", reach.refs);
  json.member("ref_count", reach.ref_count);
  json.member_or_null("held_by", reach.held_by);
}

void write_occurrence(const core::Occurrence& occurrence, JsonWriter& json) {
  json.begin_object();
  json.member("path", occurrence.path);
  json.member("kind", core::to_string(occurrence.kind));
  json.member("start_line", occurrence.position.start_line);
  json.member("start_column", occurrence.position.start_column);
  json.member("end_line", occurrence.position.end_line);
  json.member("end_column", occurrence.position.end_column);
  if (in_history(occurrence)) write_history_members(occurrence, json);
  json.end_object();
}

void write_suppression(const core::Finding& finding, JsonWriter& json) {
  json.key("suppressed");
  if (!finding.suppressed) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("kind", core::to_string(finding.suppressed->kind));
  json.member("reason", finding.suppressed->reason);
  json.member("owner", finding.suppressed->owner);
  json.end_object();
}

}  // namespace

void write_facts(const core::Finding& finding, JsonWriter& json) {
  for (auto fact = finding.facts.begin(); fact != finding.facts.end(); ++fact) {
    const auto same_name = [&](const core::Fact& other) { return other.first == fact->first; };
    if (std::any_of(finding.facts.begin(), fact, same_name)) continue;
    json.member(fact->first, fact->second);
  }
}

void write_finding_members(const core::Finding& finding, const ruleset::RuleSet& rules, JsonWriter& json) {
  json.member("rule", finding.rule);
  json.member("rule_name", rule_name(rules, finding.rule));
  json.member("provider", rule_provider(rules, finding.rule));
  json.member("severity", core::to_string(finding.severity));
  json.member("confidence", core::to_string(finding.confidence));
  json.member("fingerprint", finding.fingerprint);
  json.member("secret", finding.masked);
  json.begin_array("occurrences");
  for (const core::Occurrence& occurrence : finding.occurrences) write_occurrence(occurrence, json);
  json.end_array();
  json.member_list("related", finding.related);
  json.begin_object("facts");
  write_facts(finding, json);
  json.end_object();
  write_judgement(finding, json);
  write_suppression(finding, json);
}

void write_skip_members(const core::Skip& skip, JsonWriter& json) {
  json.member("reason", core::to_string(skip.reason));
  json.member("path", skip.path);
  json.member("detail", skip.detail);
}

void write_header_members(const Job& job, JsonWriter& json) {
  json.member("schema_version", kSchemaVersion);
  json.begin_object("tool");
  json.member("name", "keytrail");
  json.member("version", job.options.tool_version);
  json.member("rules_digest", job.report.rules_digest);
  json.end_object();
  json.member("mode", job.report.mode);
  json.member_list("targets", job.report.targets);
  json.member_or_null("root", job.report.root);
  json.member_or_null("repository", job.report.repository_uri);
  json.member_or_null("revision", job.report.revision);
  json.member_or_null("inventory", job.report.inventory);
}

void write_result_members(const core::ScanReport& report, JsonWriter& json) {
  const core::Stats& stats = report.stats;
  json.begin_object("stats");
  json.member("blobs_seen", stats.blobs_seen);
  json.member("blobs_scanned", stats.blobs_scanned);
  json.member("blobs_skipped", stats.blobs_skipped);
  json.member("bytes_scanned", stats.bytes_scanned);
  json.member("archives_opened", stats.archives_opened);
  json.member("commits", stats.commits);
  if (stats.fresh_bytes > 0) json.member("fresh_bytes", stats.fresh_bytes);
  json.member("candidates", stats.candidates);
  json.member("matches", stats.matches);
  json.end_object();
  json.member("incomplete", report.incomplete());
  json.member("interrupted", report.interrupted);
  json.member_list("notes", report.notes);
}

}  // namespace keytrail::report
