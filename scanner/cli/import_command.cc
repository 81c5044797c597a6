#include "scanner/cli/import_command.h"

#include <sys/stat.h>

#include <algorithm>
#include <iostream>
#include <set>
#include <utility>

#include "scanner/base/file.h"
#include "scanner/base/text.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/gitleaks_files.h"
#include "scanner/ruleset/gitleaks_ids.h"
#include "scanner/ruleset/gitleaks_rules.h"
#include "scanner/ruleset/go_pattern.h"
#include "scanner/ruleset/rules_writer.h"
#include "scanner/ruleset/ruleset.h"

namespace keytrail::cli {
namespace {

using ruleset::GitleaksAllowlist;
using ruleset::GitleaksRule;

// How much may stand before and behind what an allow pattern looks for: ours match the whole secret.
constexpr const char* kAround = "[^\\x00]{0,200}";

std::string escaped(std::string_view word) {
  std::string text;
  for (const char c : word) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                       static_cast<unsigned char>(c) >= 0x80;
    if (!plain) text += '\\';
    text += c;
  }
  return text;
}

class Converter {
 public:
  Converter(const std::vector<GitleaksRule>& rules, WrittenRules& out) : rules_(rules), out_(out) {}

  void convert(const GitleaksRule& rule) {
    if (rule.regex.empty() && rule.path.empty()) {
      return drop(rule.place, "rule " + rule.id,
                  "it only adds allowlists to a rule of gitleaks' own: keep .gitleaks.toml, "
                  "or accept findings in .keytrail.toml");
    }
    if (rule.skip_report && !ruleset::is_required(rules_, rule.id)) {
      return drop(rule.place, "rule " + rule.id, "skipReport, and no rule requires it");
    }
    auto made = ruleset::import_rule(rule);
    if (!made) return drop(rule.place, "rule " + rule.id, made.error().message);
    if (!ids_.insert(made->draft.rule.id).second) {
      return drop(rule.place, "rule " + rule.id, "another rule has the id " + made->draft.rule.id + "; rename one");
    }
    if (!rule.path.empty()) add_path(rule, *made);
    for (const GitleaksAllowlist& list : rule.allowlists) add_allowlist(rule, list, *made);
    for (const ruleset::GitleaksRequired& required : rule.required) add_companion(rule, required, *made);
    // What was added must hold as well.
    if (const auto checked = ruleset::derive_rule(made->draft); !checked) {
      return drop(rule.place, "rule " + rule.id, checked.error().message);
    }
    made->changes.insert(made->changes.end(), made->bounds.begin(), made->bounds.end());
    for (const std::string& change : made->changes) {
      out_.adapted.push_back(rule.place + ": rule " + rule.id + ": " + change);
    }
    out_.toml += "\n" + ruleset::write_rule(made->draft, made->changes);
    ++out_.taken;
  }

  void convert(const GitleaksAllowlist& list) {
    std::vector<std::string> globs;
    for (const std::string& path : list.paths) globs.push_back(ruleset::path_glob(path));
    const bool paths_alone =
        list.commits.empty() && list.regexes.empty() && list.stopwords.empty() && list.target_rules.empty();
    if (globs.empty() || !paths_alone || std::find(globs.begin(), globs.end(), "") != globs.end()) {
      return drop(list.place, "allowlist",
                  "only lists of plain paths go into .keytrail.toml; keep .gitleaks.toml, or "
                  "accept findings there");
    }
    out_.toml += "\n# For .keytrail.toml:\n# [[allow]]\n# paths = [";
    for (std::size_t i = 0; i < globs.size(); ++i) out_.toml += (i > 0 ? ", " : "") + ruleset::toml_text(globs[i]);
    const std::string reason = list.description.empty() ? "allowlist of " + list.place : list.description;
    std::string line = "]\n# reason = " + ruleset::toml_text(reason) + "\n";
    out_.toml += line;
    out_.adapted.push_back(list.place + ": allowlist: stands as a comment at the end, for .keytrail.toml");
  }

 private:
  void drop(const std::string& place, const std::string& what, const std::string& why) {
    out_.dropped.push_back(place + ": " + what + ": " + why);
  }

  void add_path(const GitleaksRule& rule, ruleset::ImportedRule& made) {
    const std::string glob = ruleset::path_glob(rule.path);
    if (glob.empty())
      return drop(rule.place, "path of rule " + rule.id,
                  "no glob says this pattern; the rule looks at "
                  "every path");
    made.draft.rule.include_paths.push_back(glob);
  }

