// A repository's .gitleaks.toml and .gitleaksignore, as parts of a scan of ours (docs/compatibility.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ruleset/gitleaks_toml.h"
#include "scanner/ruleset/ruleset.h"
#include "scanner/scan/imported.h"

namespace keytrail::cli {

// A configuration with those that it extends, merged as gitleaks merges them: what the extending file says counts more.
// Files are read once each, regular ones alone, eight deep at most.
Result<ruleset::GitleaksConfig> load_gitleaks_config(const std::string& file);

// Adds its rules to `rules`, drops what it disables there, and adds its allowlists to `imported`. What cannot be
// expressed becomes a note there; what is wrong is an error.
Status apply_gitleaks_config(const ruleset::GitleaksConfig& config, const std::string& file, ruleset::RuleSet& rules,
                             scan::ImportedFiles& imported);

// Fingerprints "commit:file:rule:line" and "file:rule:line", one a line. What is none becomes a note.
void add_gitleaksignore(std::string_view text, const std::string& file, const ruleset::RuleSet& rules,
                        scan::ImportedFiles& imported);

// Whether a configuration's name says that it is gitleaks' ("ci/.gitleaks.toml").
bool is_gitleaks_name(std::string_view path);

}  // namespace keytrail::cli
