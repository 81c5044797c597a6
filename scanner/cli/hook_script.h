// The scripts that git runs as hooks. Each of them stops what git is about to do unless everything went well.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keytrail::cli {

enum class HookType { pre_commit, pre_push, pre_receive, update };

std::string to_string(HookType type);  // "pre-commit"
std::optional<HookType> parse_hook_type(std::string_view name);
bool is_server_hook(HookType type);

// What a hook that was there before is called from then on.
std::string earlier_hook_name(std::string_view hook);

struct HookScript {
  HookType type = HookType::pre_commit;
  std::string program;  // absolute
  // In a folder that serves all repositories: a repository's own hook, which git would not look for, is run too.
  bool global = false;
};
std::string hook_script(const HookScript& script);

// A global folder takes the place of every repository's own: this passes one of the other hooks on to it.
std::string forward_script(std::string_view hook);
// The hooks that need it: those that git runs for a user's own commands, less the ones that it runs all the time.
const std::vector<std::string>& forwarded_hooks();

// Whether a file is one of the scripts above.
bool is_hook_script(std::string_view text);
// The program that such a script runs; empty where it runs none.
std::string program_of(std::string_view script);

}  // namespace keytrail::cli
