// Completions for shells: what can stand at a place follows from the words before it alone, so each script is a table
// of command paths, and nothing of keytrail runs while somebody types.
#include <string_view>

#include "scanner/base/text.h"
#include "scanner/cli/command_tree.h"

namespace keytrail::cli {
namespace {

struct Place {
  std::string path;  // "keytrail hook install"
  const CommandTree* command;
};

std::vector<Place> places_of(const CommandTree& tree) {
  std::vector<Place> places = {{tree.name, &tree}};
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Place at = places[i];
    for (const CommandTree& command : at.command->commands) places.push_back({at.path + " " + command.name, &command});
  }
  return places;
}

bool is_file(const CommandTree::Option& option) {
  return option.value == "FILE" || option.value == "FORMAT=FILE" || option.value == "FOLDER" || option.value == "PATH";
}

// For '…' of a shell.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// How the words before the cursor lead to a command: the arms of a `case "$path $word"`.
std::string path_arms(const std::vector<Place>& places, std::string_view indent, std::string_view variable) {
  std::string text;
  for (const Place& place : places) {
    if (place.path.find(' ') == std::string::npos) continue;
    const std::string path = quoted(place.path);
    text.append(indent).append(path).append(") ").append(variable).append("=").append(path).append(" ;;\n");
  }
  return text;
}

// Which values can follow an option, as the arms of a `case "$path:$before"`.
template <typename Choices, typename Files>
std::string value_arms(const std::vector<Place>& places, std::string_view indent, Choices choices, Files files) {
  std::string text;
  for (const Place& place : places) {
    for (const CommandTree::Option& option : place.command->options) {
      if (option.value.empty() || option.names.empty()) continue;
      std::string arm;
      for (const std::string& name : option.names) arm += (arm.empty() ? "" : "|") + quoted(place.path + ":" + name);
      const std::string action = !option.choices.empty() ? choices(option) : is_file(option) ? files() : "return";
      text.append(indent).append(arm).append(") ").append(action).append(" ;;\n");
    }
  }
  return text;
}

std::vector<std::string> words_at(const CommandTree& command) {
  std::vector<std::string> words;
  for (const CommandTree& below : command.commands) words.push_back(below.name);
  for (const CommandTree::Option& option : command.options) {
    words.insert(words.end(), option.names.begin(), option.names.end());
    if (option.names.empty()) words.insert(words.end(), option.choices.begin(), option.choices.end());
  }
  return words;
}

std::string bash(const std::vector<Place>& places) {
  std::string text =
      "# bash completion for keytrail: eval \"$(keytrail completions bash)\"\n_keytrail() {\n"
      "  local path=keytrail word words='' current=${COMP_WORDS[COMP_CWORD]} i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n    word=${COMP_WORDS[i]}\n    case \"$path $word\" in\n";
  text += path_arms(places, "      ", "path") +
          "    esac\n  done\n  COMPREPLY=()\n  case \"$path:${COMP_WORDS[COMP_CWORD - 1]}\" in\n";
  text += value_arms(
      places, "    ",
      [](const CommandTree::Option& option) {
        return "mapfile -t COMPREPLY < <(compgen -W " + quoted(joined(option.choices, " ")) +
               " -- \"$current\"); return";
      },
      [] { return "mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return"; });
  text += "  esac\n  case $path in\n";
  for (const Place& place : places) {
    text += "    " + quoted(place.path) + ") words=" + quoted(joined(words_at(*place.command), " ")) + " ;;\n";
  }
  return text +
         "  esac\n  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "  [[ $current == -* ]] || mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$current\")\n}\n"
         "complete -o filenames -F _keytrail keytrail\n";
}

// A word and what it means, for zsh's _describe, where a colon ends the word.
std::string described(const std::string& word, const std::string& description) {
  std::string name;
  for (const char c : word) name += c == ':' ? std::string("\\:") : std::string(1, c);
  return quoted(name + ":" + description);
}

std::string zsh(const std::vector<Place>& places) {
  std::string text =
      "#compdef keytrail\n# zsh completion for keytrail: a file named _keytrail in a folder of $fpath\n"
      "_keytrail() {\n  local place=keytrail i\n  local -a commands options\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n    case \"$place ${words[i]}\" in\n";
  text += path_arms(places, "      ", "place") + "    esac\n  done\n  case \"$place:${words[CURRENT-1]}\" in\n";
  text += value_arms(
      places, "    ",
      [](const CommandTree::Option& option) { return "compadd -- " + joined(option.choices, " ") + "; return"; },
      [] { return "_files; return"; });
  text += "  esac\n  case $place in\n";
  for (const Place& place : places) {
    text += "    " + quoted(place.path) + ")\n";
    for (const CommandTree& below : place.command->commands) {
      text += "      commands+=(" + described(below.name, below.description) + ")\n";
    }
    for (const CommandTree::Option& option : place.command->options) {
      for (const std::string& name : option.names)
        text += "      options+=(" + described(name, option.description) + ")\n";
      if (!option.names.empty()) continue;
      for (const std::string& choice : option.choices) text += "      commands+=(" + quoted(choice) + ")\n";
    }
    text += "      ;;\n";
  }
  return text +
         "  esac\n  (( ${#commands} )) && _describe command commands\n"
         "  if [[ $PREFIX == -* ]]; then _describe option options; else _files; fi\n}\n"
         "compdef _keytrail keytrail\n";
}

std::string fish(const std::vector<Place>& places) {
  std::string text =
      "# fish completion for keytrail: keytrail completions fish | source\n"
      "function __keytrail_at\n  set -l place keytrail\n  for word in (commandline -opc)[2..-1]\n"
      "    switch \"$place $word\"\n";
  for (const Place& place : places) {
    if (place.path.find(' ') != std::string::npos) {
      text += "      case " + quoted(place.path) + "\n        set place " + quoted(place.path) + "\n";
    }
  }
  text += "    end\n  end\n  test \"$place\" = \"$argv\"\nend\n";
  const auto line = [](const Place& place) {
    return "complete -c keytrail -n " + quoted("__keytrail_at " + place.path);
  };
  for (const Place& place : places) {
    for (const CommandTree& below : place.command->commands) {
      text += line(place) + " -f -a " + quoted(below.name) + " -d " + quoted(below.description) + "\n";
    }
    for (const CommandTree::Option& option : place.command->options) {
      std::string names;
      for (const std::string& name : option.names) {
        names += name.starts_with("--") ? " -l " + quoted(name.substr(2)) : " -s " + quoted(name.substr(1));
      }
      if (names.empty() && option.choices.empty()) continue;
      text += line(place) + names;
      if (!option.value.empty()) text += is_file(option) ? " -rF" : names.empty() ? " -f" : " -x";
      if (!option.choices.empty()) text += " -a " + quoted(joined(option.choices, " "));
      text += " -d " + quoted(option.description) + "\n";
    }
  }
  return text;
}

}  // namespace

std::string completions(const CommandTree& tree, const std::string& shell) {
  const std::vector<Place> places = places_of(tree);
  if (shell == "bash") return bash(places);
  if (shell == "zsh") return zsh(places);
  return shell == "fish" ? fish(places) : std::string();
}

}  // namespace keytrail::cli
