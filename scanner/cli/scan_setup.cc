#include "scanner/cli/scan_setup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "scanner/base/dates.h"
#include "scanner/base/file.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/foreign_baseline.h"
#include "scanner/cli/gitleaks_files.h"
#include "scanner/fs/files.h"
#include "scanner/fs/standard_input.h"
#include "scanner/git/history.h"
#include "scanner/git/range.h"
#include "scanner/git/staged.h"

namespace keytrail::cli {
namespace {

constexpr std::size_t kMaxRuleFileBytes = std::size_t{64} << 20;

bool is_folder(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

bool is_below(const std::string& path, const std::string& folder) {
  return folder == "/" || path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

// The work tree that holds `folder`, by its .git; empty when there is none.
std::string work_tree_of(std::string folder) {
  while (true) {
    if (::access(((folder == "/" ? "" : folder) + "/.git").c_str(), F_OK) == 0) return folder;
    if (folder == "/") return {};
    folder = parent_of(folder);
  }
}

// Which of the ways to look at a repository is wanted: one at most.
Status resolve_mode(const ScanArguments& arguments, Target& target) {
  std::vector<std::string> given;
  if (arguments.history) given.emplace_back("--history");
  if (arguments.staged) given.emplace_back("--staged");
  if (!arguments.range.empty()) given.emplace_back("--range");
  if (!arguments.since_ref.empty()) given.emplace_back("--since-ref");
  if (given.size() > 1) {
    return make_error(ErrorCode::invalid_argument, given[0] + " and " + given[1] + " do not go together; give one");
  }
  if (arguments.since_ref.find("..") != std::string::npos) {
    return make_error(ErrorCode::invalid_argument, "--since-ref takes one revision; --range takes A..B",
                      arguments.since_ref);
  }
  target.history = arguments.history;
  target.branches = arguments.branches;
  target.staged = arguments.staged;
  target.push = arguments.push;
  target.range = arguments.since_ref.empty() ? arguments.range : arguments.since_ref + "..HEAD";
  return {};
}

Status resolve_paths(const ScanArguments& arguments, Target& target) {
  if (Status mode = resolve_mode(arguments, target); !mode) return mode;
  target.slow_reader = arguments.reader == "libgit2";
  target.named_by_user = !arguments.paths.empty();
  target.named = arguments.paths.empty() ? std::vector<std::string>{"."} : arguments.paths;
  const bool input = std::find(target.named.begin(), target.named.end(), "-") != target.named.end();
  if (input && (target.named.size() > 1 || is_repository(target))) {
    return make_error(ErrorCode::invalid_argument, "- (standard input) goes alone");
  }
  if (is_repository(target) && target.named.size() > 1) {
    const std::string option = target.history ? "--history" : target.staged ? "--staged" : "--range";
    return make_error(ErrorCode::invalid_argument, option + " takes one repository at a time");
  }
  target.standard_input = input;
  if (input) return {};
  for (const std::string& name : target.named) {
    auto path = real_path(name);
    if (!path) return path.error();
    target.paths.push_back(std::move(*path));
  }
  return {};
}

// What reported paths are relative to: the folder of the configuration or the work tree that holds everything, else the
// current folder, else the one folder that is scanned.
std::string root_of(const Target& target, const std::string& config_folder, const std::string& start) {
  const auto holds_all = [&](const std::string& folder) {
    return !folder.empty() &&
           std::all_of(target.paths.begin(), target.paths.end(), [&](const auto& p) { return is_below(p, folder); });
  };
  for (const std::string& folder : {work_tree_of(start), config_folder, current_folder(), start}) {
    if (holds_all(folder)) return folder;
  }
  return "/";
}

}  // namespace

Result<ruleset::RuleSet> load_rules(const std::vector<std::string>& files, const std::vector<std::string>& only,
                                    const std::vector<std::string>& skip) {
  auto rules = ruleset::RuleSet::builtin();
  if (!rules) return rules.error();
  for (const std::string& file : files) {
    const auto text = read_file(file, kMaxRuleFileBytes);
    if (!text) return text.error();
    auto more = ruleset::RuleSet::parse(*text, file);
    if (!more) return more.error();
    if (Status merged = rules->merge(std::move(*more)); !merged) return merged.error();
  }
  if (!only.empty() || !skip.empty()) {
    if (Status selected = rules->select(only, skip); !selected) return selected.error();
  }
  return rules;
}

Result<Config> load_config_for(const ScanArguments& arguments, Target& target) {
  if (Status resolved = resolve_paths(arguments, target); !resolved) return resolved.error();
  std::string start = current_folder();
  if (!target.standard_input)
    start = is_folder(target.paths.front()) ? target.paths.front() : parent_of(target.paths.front());
  Config config;
  if (!arguments.no_config && !is_gitleaks_name(arguments.config)) {
    std::string file = arguments.config;
    if (!file.empty()) {
      auto path = real_path(file);
      if (!path) return path.error();
      file = *path;
    }
    auto loaded = load_config(file, start);
    if (!loaded) return loaded.error();
    config = std::move(*loaded);
  }
  target.root = root_of(target, arguments.config.empty() ? config.folder : std::string(), start);
  return config;
}

std::string baseline_file(const ScanArguments& arguments, const Config& config) {
  if (!arguments.baseline.empty() || config.baseline.empty()) return arguments.baseline;
  return config.baseline.front() == '/' ? config.baseline : config.folder + "/" + config.baseline;
}

Result<scan::Suppressions> load_suppressions(const ScanArguments& arguments, const Config& config) {
  const std::string file = baseline_file(arguments, config);
  std::vector<scan::BaselineEntry> baseline;
  if (!file.empty()) {
    const auto text = read_file(file, kMaxBaselineBytes);
    if (!text) return text.error();
    // Another scanner's is read with the rules (load_scan_rules).
    if (!is_foreign_baseline(*text)) {
      auto parsed = scan::parse_baseline(*text, file);
      if (!parsed) return parsed.error();
      baseline = std::move(*parsed);
    }
  }
  return scan::Suppressions(config.allow, std::move(baseline), today());
}

Result<scan::Narrowing> load_narrowing(const ScanArguments& arguments, std::int64_t now) {
  scan::Narrowing narrowing;
  narrowing.authors = arguments.authors;
  narrowing.branches = !arguments.branches.empty();
  const auto bound = [now](const char* option, const std::string& text, DateEnd end,
                           std::optional<std::int64_t>& seconds) -> Status {
    if (text.empty()) return {};
    seconds = parse_date(text, end, now);
    if (seconds) return {};
    return make_error(
        ErrorCode::invalid_argument,
        std::string(option) + " takes a date such as 2026-01-31, 2026-01-31T12:00:00Z, or 30d, 12w, 6m, 2y ago", text);
  };
  if (Status s = bound("--since", arguments.since, DateEnd::first, narrowing.since); !s) return s.error();
  if (Status s = bound("--until", arguments.until, DateEnd::last, narrowing.until); !s) return s.error();
  if (narrowing.any() && !arguments.history) {
    return make_error(ErrorCode::invalid_argument,
                      "--since, --until, --branch and --author narrow the report of a history: they need --history");
  }
  if (narrowing.since && narrowing.until && *narrowing.since > *narrowing.until) {
    return make_error(ErrorCode::invalid_argument, "--until is earlier than --since: nothing can be between them",
                      arguments.until);
  }
  for (const std::string& author : arguments.authors) {
    if (author.empty()) return make_error(ErrorCode::invalid_argument, "--author takes a part of a name or an address");
  }
  return narrowing;
}

Result<OpenSource> open_source(const Target& target, const std::vector<std::string>& exclude,
                               core::IgnoreProvider* ignore) {
  OpenSource open;
  if (target.standard_input) {
    open.source = fs::make_standard_input_source();
  } else if (target.staged || target.push || !target.range.empty()) {
    auto changes = target.staged ? git::open_staged(target.paths.front(), target.named_by_user, git_variables())
                   : target.push
                       ? git::open_push(*target.push, target.paths.front(), target.named_by_user, git_variables())
                       : git::open_range(target.range, target.paths.front(), target.named_by_user, git_variables());
    if (!changes) return changes.error();
    open.history = changes->get();
    open.source = std::move(*changes);
  } else if (target.history) {
    const git::Reader reader = target.slow_reader ? git::Reader::libgit2 : git::Reader::pack_walk;
    auto history = git::open_history(target.paths.front(), reader, target.branches);
    if (!history) return history.error();
    open.history = history->get();
    open.source = std::move(*history);
  } else {
    fs::FileOptions options;
    options.paths = target.paths;
    options.root = target.root;
    options.ignore = ignore;
    options.exclude = exclude;
    open.source = fs::make_file_source(std::move(options));
  }
  return open;
}

}  // namespace keytrail::cli
