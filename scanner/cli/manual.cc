// Manual pages: man(7) macros, from the texts of --help.
#include <algorithm>
#include <string_view>

#include "scanner/cli/command_tree.h"

namespace keytrail::cli {
namespace {

// Text of a line: no escape, no request, hyphens as they are typed.
std::string roff(std::string_view text) {
  std::string out;
  if (!text.empty() && (text.front() == '.' || text.front() == '\'')) out = "\\&";
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else if (c == '`') {
      out += "\\(ga";
    } else if (c == '^') {
      out += "\\(ha";
    } else if (c == '~') {
      out += "\\(ti";
    } else if (c == '\n') {
      out += ' ';
    } else {
      out += c;
    }
  }
  return out;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

std::string option_line(const CommandTree::Option& option) {
  std::string text;
  for (const std::string& name : option.names) text += (text.empty() ? "" : ", ") + ("\\fB" + roff(name) + "\\fR");
  if (option.names.empty()) return "\\fI" + roff(option.positional) + "\\fR";
  if (option.value.empty()) return text;
  std::string value = "\\fI" + roff(option.value) + "\\fR";
  if (!option.choices.empty()) {
    value.clear();
    for (const std::string& choice : option.choices) value += (value.empty() ? "" : "|") + roff(choice);
  }
  return text + " " + value;
}

std::string synopsis(const std::string& name, const CommandTree& command) {
  std::string text = "\\fB" + roff(name) + "\\fR";
  if (!command.commands.empty()) return text + " \\fICOMMAND\\fR";
  text += " [\\fIOPTION\\fR]...";
  for (const CommandTree::Option& option : command.options) {
    if (option.names.empty()) text += " [\\fI" + roff(option.positional) + "\\fR]" + (option.repeatable ? "..." : "");
  }
  return text;
}

// "Examples:" and its lines, as they stand; other paragraphs as text under a heading of their own.
std::string footer(const std::string& text) {
  std::string out;
  std::size_t at = 0;
  bool literal = false;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const bool indented = line.starts_with("  ");
    if (literal && !indented) {
      out += ".EE\n";
      literal = false;
    }
    if (line.empty()) continue;
    if (line == "Examples:") {
      out += ".SH EXAMPLES\n";
    } else if (line.starts_with("Exit codes:")) {
      out += ".SH EXIT STATUS\n" + roff(line.substr(line.find(':') + 2)) + "\n";
    } else if (indented) {
      if (!literal) out += ".EX\n";
      literal = true;
      out += roff(line.substr(2)) + "\n";
    } else {
      out += roff(line) + "\n";
    }
  }
  return out + (literal ? ".EE\n" : "");
}

std::string see_also(const CommandTree& tree, const std::vector<std::string>& path) {
  std::string text;
  const auto add = [&text](const std::string& page) {
    text += (text.empty() ? "" : ",\n") + (".BR " + roff(page) + " (1)");
  };
  if (!path.empty()) add(tree.name);
  for (const CommandTree& command : tree.commands) {
    if (path.empty() || path.front() != command.name) add(tree.name + "-" + command.name);
  }
  // A macro ends with its line: the comma goes behind the section.
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(",\n", at), text.size());
    out += text.substr(at, end - at) + (end < text.size() ? ",\n" : "\n");
    at = end + 2;
  }
  return ".SH SEE ALSO\n" + out;
}

}  // namespace

std::string manual(const CommandTree& tree, const std::vector<std::string>& path, const std::string& version) {
  const CommandTree* command = &tree;
  std::string page = tree.name;
  std::string name = tree.name;
  for (const std::string& word : path) {
    const auto next = std::find_if(command->commands.begin(), command->commands.end(),
                                   [&](const CommandTree& below) { return below.name == word; });
    if (next == command->commands.end()) return {};
    command = &*next;
    page += "-" + word;
    name += " " + word;
  }
  std::string text = ".TH " + upper(roff(page)) + " 1 \"\" \"keytrail " + roff(version) +
                     "\" \"keytrail\"\n.SH NAME\n" + roff(page) + " \\- " + roff(command->description) +
                     "\n.SH SYNOPSIS\n" + synopsis(name, *command) + "\n";
  if (!command->commands.empty()) {
    text += ".SH COMMANDS\n";
    for (const CommandTree& below : command->commands) {
      text += ".TP\n\\fB" + roff(name + " " + below.name) + "\\fR\n" + roff(below.description) + "\n";
    }
  }
  text += ".SH OPTIONS\n";
  for (const CommandTree::Option& option : command->options) {
    text += ".TP\n" + option_line(option) + "\n" + roff(option.description) + "\n";
  }
  return text + footer(command->footer) + see_also(tree, path);
}

}  // namespace keytrail::cli
