// From arguments and configuration to something that can run: what is scanned, with which rules, against which
// accepted findings.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/cli/arguments.h"
#include "scanner/cli/config.h"
#include "scanner/core/history.h"
#include "scanner/core/ignore.h"
#include "scanner/core/source.h"
#include "scanner/git/push.h"
#include "scanner/ruleset/ruleset.h"
#include "scanner/scan/narrow.h"
#include "scanner/scan/suppression.h"

namespace keytrail::cli {

// What is scanned.
struct Target {
  std::vector<std::string> named;  // as the user gave them
  bool named_by_user = false;      // else it is the current folder
  std::vector<std::string> paths;  // absolute
  std::string root;                // absolute: reported paths are relative to it
  bool standard_input = false;
  bool history = false;
  bool staged = false;
  std::string range;                  // "A..B"; empty: no range
  std::optional<git::Push> push;      // instead of a range: what a hook is told of
  bool slow_reader = false;           // of a history: libgit2 reads its objects
  std::vector<std::string> branches;  // of a history: --branch
};

inline bool is_repository(const Target& target) {
  return target.history || target.staged || !target.range.empty() || target.push;
}

// The built-in rules, those of --rules and of the configuration, less those that are switched off.
Result<ruleset::RuleSet> load_rules(const std::vector<std::string>& files, const std::vector<std::string>& only,
                                    const std::vector<std::string>& skip);

// Resolves the paths and reads the configuration that holds for them.
Result<Config> load_config_for(const ScanArguments& arguments, Target& target);

// The file of --baseline or of the configuration; empty when there is none.
std::string baseline_file(const ScanArguments& arguments, const Config& config);
inline constexpr std::size_t kMaxBaselineBytes = std::size_t{256} << 20;

Result<scan::Suppressions> load_suppressions(const ScanArguments& arguments, const Config& config);

// What of a history is reported. `now`: seconds since 1970. invalid_argument for what is no date, and without
// --history.
Result<scan::Narrowing> load_narrowing(const ScanArguments& arguments, std::int64_t now);

// A source over the target; `history` is set when it is one. `ignore` must outlive the source.
struct OpenSource {
  std::unique_ptr<core::Source> source;
  core::HistorySource* history = nullptr;
};
Result<OpenSource> open_source(const Target& target, const std::vector<std::string>& exclude,
                               core::IgnoreProvider* ignore);

}  // namespace keytrail::cli
