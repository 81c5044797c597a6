#include "scanner/fs/walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstring>
#include <system_error>
#include <utility>

#include "scanner/base/glob.h"
#include "scanner/fs/streams.h"

namespace keytrail::fs {
namespace {

using core::SkipReason;

constexpr std::size_t kListingBytes = std::size_t{64} << 10;
// Of the 1,024 descriptors that a process usually has. A pending folder beyond it is opened by its path again.
constexpr unsigned kMaxOpenFolders = 128;

std::string error_text(int error_number) { return std::generic_category().message(error_number); }

int open_at(int folder, const char* name, int flags) {
  int fd = -1;
  do {
    fd = ::openat(folder, name, flags | O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

// Opens a folder of any depth: the system takes no path longer than PATH_MAX in one piece.
FileDescriptor open_folder_by_path(std::string_view absolute) {
  constexpr std::size_t kPiece = PATH_MAX - 2;
  FileDescriptor folder(open_at(AT_FDCWD, "/", O_DIRECTORY));
  while (!absolute.empty() && absolute.front() == '/') absolute.remove_prefix(1);
  while (folder.is_open() && !absolute.empty()) {
    const std::size_t cut = absolute.size() <= kPiece ? absolute.size() : absolute.rfind('/', kPiece) + 1;
    const std::string piece(absolute.substr(0, cut));
    folder = FileDescriptor(open_at(folder.get(), piece.c_str(), O_DIRECTORY | O_NOFOLLOW));
    absolute.remove_prefix(cut);
  }
  return folder;
}

// File systems that keep their files in the page cache give fewer bytes than were asked for at the end alone. Those of
// the kernel's own making (/proc), of user programs (FUSE) and of the network need not.
bool short_read_is_end(int fd) {
  constexpr std::array<unsigned long, 7> kCached = {0xEF53,     0x58465342, 0x9123683E, 0x01021994,
                                                    0x794c7630, 0xF2F52010, 0x2fc12fc1};
  struct statfs info {};
  if (::fstatfs(fd, &info) != 0) return false;
  const auto type = static_cast<unsigned long>(info.f_type) & 0xFFFFFFFFUL;
  return std::find(kCached.begin(), kCached.end(), type) != kCached.end();
}

EntryKind kind_of(int folder, const char* name, unsigned char type) {
  if (type == DT_UNKNOWN) {
    struct stat info {};
    // What has vanished is found out when it is opened.
    if (::fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0) return EntryKind::file;
    type = static_cast<unsigned char>(IFTODT(info.st_mode));
  }
  if (type == DT_REG) return EntryKind::file;
  if (type == DT_DIR) return EntryKind::folder;
  return type == DT_LNK ? EntryKind::symlink : EntryKind::special;
}

std::string read_link(int folder, const char* name) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = ::readlinkat(folder, name, target.data(), target.size());
  target.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return target;
}

bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

}  // namespace

Walk::Walk(const FileOptions& options, std::vector<Start> starts, core::Sink& sink)
    : options_(options), starts_(std::move(starts)), sink_(sink) {
  std::unordered_set<std::string_view> folders;
  for (const Start& start : starts_) {
    if (start.is_folder) folders.insert(start.absolute);
    if (!start.is_folder) file_starts_.push_back(&start);
  }
  for (const Start& start : starts_) {
    if (start.is_symlink || folders.empty()) continue;
    const std::string_view path = start.absolute;
    for (std::size_t slash = path.find('/'); slash != path.npos && slash + 1 < path.size();
         slash = path.find('/', slash + 1)) {
      if (folders.count(path.substr(0, slash + 1)) == 0) continue;
      inner_starts_.insert(start.absolute);
      break;
    }
  }
}

void Walk::begin() {
  for (const Start& start : starts_) {
    if (start.is_folder) begin_folder(start);
  }
  begin_files();
}

void Walk::begin_files() {
  auto names = std::make_shared<Names>();
  for (const Start* start : file_starts_) {
    names->add(start->given, start->is_special ? EntryKind::special : EntryKind::file);
  }
  if (names->size() == 0) return;
  sink_.expect(names->size(), 0);
  WalkTask files{nullptr, nullptr, std::move(names), 0, 0, false};
  files.end = files.names->size();
  queue_.push({}, std::move(files));
}

void Walk::begin_folder(const Start& start) {
  Folder folder;
  folder.absolute = start.absolute;
  folder.reported = start.reported;
  folder.exclude = exclude_below(start);
  find_rules(folder);
  // Given by the user: a rule that ignores it as a whole does not count.
  if (folder.rules && folder.absolute.size() > folder.rules_root_size) {
    std::string path = folder.absolute.substr(folder.rules_root_size);
    path.pop_back();
    if (folder.rules->ignored(path, true)) folder.rules = nullptr;
  }
  // The name of a start is its own path; enter_folder makes the real one.
  auto names = std::make_shared<Names>();
  names->add("", EntryKind::folder);
  queue_.push({std::make_shared<const Folder>(std::move(folder)), nullptr, std::move(names), 0, 1, true}, {});
}

std::shared_ptr<const std::vector<std::string>> Walk::exclude_below(const Start& start) const {
  auto patterns = std::make_shared<std::vector<std::string>>();
  std::string_view path = start.reported;
  if (!path.empty()) path.remove_suffix(1);
  for (const std::string& pattern : options_.exclude) {
    if (path.empty() || !glob_matches(pattern, path)) patterns->push_back(pattern);
  }
  return patterns;
}

void Walk::find_rules(Folder& folder) {
  if (options_.ignore == nullptr) return;
  std::string path = folder.absolute;
  if (path.size() > 1) path.pop_back();
  core::IgnoreProvider::Found found;
  {
    const MutexLock lock(outside_);
    found = options_.ignore->containing(path);
  }
  if (!found.rules) return;
  if (found.root.empty() || found.root.back() != '/') found.root += '/';
  if (!starts_with(folder.absolute, found.root)) return;
  folder.rules = std::move(found.rules);
  folder.rules_root_size = found.root.size();
}

void Walk::work(unsigned number) {
  Worker worker{number, FileReader(options_.whole_file_bytes), {}, {}, {}};
  WalkTask task;
  while (queue_.take(task)) {
    for (std::size_t i = task.begin; i < task.end; ++i) {
      if (sink_.cancelled()) {
        queue_.stop();
        break;
      }
      if (task.folders) {
        enter_folder(worker, task, task.names->name(i));
      } else {
        visit_entry(worker, task, i);
      }
    }
    queue_.done();
  }
}

void Walk::skip(Worker& worker, SkipReason reason, std::string detail) {
  sink_.skip(worker.number, reason, worker.origin.path.empty() ? "./" : worker.origin.path, std::move(detail));
}

void Walk::skip_failed_open(Worker& worker, int failure) {
  const bool gone = failure == ENOENT || failure == ENOTDIR || failure == ELOOP;
  if (failure == ENXIO || failure == ENODEV) return skip(worker, SkipReason::special);
  skip(worker, gone ? SkipReason::vanished : SkipReason::unreadable, error_text(failure));
}

// Sets the worker's origin to the entry, and says whether it is not to be scanned; that is reported then.
bool Walk::left_out(Worker& worker, const Folder& folder, const char* name, bool is_folder) {
  std::string& path = worker.origin.path;
  path.assign(folder.reported).append(name);
  if (!inner_starts_.empty() && is_start(folder.absolute + name + (is_folder ? "/" : ""))) return true;
  std::string_view relative = path;
  while (!relative.empty() && relative.front() == '/') relative.remove_prefix(1);
  const bool excluded = std::any_of(folder.exclude->begin(), folder.exclude->end(),
                                    [relative](const std::string& one) { return glob_matches(one, relative); });
  bool ignored = false;
  if (!excluded && folder.rules) {
    worker.tree_path.assign(folder.absolute, folder.rules_root_size, std::string::npos).append(name);
    ignored = folder.rules->ignored(worker.tree_path, is_folder);
  }
  if (is_folder) path += '/';
  if (excluded) skip(worker, SkipReason::excluded);
  if (ignored) skip(worker, SkipReason::ignored);
  return excluded || ignored;
}

bool Walk::is_start(const std::string& absolute) const { return inner_starts_.count(absolute) != 0; }

void Walk::enter_folder(Worker& worker, const WalkTask& task, const char* name) {
  Folder folder = *task.folder;
  const bool given = *name == '\0';
  if (given) {
    worker.origin.path = folder.reported;
  } else {
    if (left_out(worker, *task.folder, name, true)) return;
    folder.absolute.append(name).push_back('/');
    folder.reported = worker.origin.path;
  }
  FileDescriptor fd;
  if (task.open) {
    fd = FileDescriptor(open_at(task.open->fd(), name, O_DIRECTORY | O_NOFOLLOW));
  } else {
    fd = open_folder_by_path(folder.absolute);
  }
  if (!fd.is_open()) return skip_failed_open(worker, errno);
  list_folder(worker, std::move(folder), std::move(fd));
}

void Walk::list_folder(Worker& worker, Folder folder, FileDescriptor fd) {
  folder.short_read_is_end = short_read_is_end(fd.get());
  Listing listing = read_names(worker, folder, fd.get());
  worker.origin.path = folder.reported;
  // What could be listed is scanned.
  if (listing.failure != 0) skip(worker, SkipReason::unreadable, error_text(listing.failure));
  if (listing.is_repository) find_rules(folder);
  if (listing.file_count > 0) {
    const MutexLock lock(outside_);
    sink_.expect(listing.file_count, 0);
  }
  auto shared = std::make_shared<const Folder>(std::move(folder));
  const auto open = std::make_shared<const OpenFolder>(std::move(fd), open_folders_);
  const std::size_t files = listing.files.size();
  const std::size_t folders = listing.folders.size();
  queue_.push({shared, open_folders_ > kMaxOpenFolders ? nullptr : open,
               std::make_shared<const Names>(std::move(listing.folders)), 0, folders, true},
              {shared, open, std::make_shared<const Names>(std::move(listing.files)), 0, files, false});
}

Walk::Listing Walk::read_names(Worker& worker, const Folder& folder, int fd) {
  if (!worker.listing) worker.listing = std::make_unique_for_overwrite<char[]>(kListingBytes);
  Listing listing;
  while (true) {
    // readdir() costs four system calls more: it asks for the descriptor's state first.
    const ssize_t got = ::getdents64(fd, worker.listing.get(), kListingBytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) listing.failure = errno;
    if (got <= 0) return listing;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      const char* record = worker.listing.get() + at;
      unsigned short size = 0;
      std::memcpy(&size, record + offsetof(dirent64, d_reclen), sizeof size);
      add_entry(worker, folder, fd, record + offsetof(dirent64, d_name),
                static_cast<unsigned char>(record[offsetof(dirent64, d_type)]), listing);
      at += size;
    }
  }
}

void Walk::add_entry(Worker& worker, const Folder& folder, int fd, const char* name, unsigned char type,
                     Listing& listing) {
  const std::string_view text = name;
  if (text == "." || text == "..") return;
  const EntryKind kind = kind_of(fd, name, type);
  if (text == ".git") {
    listing.is_repository = true;
    worker.origin.path = folder.reported + ".git" + (kind == EntryKind::folder ? "/" : "");
    // One that the user gave is scanned as such.
    if (!is_start(folder.absolute + ".git/") && !is_start(folder.absolute + ".git")) {
      skip(worker, SkipReason::git_folder);
    }
    return;
  }
  if (kind == EntryKind::file) ++listing.file_count;
  (kind == EntryKind::folder ? listing.folders : listing.files).add(text, kind);
}

void Walk::visit_entry(Worker& worker, const WalkTask& task, std::size_t i) {
  const char* name = task.names->name(i);
  if (!task.folder) {
    worker.origin.path = file_starts_[i]->reported;
    if (file_starts_[i]->is_pipe) return visit_pipe(worker, name);
  } else if (left_out(worker, *task.folder, name, false)) {
    return;
  }
  switch (task.names->kind(i)) {
    case EntryKind::symlink:
      return visit_symlink(worker, task, name);
    case EntryKind::special:
      return skip(worker, SkipReason::special);
    case EntryKind::file:
    case EntryKind::folder:
      return visit_file(worker, task, name);
  }
}

void Walk::visit_file(Worker& worker, const WalkTask& task, const char* name) {
  FileDescriptor file(task.folder ? open_at(task.open->fd(), name, O_NOFOLLOW) : open_at(AT_FDCWD, name, 0));
  if (!file.is_open()) return skip_failed_open(worker, errno);
  worker.reader.deliver(file.get(), task.folder && task.folder->short_read_is_end, worker.number, worker.origin, sink_);
}

void Walk::visit_pipe(Worker& worker, const char* name) {
  // Not with O_NONBLOCK: it would be at its end until somebody writes.
  const FileDescriptor pipe(::open(name, O_RDONLY | O_CLOEXEC));
  if (!pipe.is_open()) return skip_failed_open(worker, errno);
  DescriptorStream stream(pipe.get(), worker.origin.path, &sink_);
  sink_.stream(worker.number, worker.origin, stream);
}

void Walk::visit_symlink(Worker& worker, const WalkTask& task, const char* name) {
  skip(worker, SkipReason::symlink, describe_symlink(task.open->fd(), name));
}

std::string Walk::describe_symlink(int folder_fd, const char* name) const {
  std::string text = "-> " + read_link(folder_fd, name);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  const FileDescriptor target(::openat(folder_fd, name, O_PATH | O_CLOEXEC));
  if (!target.is_open()) return text + (errno == ELOOP ? " (a loop)" : " (does not exist)");
  const std::string absolute = read_link(AT_FDCWD, ("/proc/self/fd/" + std::to_string(target.get())).c_str()) + "/";
  const bool inside = std::any_of(starts_.begin(), starts_.end(), [&absolute](const Start& start) {
    return start.is_folder ? starts_with(absolute, start.absolute) : absolute == start.absolute + "/";
  });
  return inside ? text : text + " (outside of what is scanned)";
}

}  // namespace keytrail::fs
