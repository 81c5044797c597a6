#include "scanner/cli/command_tree.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace keytrail::cli {
namespace {

// CLI11 tells of a choice by its type's name: "TEXT:{low,medium,high}".
std::vector<std::string> choices_in(const std::string& type) {
  std::vector<std::string> choices;
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return choices;
  std::string list = type.substr(open + 1, close - open - 1);
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    choices.push_back(list.substr(0, comma));
    list.erase(0, std::min(comma + 1, list.size()));
  }
  return choices;
}

CommandTree::Option option_of(const CLI::Option& option) {
  CommandTree::Option out;
  for (const std::string& name : option.get_snames()) out.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) out.names.push_back("--" + name);
  if (out.names.empty()) out.positional = option.get_name(true);
  const std::string type = option.get_type_name();
  out.choices = choices_in(type);
  out.description = option.get_description();
  out.repeatable = option.get_items_expected_max() > 1;
  if (option.get_items_expected_max() > 0) {
    out.value = type.substr(0, type.find(':'));
    if (out.value.empty()) out.value = out.positional;
    if (out.value.empty() || (!out.choices.empty() && out.value == "TEXT")) out.value = "WHICH";
  }
  return out;
}

// Commands nest two deep and are compiled in: recursion ends.
CommandTree tree_of(const CLI::App& app) {  // NOLINT(misc-no-recursion)
  CommandTree tree;
  tree.name = app.get_name();
  tree.description = app.get_description();
  tree.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) tree.options.push_back(option_of(*option));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    tree.commands.push_back(tree_of(*command));
  }
  return tree;
}

}  // namespace

CommandTree command_tree(const CLI::App& app) { return tree_of(app); }

}  // namespace keytrail::cli
