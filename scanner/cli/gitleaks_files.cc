#include "scanner/cli/gitleaks_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "scanner/base/file.h"
#include "scanner/base/text.h"
#include "scanner/ruleset/gitleaks_ids.h"
#include "scanner/ruleset/gitleaks_rules.h"

namespace keytrail::cli {
namespace {

using ruleset::GitleaksAllowlist;
using ruleset::GitleaksConfig;
using ruleset::GitleaksRule;

constexpr std::size_t kMaxConfigBytes = std::size_t{4} << 20;
constexpr int kMaxExtends = 8;
constexpr std::size_t kMaxPatterns = 2000;  // each may take a megabyte

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
}

// A repository's file may name any other: a pipe or a device must not hold the scan.
Result<std::string> read_regular(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return errno_error(errno, "read", path);
  if (!S_ISREG(info.st_mode)) {
    return make_error(ErrorCode::invalid_argument, "a configuration must be a regular file", path);
  }
  return read_file(path, kMaxConfigBytes);
}

// What the extending rule leaves open is as in the extended one.
void fill(GitleaksRule& rule, const GitleaksRule& base) {
  if (rule.description.empty()) rule.description = base.description;
  if (rule.regex.empty()) rule.regex = base.regex;
  if (rule.path.empty()) rule.path = base.path;
  if (rule.entropy == 0) rule.entropy = base.entropy;
  if (!rule.secret_group) rule.secret_group = base.secret_group;
  rule.keywords.insert(rule.keywords.end(), base.keywords.begin(), base.keywords.end());
  rule.allowlists.insert(rule.allowlists.end(), base.allowlists.begin(), base.allowlists.end());
  if (rule.required.empty()) rule.required = base.required;
}

void extend(GitleaksConfig& config, GitleaksConfig base) {
  for (GitleaksRule& rule : base.rules) {
    if (std::find(config.disabled_rules.begin(), config.disabled_rules.end(), rule.id) != config.disabled_rules.end()) {
      continue;
    }
    const auto same = std::find_if(config.rules.begin(), config.rules.end(),
                                   [&](const GitleaksRule& other) { return other.id == rule.id; });
    if (same == config.rules.end()) {
      config.rules.push_back(std::move(rule));
    } else {
      fill(*same, rule);
    }
  }
  const auto append = [](auto& to, auto& from) { std::move(from.begin(), from.end(), std::back_inserter(to)); };
  append(config.allowlists, base.allowlists);
  append(config.disabled_rules, base.disabled_rules);
  append(config.notes, base.notes);
  config.use_default = config.use_default || base.use_default;
  config.extend_path = base.extend_path;
  config.extend_url = base.extend_url.empty() ? config.extend_url : base.extend_url;
}

// Of several rules with one id the last counts, as with gitleaks.
void keep_last(GitleaksConfig& config) {
  std::map<std::string, std::size_t> last;
  for (std::size_t i = 0; i < config.rules.size(); ++i) last[config.rules[i].id] = i;
  std::vector<GitleaksRule> kept;
  for (std::size_t i = 0; i < config.rules.size(); ++i) {
    GitleaksRule& rule = config.rules[i];
    if (last[rule.id] == i) {
      kept.push_back(std::move(rule));
    } else {
      config.notes.push_back(rule.place + ": rule " + rule.id + ": a later rule of this id takes its place");
    }
  }
  config.rules = std::move(kept);
}

Error with_place(const Error& error, const std::string& place, std::string_view key, const std::string& pattern) {
  return make_error(ErrorCode::invalid_argument,
                    "bad pattern in " + std::string(key) + ": " + error.message + "; mend \"" + pattern + "\"", place);
}

Status compile_all(const std::vector<std::string>& patterns, const std::string& place, std::string_view key,
                   std::vector<engine::TextPattern>& out) {
  for (const std::string& pattern : patterns) {
    auto compiled = engine::TextPattern::compile(pattern);
    if (!compiled) return with_place(compiled.error(), place, key, pattern);
    out.push_back(std::move(*compiled));
  }
  return {};
}

// One configuration on its way into a scan.
class Applier {
 public:
  Applier(const GitleaksConfig& config, ruleset::RuleSet& rules, scan::ImportedFiles& imported)
      : config_(config), rules_(rules), imported_(imported) {}

  Status apply(const std::string& file) {
    if (patterns() > kMaxPatterns) {
      return make_error(ErrorCode::limit_exceeded,
                        "more than " + std::to_string(kMaxPatterns) + " patterns; join some with |", file);
    }
    imported_.notes.insert(imported_.notes.end(), config_.notes.begin(), config_.notes.end());
    if (!config_.extend_url.empty()) note(file, "[extend] url is not read; give the file by path");
    disable(file);
    for (const GitleaksRule& rule : config_.rules) {
      if (Status added = add_rule(rule); !added) return added;
    }
    add_companions();
    if (Status merged = merge(); !merged) return merged;
    for (const GitleaksRule& rule : config_.rules) {
      if (Status added = add_rule_allowlists(rule); !added) return added;
    }
    for (const GitleaksAllowlist& list : config_.allowlists) {
      if (Status added = add_global_allowlist(list); !added) return added;
    }
    if (bounded_ > 0) {
      note(file, "repetitions without an upper bound got one in " + std::to_string(bounded_) +
                     (bounded_ == 1 ? " rule" : " rules") + "; keytrail rules import " + std::string(base_name(file)) +
                     " says which");
    }
    return {};
  }

