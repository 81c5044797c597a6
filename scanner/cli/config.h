// .keytrail.toml: what a project sets for all who scan it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/scan/suppression.h"

namespace keytrail::cli {

struct Config {
  std::string file;    // where it was read; empty: there is none
  std::string folder;  // absolute; paths in it are relative to this
  std::string fail_on;
  std::string min_confidence;
  std::string baseline;
  std::string inventory;
  std::string policy;
  bool is_public = false;
  std::vector<std::string> exclude;
  std::vector<std::string> rules;
  std::vector<std::string> only_rules;
  std::vector<std::string> skip_rules;
  std::vector<scan::AllowEntry> allow;
};

// Parses a configuration. Unknown keys and wrong values are errors with file, line and remedy.
Result<Config> parse_config(std::string_view toml, const std::string& file);

// Reads `file`; when it is empty, the first .keytrail.toml in `folder` (absolute) or above it; none is no error.
Result<Config> load_config(const std::string& file, const std::string& folder);

}  // namespace keytrail::cli
