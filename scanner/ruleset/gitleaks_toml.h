// A gitleaks configuration (.gitleaks.toml), read as it is written: names and texts, nothing compiled or converted.
//
// The format is that of gitleaks 8: `[[rules]]`, `[extend]`, `[[allowlists]]` and `[[rules.allowlists]]`, and the older
// `[allowlist]` and `[rules.allowlist]`. Its keys are read without regard to case, as gitleaks does. What has the wrong
// type is an error with file, line and remedy; keys that nobody knows are notes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"

namespace keytrail::ruleset {

struct GitleaksAllowlist {
  enum class Target : std::uint8_t { secret, match, line };

  std::string description;
  std::vector<std::string> target_rules;  // of a global one; empty: all
  bool needs_all = false;                 // condition = "AND"
  std::vector<std::string> commits;
  std::vector<std::string> paths;    // patterns
  std::vector<std::string> regexes;  // patterns
  Target target = Target::secret;
  std::vector<std::string> stopwords;
  std::string place;  // ".gitleaks.toml:12"
};

// [[rules.required]]: a finding counts where that rule has one too, within so many lines, columns or both; without a
// number anywhere in the same piece of text.
struct GitleaksRequired {
  std::string id;
  std::optional<std::uint32_t> within_lines;
  std::optional<std::uint32_t> within_columns;
  std::string place;
};

struct GitleaksRule {
  std::string id;
  std::string description;
  std::string regex;
  std::string path;  // a pattern
  std::vector<std::string> keywords;
  double entropy = 0;
  std::optional<std::uint32_t> secret_group;
  bool skip_report = false;
  std::vector<GitleaksRequired> required;
  std::vector<GitleaksAllowlist> allowlists;
  std::string place;
};

struct GitleaksConfig {
  bool use_default = false;
  std::string extend_path;
  std::string extend_url;
  std::vector<std::string> disabled_rules;
  std::vector<GitleaksRule> rules;
  std::vector<GitleaksAllowlist> allowlists;
  std::vector<std::string> notes;
};

Result<GitleaksConfig> parse_gitleaks_toml(std::string_view toml, const std::string& file_name);

}  // namespace keytrail::ruleset