 private:
  std::size_t patterns() const {
    std::size_t count = config_.rules.size();
    const auto add = [&count](const std::vector<GitleaksAllowlist>& lists) {
      for (const GitleaksAllowlist& list : lists) count += list.paths.size() + list.regexes.size();
    };
    add(config_.allowlists);
    for (const GitleaksRule& rule : config_.rules) add(rule.allowlists);
    return count;
  }

  void note(const std::string& place, const std::string& what) { imported_.notes.push_back(place + ": " + what); }
  void note(const GitleaksRule& rule, const std::string& what) { note(rule.place, "rule " + rule.id + ": " + what); }

  void disable(const std::string& file) {
    for (const std::string& id : config_.disabled_rules) {
      const std::vector<std::string> ours = ruleset::ids_for_gitleaks(id, rules_);
      if (ours.empty()) {
        note(file, "disabledRules: no rule here is known to be the same as " + id);
      } else if (Status dropped = rules_.select({}, ours); !dropped) {
        note(file, "disabledRules: " + id + " stays on: " + dropped.error().message);
      }
    }
  }

  Status add_rule(const GitleaksRule& rule) {
    if (rule.regex.empty() && rule.path.empty()) return {};  // its allowlists are for a rule that is there
    if (!rule.regex.empty()) {
      if (auto compiled = engine::TextPattern::compile(rule.regex); !compiled) {
        return with_place(compiled.error(), rule.place, "regex", rule.regex);
      }
    }
    if (rule.skip_report && !ruleset::is_required(config_.rules, rule.id)) {
      note(rule, "not taken over: skipReport, and no rule requires it");
      return {};
    }
    Result<ruleset::ImportedRule> made = ruleset::import_rule(rule);
    if (!made) {
      note(rule, "not taken over: " + made.error().message);
      return {};
    }
    std::string id = made->rule.id;
    if (rules_.find(id) != nullptr) id = "custom-" + id;
    while (std::any_of(made_.begin(), made_.end(), [&](const ruleset::Rule& other) { return other.id == id; })) {
      id += "-2";
    }
    made->rule.id = id;
    names_[rule.id] = id;
    if (!made->bounds.empty()) ++bounded_;
    for (const std::string& change : made->changes) note(rule, change);
    made_.push_back(std::move(made->rule));
    if (rule.path.empty()) return {};
    auto path = engine::TextPattern::compile(rule.path);
    if (!path) return with_place(path.error(), rule.place, "path", rule.path);
    imported_.paths.push_back({id, std::move(*path)});
    return {};
  }

  // What a rule requires may stand behind it in the file, so all of them are there by now.
  void add_companions() {
    for (const GitleaksRule& rule : config_.rules) {
      const auto own = names_.find(rule.id);
      if (own == names_.end()) continue;
      const auto made =
          std::find_if(made_.begin(), made_.end(), [&](const ruleset::Rule& other) { return other.id == own->second; });
      if (made == made_.end()) continue;
      for (const ruleset::GitleaksRequired& required : rule.required) {
        const auto theirs = names_.find(required.id);
        if (theirs == names_.end()) {
          note(required.place, "rule " + rule.id + ": " + required.id +
                                   ", which it requires, is no rule of this file that was taken over; it counts "
                                   "without that");
          continue;
        }
        std::string change;
        made->companions.push_back(ruleset::companion_for(required, theirs->second, change));
        note(required.place, "rule " + rule.id + ": " + change);
      }
    }
  }

  Status merge() {
    if (made_.empty()) return {};
    auto more = ruleset::RuleSet::from_rules(std::move(made_));
    if (!more) return more.error();
    return rules_.merge(std::move(*more));
  }

  // Those that a name of gitleaks stands for: rules of the file, and ours of the same kind.
  std::vector<std::string> named(const std::string& id) const {
    std::vector<std::string> ids = ruleset::ids_for_gitleaks(id, rules_);
    if (const auto own = names_.find(id); own != names_.end()) ids.push_back(own->second);
    return ids;
  }

  Status add_rule_allowlists(const GitleaksRule& rule) {
    if (rule.allowlists.empty()) return {};
    const std::vector<std::string> ids = named(rule.id);
    if (ids.empty()) {
      note(rule, "its allowlists are not taken over: no rule here is known to be the same");
      return {};
    }
    for (const GitleaksAllowlist& list : rule.allowlists) {
      if (Status added = add_allowlist(list, ids); !added) return added;
    }
    return {};
  }

