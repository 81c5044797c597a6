#include "scanner/cli/hook_install.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "scanner/base/file.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/run_program.h"

namespace keytrail::cli {
namespace {

constexpr std::size_t kMaxHookBytes = std::size_t{1} << 20;
constexpr unsigned kExecutable = 0755;

bool exists(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

// A file that cannot be read is somebody else's.
bool is_ours(const std::string& path) {
  const auto text = read_file(path, kMaxHookBytes);
  return text && is_hook_script(*text);
}

Status rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  return errno_error(errno, "rename to " + to, from);
}

Status remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return errno_error(errno, "delete", path);
}

Result<std::string> git(std::vector<std::string> arguments, Errors errors = Errors::show) {
  arguments.insert(arguments.begin(), "git");
  const auto result = run_program(arguments, errors);
  if (!result) return result.error();
  if (result->exit_code != 0) {
    return make_error(ErrorCode::not_found, "git says no (above); is this a git repository?", arguments.back());
  }
  return result->output;
}

std::string file_of(const HookFolder& folder, std::string_view hook) { return folder.path + "/" + std::string(hook); }

bool has_own_hook(const HookFolder& folder) {
  for (const HookType type : {HookType::pre_commit, HookType::pre_push}) {
    const auto text = read_file(file_of(folder, to_string(type)), kMaxHookBytes);
    if (text && is_hook_script(*text) && text->find(" hook run ") != std::string::npos) return true;
  }
  return false;
}

// The folder that takes the place of every repository's own, and what passes their other hooks on.
Status begin_global(const HookFolder& folder, std::string& said) {
  for (const std::string& hook : forwarded_hooks()) {
    const std::string file = file_of(folder, hook);
    if (exists(file)) continue;
    if (Status written = write_file_atomically(file, forward_script(hook), kExecutable); !written) return written;
  }
  if (folder.configured) return {};
  const auto set = git({"config", "--global", "core.hooksPath", folder.path});
  if (!set) return set.error();
  said +=
      "core.hooksPath of your git configuration is " + folder.path + " now; hooks of repositories are run from there\n";
  return {};
}

Status end_global(const HookFolder& folder, HookType type, std::string& said) {
  const std::string name = to_string(type);
  if (has_own_hook(folder)) {
    if (exists(file_of(folder, name))) return {};
    return write_file_atomically(file_of(folder, name), forward_script(name), kExecutable);
  }
  for (const std::string& hook : forwarded_hooks()) {
    const std::string file = file_of(folder, hook);
    if (!is_ours(file)) continue;
    if (Status removed = remove_file(file); !removed) return removed;
  }
  const auto unset = git({"config", "--global", "--unset", "core.hooksPath"});
  if (!unset) return unset.error();
  (void)::rmdir(folder.path.c_str());  // stays where somebody put something else
  said += "core.hooksPath is no longer set\n";
  return {};
}

Status put_aside(const std::string& file, const std::string& earlier, std::string& said) {
  if (exists(earlier)) {
    return make_error(ErrorCode::invalid_argument,
                      "there is a hook here that is not keytrail's, and no room to keep it: " + earlier +
                          " is an older one; delete or rename one of the two",
                      file);
  }
  if (Status renamed = rename_file(file, earlier); !renamed) return renamed;
  said += "the hook that was there is " + earlier + " now and still runs, before keytrail\n";
  return {};
}

}  // namespace

Result<HookFolder> repository_hooks(const std::string& repository) {
  std::vector<std::string> begin = {"-C", repository.empty() ? "." : repository};
  const auto ask = [&](std::vector<std::string> arguments, Errors errors = Errors::show) {
    std::vector<std::string> all = begin;
    all.insert(all.end(), arguments.begin(), arguments.end());
    return git(std::move(all), errors);
  };
  const auto bare = ask({"rev-parse", "--is-bare-repository"});
  if (!bare) {
    Error error = bare.error();
    error.subject = begin[1];
    return error;
  }
  HookFolder folder;
  folder.bare = *bare == "true";
  // A relative core.hooksPath counts from where hooks run: the top of the work tree, or the bare repository.
  const auto top = ask({"rev-parse", "--path-format=absolute", folder.bare ? "--git-dir" : "--show-toplevel"});
  if (!top) return top.error();
  begin[1] = *top;
  const auto path = ask({"rev-parse", "--path-format=absolute", "--git-path", "hooks"});
  if (!path) return path.error();
  folder.path = *path;
  const auto configured = ask({"config", "core.hooksPath"}, Errors::hide);
  folder.configured = configured && !configured->empty();
  return folder;
}

