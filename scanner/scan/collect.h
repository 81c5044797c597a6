// Records of all workers -> findings.
#pragma once

#include <string>
#include <vector>

#include "scanner/core/finding.h"
#include "scanner/core/history.h"
#include "scanner/ruleset/ruleset.h"
#include "scanner/scan/imported.h"
#include "scanner/scan/record.h"
#include "scanner/scan/suppression.h"

namespace keytrail::scan {

struct CollectOptions {
  core::Confidence min_confidence = core::Confidence::low;
  std::vector<std::string> exclude;
  Imported* imported = nullptr;  // may be null
};

struct Collected {
  std::vector<core::Finding> findings;  // in report order
  std::uint64_t below_confidence = 0;   // findings left out
};

// Whether a rule looks at a path at all. What has no path (a message, a dangling blob) is looked at by every rule.
bool rule_wants(const ruleset::Rule& rule, std::string_view path);

// Objects whose homes findings need.
std::vector<core::ObjectId> objects_of(const std::vector<Record>& records);

// One occurrence of a record at each home of its object; the record's own when there is none.
std::vector<core::Occurrence> occurrences_of(const Record& record, const core::Homes& homes);

// One finding for each secret, rule and way of suppression; a record becomes an occurrence at each home of its blob.
// Applies the path filters of rules and options. The result does not depend on the order of `records`.
Collected collect(std::vector<Record> records, const core::Homes& homes, const ruleset::RuleSet& rules,
                  Suppressions& suppressions, const CollectOptions& options);

}  // namespace keytrail::scan