  Status add_global_allowlist(const GitleaksAllowlist& list) {
    std::vector<std::string> ids;
    for (const std::string& target : list.target_rules) {
      const std::vector<std::string> more = named(target);
      if (more.empty()) note(list.place, "targetRules: no rule here is known to be the same as " + target);
      ids.insert(ids.end(), more.begin(), more.end());
    }
    if (ids.empty() && !list.target_rules.empty()) return {};
    return add_allowlist(list, ids);
  }

  Status add_allowlist(const GitleaksAllowlist& list, const std::vector<std::string>& ids) {
    scan::ImportedAllow allow;
    allow.rules = ids;
    allow.needs_all = list.needs_all;
    allow.commits = list.commits;
    if (Status done = compile_all(list.paths, list.place, "paths", allow.paths); !done) return done;
    if (Status done = compile_all(list.regexes, list.place, "regexes", allow.regexes); !done) return done;
    allow.target = static_cast<scan::ImportedAllow::Target>(list.target);
    allow.stopwords = list.stopwords;
    allow.reason = list.description.empty() ? "allowlist of " + std::string(base_name(list.place)) : list.description;
    imported_.allow.push_back(std::move(allow));
    return {};
  }

  const GitleaksConfig& config_;
  ruleset::RuleSet& rules_;
  scan::ImportedFiles& imported_;
  std::vector<ruleset::Rule> made_;
  std::map<std::string, std::string> names_;  // gitleaks' id -> the id that it has here
  std::size_t bounded_ = 0;
};

static_assert(static_cast<int>(GitleaksAllowlist::Target::line) == static_cast<int>(scan::ImportedAllow::Target::line));

bool is_commit(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// "file:rule:line", the file's name with colons or without, and a commit before it where there is one.
std::optional<scan::ImportedEntry> parse_fingerprint(std::string_view text, const ruleset::RuleSet& rules) {
  const std::size_t second = text.rfind(':');
  const std::size_t first = second == std::string_view::npos || second == 0 ? second : text.rfind(':', second - 1);
  if (first == std::string_view::npos || first == second || first == 0) return std::nullopt;
  scan::ImportedEntry entry;
  const std::string_view line = text.substr(second + 1);
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), entry.line);
  if (error != std::errc() || end != line.data() + line.size() || line.empty()) return std::nullopt;
  const std::string_view rule = text.substr(first + 1, second - first - 1);
  if (rule.empty()) return std::nullopt;
  std::string_view file = text.substr(0, first);
  if (const std::size_t colon = file.find(':'); is_commit(file.substr(0, colon))) {
    entry.commit = lower(file.substr(0, colon));
    if (colon == std::string_view::npos) return std::nullopt;
    file.remove_prefix(colon + 1);
  }
  if (file.starts_with("./")) file.remove_prefix(2);
  if (file.empty()) return std::nullopt;
  entry.path = std::string(file);
  if (rule != ruleset::kGitleaksGeneric) entry.rules = ruleset::ids_for_gitleaks(rule, rules);
  return entry;
}

}  // namespace

bool is_gitleaks_name(std::string_view path) { return base_name(path).find("gitleaks") != std::string::npos; }

Result<GitleaksConfig> load_gitleaks_config(const std::string& file) {
  const auto text = read_regular(file);
  if (!text) return text.error();
  auto config = ruleset::parse_gitleaks_toml(*text, file);
  if (!config) return config.error();
  keep_last(*config);
  std::string folder = folder_of(file);
  for (int depth = 0; !config->extend_path.empty(); ++depth) {
    if (depth == kMaxExtends) {
      return make_error(ErrorCode::limit_exceeded, "[extend] path goes more than 8 files deep; is it a circle?", file);
    }
    const std::string& named = config->extend_path;
    const std::string path = named.front() == '/' ? named : std::string(folder).append("/").append(named);
    const auto base_text = read_regular(path);
    if (!base_text) {
      return make_error(base_text.error().code, base_text.error().message + " ([extend] path of " + file + ")", path);
    }
    auto base = ruleset::parse_gitleaks_toml(*base_text, path);
    if (!base) return base.error();
    keep_last(*base);
    folder = folder_of(path);
    extend(*config, std::move(*base));
  }
  return config;
}

Status apply_gitleaks_config(const GitleaksConfig& config, const std::string& file, ruleset::RuleSet& rules,
                             scan::ImportedFiles& imported) {
  return Applier(config, rules, imported).apply(file);
}

void add_gitleaksignore(std::string_view text, const std::string& file, const ruleset::RuleSet& rules,
                        scan::ImportedFiles& imported) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#') continue;
    line = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
    std::optional<scan::ImportedEntry> entry = parse_fingerprint(line, rules);
    if (!entry) {
      imported.notes.push_back(file + ":" + std::to_string(number) +
                               ": no fingerprint (commit:file:rule:line or file:rule:line); it has no effect");
      continue;
    }
    entry->source = base_name(file);
    entry->reason = "accepted in " + std::string(base_name(file));
    imported.entries.push_back(std::move(*entry));
  }
}

}  // namespace keytrail::cli
