// The work that the workers of a walk share: names of files to read and of folders to list.
//
// The names of one folder stay together and are handed out in batches, files before folders and the newest folder
// first: a folder with 100,000 files is spread over all workers, and what is pending is bounded by depth, not by the
// tree.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/base/file.h"
#include "scanner/base/thread.h"
#include "scanner/core/ignore.h"

namespace keytrail::fs {

enum class EntryKind : std::uint8_t { file, folder, symlink, special };

// The entries of one folder, in one allocation for all names.
class Names {
 public:
  void add(std::string_view name, EntryKind kind) {
    entries_.push_back({text_.size(), kind});
    text_.append(name).push_back('\0');
  }
  std::size_t size() const { return entries_.size(); }
  const char* name(std::size_t i) const { return text_.data() + entries_[i].offset; }
  EntryKind kind(std::size_t i) const { return entries_[i].kind; }

 private:
  struct Entry {
    std::size_t offset;
    EntryKind kind;
  };
  std::string text_;
  std::vector<Entry> entries_;
};

// A folder of the walk. Immutable once it is shared.
struct Folder {
  std::string absolute;  // with '/' at its end
  std::string reported;  // empty or with '/' at its end
  std::shared_ptr<const core::IgnoreRules> rules;
  std::size_t rules_root_size = 0;  // of `absolute`, what stands before the paths that `rules` knows
  // The patterns of FileOptions::exclude that count here.
  std::shared_ptr<const std::vector<std::string>> exclude;
  bool short_read_is_end = false;
};

// Owns the descriptor of a folder, and counts how many there are.
class OpenFolder {
 public:
  OpenFolder(FileDescriptor fd, std::atomic<unsigned>& count) : fd_(std::move(fd)), count_(count) { ++count_; }
  OpenFolder(const OpenFolder&) = delete;
  OpenFolder& operator=(const OpenFolder&) = delete;
  ~OpenFolder() { --count_; }
  int fd() const { return fd_.get(); }

 private:
  FileDescriptor fd_;
  std::atomic<unsigned>& count_;
};

// Entries begin … end - 1 of `names`, which are in `folder`.
struct WalkTask {
  std::shared_ptr<const Folder> folder;
  std::shared_ptr<const OpenFolder> open;  // null: too many were open, use the path
  std::shared_ptr<const Names> names;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool folders = false;
};

class WalkQueue {
 public:
  // Adds all of a folder's entries: first what is to be handed out last.
  void push(WalkTask folders, WalkTask files) EXCLUDES(mutex_);
  // Waits for work; false when there is none left, or after stop(). Each task that was taken ends with done().
  bool take(WalkTask& task) EXCLUDES(mutex_);
  void done() EXCLUDES(mutex_);
  void stop() EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  Condition changed_;
  std::vector<WalkTask> stack_ GUARDED_BY(mutex_);
  unsigned active_ GUARDED_BY(mutex_) = 0;
  bool stopped_ GUARDED_BY(mutex_) = false;
};

}  // namespace keytrail::fs