  void add_allowlist(const GitleaksRule& rule, const GitleaksAllowlist& list, ruleset::ImportedRule& made) {
    const int kinds = (list.commits.empty() ? 0 : 1) + (list.paths.empty() ? 0 : 1) + (list.regexes.empty() ? 0 : 1) +
                      (list.stopwords.empty() ? 0 : 1);
    const std::string what = "allowlist of rule " + rule.id;
    if (list.needs_all && kinds > 1) return drop(list.place, what, "a rule of ours has no conditions joined by AND");
    if (!list.commits.empty()) drop(list.place, what, "a rule of ours knows no commits");
    for (const std::string& path : list.paths) {
      const std::string glob = ruleset::path_glob(path);
      if (glob.empty()) {
        drop(list.place, what, "no glob says the path \"" + path + "\"");
      } else {
        made.draft.rule.exclude_paths.push_back(glob);
      }
    }
    for (const std::string& word : list.stopwords) allow(kAround + ("(?i:" + escaped(word)) + ")" + kAround, made);
    if (list.regexes.empty()) return;
    if (list.target != GitleaksAllowlist::Target::secret) {
      return drop(list.place, what, "a rule of ours looks at the secret alone, not at the match or the line");
    }
    for (const std::string& regex : list.regexes) add_regex(list, what, regex, made);
  }

  void add_regex(const GitleaksAllowlist& list, const std::string& what, std::string regex,
                 ruleset::ImportedRule& made) {
    std::string before = kAround;
    std::string behind = kAround;
    if (regex.starts_with('^') && regex.find('|') == std::string::npos) {
      regex.erase(0, 1);
      before.clear();
    }
    if (regex.ends_with('$') && !regex.ends_with("\\$") && regex.find('|') == std::string::npos) {
      regex.pop_back();
      behind.clear();
    }
    const auto bounded = ruleset::bound_pattern(regex);
    if (!bounded) return drop(list.place, what, bounded.error().message);
    allow(before + "(?:" + bounded->pattern + ")" + behind, made);
  }

  // By the id that the rule of that name is written with: it may stand further down.
  void add_companion(const GitleaksRule& rule, const ruleset::GitleaksRequired& required, ruleset::ImportedRule& made) {
    const auto other = std::find_if(rules_.begin(), rules_.end(),
                                    [&](const GitleaksRule& candidate) { return candidate.id == required.id; });
    const auto imported = other == rules_.end() ? Result<ruleset::ImportedRule>(make_error(ErrorCode::not_found, ""))
                                                : ruleset::import_rule(*other);
    if (!imported) {
      return drop(required.place, "rule " + rule.id,
                  required.id + ", which it requires, is not written; it counts without that");
    }
    std::string change;
    made.draft.rule.companions.push_back(ruleset::companion_for(required, imported->draft.rule.id, change));
    made.changes.push_back(change);
  }

  static void allow(std::string pattern, ruleset::ImportedRule& made) {
    made.draft.rule.allow.push_back(std::move(pattern));
  }

  const std::vector<GitleaksRule>& rules_;
  WrittenRules& out_;
  std::set<std::string> ids_;
};

std::string output_path(const std::string& output, const std::string& input) {
  struct stat info {};
  const bool folder = output.ends_with('/') || (::stat(output.c_str(), &info) == 0 && S_ISDIR(info.st_mode));
  if (!folder) return output;
  std::string name(base_name(input));
  if (name.starts_with('.')) name.erase(0, 1);
  return output + (output.ends_with('/') ? "" : "/") + name;
}

}  // namespace

WrittenRules write_gitleaks_rules(const ruleset::GitleaksConfig& config, const std::string& file) {
  WrittenRules out;
  out.toml = "# Rules of " + std::string(base_name(file)) +
             ", written by keytrail rules import. keytrail rules check FILE tests them.\n";
  out.dropped = config.notes;
  Converter converter(config.rules, out);
  for (const GitleaksRule& rule : config.rules) converter.convert(rule);
  for (const GitleaksAllowlist& list : config.allowlists) converter.convert(list);
  for (const std::string& id : config.disabled_rules) {
    out.dropped.push_back(
        std::string(file).append(": disabledRules: ").append(id).append(": goes into .keytrail.toml, as skip_rules"));
  }
  return out;
}

int run_rules_import(const RulesArguments& arguments) {
  const std::string& file = arguments.files.front();
  const auto config = load_gitleaks_config(file);
  if (!config) return fail(config.error());
  const WrittenRules written = write_gitleaks_rules(*config, file);
  // What was written must be readable: a defect is said here, not when somebody scans with it.
  if (const auto read = ruleset::RuleSet::parse(written.toml, file); !read) {
    return fail(make_error(ErrorCode::internal, "the imported rules do not read back: " + read.error().message, file));
  }
  std::string output = arguments.output;
  if (output.empty() || output == "-") {
    std::cout << written.toml << std::flush;
    output = "standard output";
  } else {
    output = output_path(output, file);
    if (Status done = write_file_atomically(output, written.toml); !done) return fail(done.error());
  }
  for (const std::string& line : written.adapted) std::cerr << "adapted: " << line << "\n";
  for (const std::string& line : written.dropped) std::cerr << "not expressed: " << line << "\n";
  std::cerr << "keytrail: " << written.taken << " of " << config->rules.size() << " rules written to " << output << "; "
            << written.adapted.size() << " adapted, " << written.dropped.size() << " not expressed\n";
  return written.dropped.empty() ? kClean : kFindings;
}

}  // namespace keytrail::cli
