#include "scanner/cli/hook_script.h"

#include <algorithm>
#include <array>

namespace keytrail::cli {
namespace {

constexpr std::string_view kMark = "# keytrail hook: ";

struct Named {
  HookType type;
  std::string_view name;
};
constexpr std::array kTypes = {Named{HookType::pre_commit, "pre-commit"}, Named{HookType::pre_push, "pre-push"},
                               Named{HookType::pre_receive, "pre-receive"}, Named{HookType::update, "update"}};

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

bool reads_standard_input(HookType type) { return type == HookType::pre_push || type == HookType::pre_receive; }

// What to do when the program is gone.
std::string way_out(const HookScript& script) {
  const std::string name = to_string(script.type);
  const std::string global = script.global ? " --global" : "";
  const std::string install = "install it again and run `keytrail hook install " + name + global + "`";
  if (is_server_hook(script.type)) {
    return "whoever runs this server: " + install + ", or delete hooks/" + name + " in the repository.";
  }
  const std::string once = script.type == HookType::pre_commit ? "git commit" : "git push";
  return install + ", or delete the hook; `" + once + " --no-verify` goes without it once.";
}

// Runs hooks that were there before, with the same arguments and standard input; the first that says no decides.
std::string earlier_hooks(const HookScript& script) {
  std::string text;
  const std::string name = to_string(script.type);
  text += "earlier=${0%/*}/" + earlier_hook_name(name) + "\n";
  if (script.global) {
    text += "own=$(git rev-parse --git-common-dir)/hooks/" + name + "\n" +
            "# A repository with a keytrail hook of its own needs no second one.\n" +
            "[ \"$own\" -ef \"$0\" ] && own=\n" + "if grep -qs '^" + std::string(kMark) +
            "' \"$own\"; then exec \"$own\" \"$@\"; fi\n";
  }
  const std::string list = script.global ? "\"$earlier\" \"$own\"" : "\"$earlier\"";
  if (!reads_standard_input(script.type)) {
    return text + "for hook in " + list + "; do\n  if [ -x \"$hook\" ]; then \"$hook\" \"$@\" || exit $?; fi\ndone\n";
  }
  return text + "input=$(cat)\nfeed() { [ -z \"$input\" ] || printf '%s\\n' \"$input\"; }\nfor hook in " + list +
         "; do\n  if [ -x \"$hook\" ]; then feed | \"$hook\" \"$@\" || exit $?; fi\ndone\n";
}

}  // namespace

std::string to_string(HookType type) {
  for (const Named& named : kTypes) {
    if (named.type == type) return std::string(named.name);
  }
  return {};
}

std::optional<HookType> parse_hook_type(std::string_view name) {
  for (const Named& named : kTypes) {
    if (named.name == name) return named.type;
  }
  return std::nullopt;
}

bool is_server_hook(HookType type) { return type == HookType::pre_receive || type == HookType::update; }

std::string earlier_hook_name(std::string_view hook) { return std::string(hook) + ".before-keytrail"; }

std::string hook_script(const HookScript& script) {
  const std::string name = to_string(script.type);
  std::string text = "#!/bin/sh\n" + std::string(kMark) + name + "\n" + "# `keytrail hook uninstall " + name +
                     (script.global ? " --global" : "") + "` takes it out and puts back what was here before.\n" +
                     earlier_hooks(script);
  text +=
      "keytrail=" + quoted(script.program) + "\n" + "if [ ! -x \"$keytrail\" ]; then\n" +
      "  found=$(command -v keytrail) || {\n" +
      "    echo \"keytrail: stopped, because the program that looks for secrets is not at $keytrail any more.\" >&2\n" +
      "    echo " + quoted("keytrail: " + way_out(script)) + " >&2\n    exit 1\n  }\n  keytrail=$found\nfi\n";
  const std::string run = "\"$keytrail\" hook run " + name + " -- \"$@\"\n";
  if (reads_standard_input(script.type)) return text + "feed | " + run;
  return text + "exec " + run;
}

std::string forward_script(std::string_view hook) {
  return "#!/bin/sh\n" + std::string(kMark) + "passes " + std::string(hook) + " on to the repository's own\n" +
         "own=$(git rev-parse --git-common-dir)/hooks/" + std::string(hook) +
         "\n[ ! -x \"$own\" ] || [ \"$own\" -ef \"$0\" ] || exec \"$own\" \"$@\"\n";
}

const std::vector<std::string>& forwarded_hooks() {
  static const std::vector<std::string> hooks = {
      "applypatch-msg",     "pre-applypatch", "post-applypatch", "pre-commit",  "pre-merge-commit",
      "prepare-commit-msg", "commit-msg",     "post-commit",     "pre-rebase",  "post-checkout",
      "post-merge",         "pre-push",       "post-rewrite",    "pre-auto-gc", "sendemail-validate"};
  return hooks;
}

std::string program_of(std::string_view script) {
  constexpr std::string_view kBegin = "\nkeytrail='";
  const std::size_t begin = script.find(kBegin);
  const std::size_t end = script.find("'\n", begin == std::string_view::npos ? begin : begin + kBegin.size());
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  std::string program(script.substr(begin + kBegin.size(), end - begin - kBegin.size()));
  for (std::size_t at = program.find("'\\''"); at != std::string::npos; at = program.find("'\\''", at + 1)) {
    program.replace(at, 4, "'");
  }
  return program;
}

bool is_hook_script(std::string_view text) {
  const std::size_t line = text.find('\n');
  return line != std::string_view::npos && text.substr(line + 1).starts_with(kMark);
}

}  // namespace keytrail::cli