Result<HookFolder> global_hooks() {
  HookFolder folder;
  folder.global = true;
  const std::string own = config_folder() + "/hooks";
  const auto set = run_program({"git", "config", "--global", "--type=path", "core.hooksPath"}, Errors::hide);
  if (!set) return set.error();
  folder.configured = set->exit_code == 0 && !set->output.empty();
  folder.path = folder.configured ? set->output : own;
  folder.own = folder.path == own;
  if (folder.path.empty() || folder.path.front() != '/') {
    return make_error(ErrorCode::invalid_argument,
                      "core.hooksPath of your git configuration is relative: it means another folder in each "
                      "repository; install the hook in each of them",
                      folder.path);
  }
  return folder;
}

HookState hook_state(const HookFolder& folder, HookType type) {
  const std::string file = file_of(folder, to_string(type));
  const auto text = read_file(file, kMaxHookBytes);
  if (!text) return exists(file) ? HookState::other : HookState::none;
  if (!is_hook_script(*text)) return HookState::other;
  return text->find(" hook run ") == std::string::npos ? HookState::none : HookState::ours;
}

std::string hook_program_missing(const HookFolder& folder, HookType type) {
  const auto text = read_file(file_of(folder, to_string(type)), kMaxHookBytes);
  if (!text) return {};
  const std::string program = program_of(*text);
  return program.empty() || ::access(program.c_str(), X_OK) == 0 ? std::string() : program;
}

Status install_hook(const HookFolder& folder, HookType type, const std::string& program, std::string& said) {
  const std::string name = to_string(type);
  if (folder.global && is_server_hook(type)) {
    return make_error(ErrorCode::invalid_argument, "--global is for pre-commit and pre-push", name);
  }
  if (!folder.global && folder.bare && type == HookType::pre_commit) {
    return make_error(ErrorCode::invalid_argument,
                      "nobody commits in a bare repository; pre-receive and update are its hooks", folder.path);
  }
  const std::string file = file_of(folder, name);
  const std::string script = hook_script({type, program, folder.own});
  if (const auto text = read_file(file, kMaxHookBytes); text && *text == script) {
    said += file + " is there already\n";
    return folder.own ? begin_global(folder, said) : Status();
  }
  if (Status made = make_directories(folder.path); !made) return made;
  const std::string earlier = file_of(folder, earlier_hook_name(name));
  const bool aside = exists(file) && !is_ours(file);
  if (aside) {
    if (Status put = put_aside(file, earlier, said); !put) return put;
  }
  if (Status written = write_file_atomically(file, script, kExecutable); !written) {
    if (aside) (void)rename_file(earlier, file);
    return written;
  }
  said += file + " is installed\n";
  if (folder.configured && !folder.own) said += "core.hooksPath says that git looks there\n";
  return folder.own ? begin_global(folder, said) : Status();
}

Status uninstall_hook(const HookFolder& folder, HookType type, std::string& said) {
  const std::string name = to_string(type);
  const std::string file = file_of(folder, name);
  if (hook_state(folder, type) != HookState::ours) {
    said += exists(file) ? file + " is not keytrail's and stays\n"
                         : "there is no " + name + " hook in " + folder.path + "\n";
    return {};
  }
  const std::string earlier = file_of(folder, earlier_hook_name(name));
  const bool back = exists(earlier);
  if (Status done = back ? rename_file(earlier, file) : remove_file(file); !done) return done;
  said += file + (back ? " is again what it was before\n" : " is gone\n");
  return folder.own ? end_global(folder, type, said) : Status();
}

}  // namespace keytrail::cli
