#include "scanner/fs/start.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <unordered_set>

#include "scanner/base/file.h"

namespace keytrail::fs {
namespace {

struct Free {
  void operator()(char* text) const noexcept { std::free(text); }  // NOLINT: realpath's memory is malloc's
};

// Empty when there is no such path.
std::string canonical(const std::string& path) {
  const std::unique_ptr<char, Free> resolved(::realpath(path.c_str(), nullptr));
  return resolved ? resolved.get() : "";
}

// Without "." parts, doubled slashes and a slash at the end; ".." stays, for what stands before it may be a symlink.
std::string tidy(std::string_view path) {
  std::string out = !path.empty() && path.front() == '/' ? "/" : "";
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (!out.empty() && out.back() != '/') out += '/';
    out += part;
  }
  return out;
}

bool has_parent_part(const std::string& tidied) { return ("/" + tidied + "/").find("/../") != std::string::npos; }

// `path` relative to `root`, both tidied; nothing when it is not below.
std::optional<std::string> below(const std::string& path, const std::string& root) {
  if (root.empty()) return std::nullopt;
  if (path == root) return "";
  const std::string prefix = root == "/" ? root : root + "/";
  if (path.compare(0, prefix.size(), prefix) != 0) return std::nullopt;
  return path.substr(prefix.size());
}

// The absolute name without ".." and, but for the last part, without symlinks: a symlink is reported by its own name.
std::string resolve_folders(const std::string& absolute) {
  const std::size_t slash = absolute.rfind('/');
  const std::string last = absolute.substr(slash + 1);
  if (last.empty() || last == "..") return canonical(absolute);
  const std::string folder = canonical(slash == 0 ? "/" : absolute.substr(0, slash));
  if (folder.empty()) return {};
  return folder == "/" ? folder + last : folder + "/" + last;
}

Status check_opens(const std::string& path, int flags) {
  const FileDescriptor file(::open(path.c_str(), flags | O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) return errno_error(errno, "open", path);
  return {};
}

Result<Start> resolve(const std::string& given, const std::string& root) {
  Start start;
  start.given = given;
  struct stat info {};
  if (::lstat(given.c_str(), &info) == 0) start.is_symlink = S_ISLNK(info.st_mode);
  if (::stat(given.c_str(), &info) != 0) return errno_error(errno, "open", given);
  start.is_folder = S_ISDIR(info.st_mode);
  start.is_pipe = S_ISFIFO(info.st_mode);
  start.is_special = !start.is_folder && !S_ISREG(info.st_mode) && !start.is_pipe;
  start.reported = reported_path(given, root);
  start.absolute = canonical(given);
  if (start.is_folder) {
    if (start.absolute.empty()) return errno_error(errno, "open", given);
    if (const Status opens = check_opens(given, O_DIRECTORY); !opens) return opens.error();
    if (start.absolute.back() != '/') start.absolute += '/';
    if (!start.reported.empty() && start.reported.back() != '/') start.reported += '/';
  } else if (S_ISREG(info.st_mode)) {
    if (const Status opens = check_opens(given, 0); !opens) return opens.error();
  }
  return start;
}

}  // namespace

std::string reported_path(const std::string& given, const std::string& root) {
  std::string tidied = tidy(given);
  const std::string tidied_root = tidy(root);
  std::string absolute = tidied;
  if (tidied.empty() || tidied.front() != '/') {
    const std::string working = canonical(".");
    absolute = tidy(working + "/" + tidied);
  }
  if (!has_parent_part(absolute)) {
    if (auto relative = below(absolute, tidied_root)) return *relative;
  }
  if (auto relative = below(resolve_folders(absolute), canonical(tidied_root))) return *relative;
  return tidied;
}

Result<std::vector<Start>> resolve_starts(const std::vector<std::string>& paths, const std::string& root) {
  std::vector<Start> starts;
  std::unordered_set<std::string> seen;
  for (const std::string& path : paths) {
    auto start = resolve(path, root);
    if (!start) return start.error();
    if (seen.insert(start->reported).second) starts.push_back(std::move(*start));
  }
  return starts;
}

}  // namespace keytrail::fs
