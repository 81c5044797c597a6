#include "scanner/core/finding.h"

#include <algorithm>
#include <tuple>

namespace keytrail::core {
namespace {

auto occurrence_key(const Occurrence& o) { return std::tie(o.path, o.position, o.kind, o.object); }

bool occurrence_less(const Occurrence& a, const Occurrence& b) {
  if (occurrence_key(a) != occurrence_key(b)) return occurrence_key(a) < occurrence_key(b);
  // Two commits can bring the same blob to the same path: the older one first.
  if (a.home && b.home) {
    return std::tie(a.home->author_time, a.home->commit) < std::tie(b.home->author_time, b.home->commit);
  }
  return a.home.has_value() < b.home.has_value();
}

bool finding_less(const Finding& a, const Finding& b) {
  if (a.severity != b.severity) return a.severity > b.severity;
  if (!a.occurrences.empty() && !b.occurrences.empty()) {
    const auto left = occurrence_key(a.occurrences.front());
    const auto right = occurrence_key(b.occurrences.front());
    if (left != right) return left < right;
  }
  return std::tie(a.rule, a.fingerprint) < std::tie(b.rule, b.fingerprint);
}

}  // namespace

std::string_view to_string(Suppression::Kind kind) {
  switch (kind) {
    case Suppression::Kind::comment:
      return "comment";
    case Suppression::Kind::configuration:
      return "configuration";
    case Suppression::Kind::baseline:
      return "baseline";
  }
  return "comment";
}

bool ScanReport::incomplete() const {
  return interrupted || std::any_of(skips.begin(), skips.end(), [](const Skip& s) { return is_incomplete(s.reason); });
}

void sort_findings(std::vector<Finding>& findings) {
  for (Finding& finding : findings) {
    std::sort(finding.occurrences.begin(), finding.occurrences.end(), occurrence_less);
  }
  std::sort(findings.begin(), findings.end(), finding_less);
}

}  // namespace keytrail::core
