// The command line.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scanner/git/push.h"

namespace keytrail::cli {

struct ScanArguments {
  std::vector<std::string> paths;
  bool history = false;
  // These narrow a history's report; empty: not.
  std::string since;
  std::string until;
  std::vector<std::string> branches;
  std::vector<std::string> authors;
  bool staged = false;
  std::string range;      // A..B
  std::string since_ref;  // the same as REF..HEAD
  std::string ci;         // the CI system whose variables name the range, or "auto"; empty: none
  bool ci_fetch = false;  // what it needs and a shallow clone lacks is fetched
  std::string format = "text";
  std::vector<std::string> reports;  // FORMAT=FILE
  std::string tickets;               // folder that tickets are kept in; empty: none
  std::string fail_on;               // empty: the configuration's, else low
  std::string min_confidence;        // empty: the configuration's, else medium
  std::string baseline;
  std::string config;
  bool no_config = false;
  std::vector<std::string> rules;
  std::vector<std::string> only_rules;
  std::vector<std::string> skip_rules;
  std::vector<std::string> exclude;
  unsigned threads = 0;  // 0: as many as there are processors
  bool no_ignore = false;
  bool exhaustive = false;
  std::string reader = "packs";
  bool no_cache = false;
  bool stats = false;
  std::string explain;  // FILE[:LINE]; empty: a scan
  bool verbose = false;
  bool show_secrets = false;
  // Of the inventory; all empty: the first one from the scanned path upwards, with its policy.
  std::string inventory;
  std::string key_file;
  std::string policy;
  std::string now;
  bool no_inventory = false;
  bool is_public = false;
  std::string progress = "auto";
  std::string colour = "auto";
  // Of `hook run`: what is being pushed, and whether the engine is tried out first.
  std::optional<git::Push> push;
  bool self_test = false;
};

struct RulesArguments {
  std::string id;                  // of `show`
  std::vector<std::string> files;  // of `check`: these instead of the built-in rules; of `test`, `import`: one
  std::vector<std::string> only;   // of `test`: --rule
  std::string output;              // of `import`
  std::vector<std::string> rules;  // --rules
  bool json = false;
};

struct BaselineArguments {
  ScanArguments scan;
  std::string output = ".keytrail.baseline";
  std::string reason;
  std::string owner;
  std::string expires;
};

struct HookArguments {
  std::string type = "pre-commit";
  std::vector<std::string> arguments;  // of `run`: those that git gave the hook
  std::string repository;              // of `install` and `uninstall`; empty: the current one
  bool global = false;
};

struct InitArguments {
  bool yes = false;  // nobody is asked
  bool no_hook = false;
  bool no_baseline = false;
};

enum class Command {
  none,
  scan,
  rules_list,
  rules_show,
  rules_check,
  rules_test,
  rules_import,
  baseline_create,
  hook_install,
  hook_uninstall,
  hook_run,
  doctor,
  init,
};

struct Arguments {
  Command command = Command::none;
  // What a command that brings its own options does; returns the exit code. Goes before `command`.
  std::function<int()> run;
  ScanArguments scan;
  RulesArguments rules;
  BaselineArguments baseline;
  HookArguments hook;
  InitArguments init;
};

// Parses the command line. Where it is wrong, or asks for help or the version, says so itself (help on standard output,
// errors on standard error) and returns nothing with the exit code in `exit_code`.
std::optional<Arguments> parse_arguments(int argc, char** argv, int& exit_code);

// "0.1.0"
std::string version();

}  // namespace keytrail::cli
