// What a sweep of a history found, as bytes: for files that outlive the run. No secret is in it: of a match it has what
// a report shows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/finding.h"
#include "scanner/core/history.h"
#include "scanner/core/skip.h"
#include "scanner/ruleset/ruleset.h"
#include "scanner/scan/record.h"

namespace keytrail::scan {

// Before findings are made of it, and so before suppressions, exclusions and thresholds, which may change from run to
// run.
struct Swept {
  std::vector<Record> records;
  core::Homes homes;
  std::vector<core::Skip> skips;
  std::vector<std::string> notes;
  core::Stats stats;  // kept without fresh_bytes, which tell of a run
};

// `records` must have no secrets in them. Rules are named by their ids.
std::string encode_sweep(const Swept& swept, const ruleset::RuleSet& rules);
// Nothing when the bytes are not those of a sweep, or name a rule that there is not.
std::optional<Swept> decode_sweep(std::string_view bytes, const ruleset::RuleSet& rules);

}  // namespace keytrail::scan
