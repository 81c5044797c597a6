// Baselines of other scanners: the JSON report of gitleaks (--baseline-path) and the .secrets.baseline of
// detect-secrets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ruleset/ruleset.h"
#include "scanner/scan/imported.h"

namespace keytrail::cli {

// Ours is lines of text: what begins like JSON is another's.
bool is_foreign_baseline(std::string_view text);

// gitleaks: an array of findings, matched by file and value, or where the value is redacted by file, line, rule and
// commit. detect-secrets: an object with `results`, matched by file and SHA-1 of the value. An error names file, line
// or entry, and remedy, and holds nothing of the file's text.
Result<std::vector<scan::ImportedEntry>> parse_foreign_baseline(std::string_view text, const std::string& file,
                                                                const ruleset::RuleSet& rules);

}  // namespace keytrail::cli
