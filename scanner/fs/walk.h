// One walk over the file system: begin() once, then work() on every thread until all of them have returned.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "scanner/base/thread.h"
#include "scanner/core/source.h"
#include "scanner/fs/file_reader.h"
#include "scanner/fs/files.h"
#include "scanner/fs/start.h"
#include "scanner/fs/walk_queue.h"

namespace keytrail::fs {

class Walk {
 public:
  Walk(const FileOptions& options, std::vector<Start> starts, core::Sink& sink);

  void begin();
  void work(unsigned worker);

 private:
  struct Worker {
    unsigned number = 0;
    FileReader reader;
    core::BlobOrigin origin;          // of the entry at hand; its strings are used again
    std::string tree_path;            // the same, for the ignore rules
    std::unique_ptr<char[]> listing;  // what the system says of a folder
  };
  struct Listing {
    Names files;  // and symlinks and special files
    Names folders;
    std::size_t file_count = 0;
    bool is_repository = false;
    int failure = 0;
  };

  void begin_files();
  void begin_folder(const Start& start);
  std::shared_ptr<const std::vector<std::string>> exclude_below(const Start& start) const;
  void find_rules(Folder& folder);

  void enter_folder(Worker& worker, const WalkTask& task, const char* name);
  void list_folder(Worker& worker, Folder folder, FileDescriptor fd);
  Listing read_names(Worker& worker, const Folder& folder, int fd);
  void add_entry(Worker& worker, const Folder& folder, int fd, const char* name, unsigned char type, Listing& listing);

  void visit_entry(Worker& worker, const WalkTask& task, std::size_t i);
  void visit_file(Worker& worker, const WalkTask& task, const char* name);
  void visit_pipe(Worker& worker, const char* name);
  void visit_symlink(Worker& worker, const WalkTask& task, const char* name);
  bool left_out(Worker& worker, const Folder& folder, const char* name, bool is_folder);
  bool is_start(const std::string& absolute) const;
  std::string describe_symlink(int folder_fd, const char* name) const;
  void skip(Worker& worker, core::SkipReason reason, std::string detail = {});
  void skip_failed_open(Worker& worker, int failure);

  const FileOptions& options_;
  const std::vector<Start> starts_;
  std::vector<const Start*> file_starts_;
  core::Sink& sink_;
  // Starts below other starts: they are scanned as the former alone.
  std::unordered_set<std::string> inner_starts_;
  std::atomic<unsigned> open_folders_{0};
  WalkQueue queue_;
  // The sink's expect() and the provider are not for several threads at once.
  Mutex outside_;
};

}  // namespace keytrail::fs
