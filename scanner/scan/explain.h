// Every candidate of one text, and what became of it on its way to the report: `keytrail scan --explain`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/finding.h"
#include "scanner/engine/engine.h"
#include "scanner/scan/imported.h"
#include "scanner/scan/suppression.h"

namespace keytrail::scan {

struct ExplainOptions {
  core::Confidence min_confidence = core::Confidence::medium;
  std::vector<std::string> exclude;
  Suppressions* suppressions = nullptr;  // may be null
  Imported* imported = nullptr;          // may be null
  std::uint64_t line = 0;                // 0: every line
};

struct Explained {
  core::RuleIndex rule = 0;
  core::Position position;  // of the secret; of an anchor alone, of that
  std::string masked;       // empty where the pattern did not match
  std::string outcome;      // "reported", "suppressed", or a word of engine::Outcome
  std::string filter;       // of what a filter dropped: which
  std::string why;          // one sentence
  std::string fingerprint;  // of a finding
};

// In the order of the text; at one place findings first. `text` is UTF-8 or bytes; `path` as a report names it.
Result<std::vector<Explained>> explain(const engine::Engine& engine, std::string_view text, const std::string& path,
                                       const ExplainOptions& options);

}  // namespace keytrail::scan
