// The command line as data: what --help says, for completions and manual pages. Made of the same CLI11 tree that
// parses.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace keytrail::cli {

struct CommandTree {
  struct Option {
    std::vector<std::string> names;    // "-v", "--verbose"; empty: positional
    std::string positional;            // "PATH"
    std::string value;                 // "FILE"; empty: a flag
    std::vector<std::string> choices;  // all values there are; empty: any
    std::string description;
    bool repeatable = false;
  };

  std::string name;  // "keytrail", "scan"
  std::string description;
  std::string footer;  // examples, exit codes
  std::vector<Option> options;
  std::vector<CommandTree> commands;
};

CommandTree command_tree(const CLI::App& app);

// A script for "bash", "zsh" or "fish"; empty for another shell.
std::string completions(const CommandTree& tree, const std::string& shell);

// A manual page (roff, man macros) of the command at `path` below the root: {} is keytrail(1), {"scan"}
// keytrail-scan(1). Empty where there is no such command.
std::string manual(const CommandTree& tree, const std::vector<std::string>& path, const std::string& version);

}  // namespace keytrail::cli
