// `keytrail hook install` and `uninstall`: where git looks for its hooks, and what stands there.
#pragma once

#include <string>

#include "scanner/base/result.h"
#include "scanner/cli/hook_script.h"

namespace keytrail::cli {

// Where git looks for the hooks of a repository, or of all.
struct HookFolder {
  std::string path;  // absolute
  bool global = false;
  bool own = false;         // global, and made by this program
  bool configured = false;  // core.hooksPath names it
  bool bare = false;
};

// Asks git, so that it is what git does: core.hooksPath from any of its files, linked work trees, GIT_DIR.
// `repository`: a folder in it; empty: the current one. Errors: not_found where git or a repository is missing.
Result<HookFolder> repository_hooks(const std::string& repository);
// core.hooksPath of the user's own configuration, or the folder that install_hook() will make and name there.
Result<HookFolder> global_hooks();

enum class HookState { none, ours, other };
HookState hook_state(const HookFolder& folder, HookType type);
// Of a hook of ours: the program that it runs, where there is no such program any more; else empty.
std::string hook_program_missing(const HookFolder& folder, HookType type);

// Both say on `said` what they did, and do nothing twice. What was there before is kept under another name and run by
// the new hook; uninstalling puts it back.
Status install_hook(const HookFolder& folder, HookType type, const std::string& program, std::string& said);
Status uninstall_hook(const HookFolder& folder, HookType type, std::string& said);

}  // namespace keytrail::cli
