#include "scanner/report/formats.h"

#include "scanner/base/dates.h"

namespace keytrail::report {
std::string rule_name(const ruleset::RuleSet& rules, std::string_view id) {
  const ruleset::Rule* rule = rules.find(id);
  return rule != nullptr && !rule->name.empty() ? rule->name : std::string(id);
}

std::string rule_provider(const ruleset::RuleSet& rules, std::string_view id) {
  const ruleset::Rule* rule = rules.find(id);
  return rule != nullptr ? rule->provider : std::string();
}

std::string commit_of(const core::Occurrence& occurrence) {
  if (occurrence.kind == core::BlobKind::commit_message && occurrence.object) return occurrence.object->hex();
  return occurrence.home && occurrence.home->has_commit() ? occurrence.home->commit.hex() : std::string();
}

std::string blob_of(const core::Occurrence& occurrence) {
  const bool is_blob = occurrence.kind == core::BlobKind::git_blob && occurrence.object;
  return is_blob ? occurrence.object->hex() : std::string();
}

const std::vector<core::Occurrence>& occurrences_of(const core::Finding& finding) {
  static const std::vector<core::Occurrence> nowhere(1);
  return finding.occurrences.empty() ? nowhere : finding.occurrences;
}

std::string author_date(const core::Occurrence& occurrence) {
  const auto& home = occurrence.home;
  const bool known = home && (home->has_commit() || !home->author.empty());
  return known ? iso8601(home->author_time, home->author_offset_minutes) : std::string();
}

std::string commit_date(const core::Occurrence& occurrence) {
  const auto& home = occurrence.home;
  return home && home->committed_apart() ? iso8601(home->commit_time, home->commit_offset_minutes) : std::string();
}

std::string committer_of(const core::Occurrence& occurrence) {
  return occurrence.home && occurrence.home->committed_apart() ? occurrence.home->committer : std::string();
}

const core::Reach& reach_of(const core::Occurrence& occurrence) {
  static const core::Reach nothing;
  return occurrence.home && occurrence.home->reach ? *occurrence.home->reach : nothing;
}

std::string artifact_path(const core::Occurrence& occurrence) {
  const std::string id = occurrence.object ? occurrence.object->hex() : std::string();
  switch (occurrence.kind) {
    case core::BlobKind::commit_message:
      return "git/commit/" + id;
    case core::BlobKind::tag_message:
      return "git/tag/" + id;
    case core::BlobKind::git_blob:
      // A member of an archive that no commit holds: "!/member".
      if (occurrence.path.empty() || occurrence.path.starts_with("!/")) return "git/blob/" + id + occurrence.path;
      return occurrence.path;
    case core::BlobKind::standard_input:
      return occurrence.path.empty() || occurrence.path == "-" ? "standard-input" : occurrence.path;
    case core::BlobKind::file:
      break;
  }
  return occurrence.path.empty() ? "." : occurrence.path;
}

bool is_past(const core::Occurrence& occurrence) {
  return in_history(occurrence) && !(occurrence.home && occurrence.home->at_tip);
}

bool in_history(const core::Occurrence& occurrence) { return occurrence.object || occurrence.home; }

}  // namespace keytrail::report
