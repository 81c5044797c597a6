#include "scanner/git/ignore.h"

#include <git2.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/base/thread.h"
#include "scanner/git/libgit2.h"
#include "scanner/git/negations.h"
#include "scanner/git/tracked_paths.h"

namespace keytrail::git {
namespace {

struct IndexFree {
  void operator()(git_index* index) const noexcept { git_index_free(index); }
};

RepositoryHandle open_exactly(const std::string& root) {
  git_repository* raw = nullptr;
  if (git_repository_open_ext(&raw, root.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr) != 0) return nullptr;
  return RepositoryHandle(raw);
}

TrackedPaths read_index(git_repository* repository) {
  TrackedPaths paths;
  git_index* raw = nullptr;
  if (git_repository_index(&raw, repository) != 0) return paths;
  const std::unique_ptr<git_index, IndexFree> index(raw);
  const std::size_t count = git_index_entrycount(index.get());
  for (std::size_t i = 0; i < count; ++i) {
    const git_index_entry* entry = git_index_get_byindex(index.get(), i);
    if (entry != nullptr) paths.add(entry->path, (entry->mode & 0170000) == GIT_FILEMODE_COMMIT);
  }
  paths.finish();
  return paths;
}

// libgit2 repositories serve one thread at a time, and each keeps the rules that it has parsed: so there are as many as
// threads ask at once.
class WorkTreeRules : public core::IgnoreRules {
 public:
  WorkTreeRules(const std::string& root, RepositoryHandle repository)
      : root_(root), negations_(root, std::string(git_repository_commondir(repository.get())) + "info/exclude") {
    tracked_ = read_index(repository.get());
    idle_.push_back(std::move(repository));
  }

  bool ignored(std::string_view path, bool is_folder) const override {
    while (path.ends_with('/')) path.remove_suffix(1);
    if (path.empty() || tracked_.holds(path, is_folder) || !ignored_by_rules(path, is_folder)) return false;
    if (!negations_.speak_for(path)) return true;
    // What stands in an ignored folder cannot be re-included.
    const std::size_t slash = path.rfind('/');
    return slash != std::string_view::npos && ignored_by_rules(path.substr(0, slash), true) &&
           !negations_.speak_for(path.substr(0, slash));
  }

 private:
  bool ignored_by_rules(std::string_view path, bool is_folder) const {
    RepositoryHandle repository = take();
    if (!repository) return false;
    std::string text(path);
    if (is_folder) text += '/';
    int ignored = 0;
    const int code = git_ignore_path_is_ignored(&ignored, repository.get(), text.c_str());
    give_back(std::move(repository));
    return code == 0 && ignored != 0;
  }
  RepositoryHandle take() const {
    {
      const MutexLock lock(mutex_);
      if (!idle_.empty()) {
        RepositoryHandle repository = std::move(idle_.back());
        idle_.pop_back();
        return repository;
      }
    }
    return open_exactly(root_);
  }
  void give_back(RepositoryHandle repository) const {
    const MutexLock lock(mutex_);
    idle_.push_back(std::move(repository));
  }

  Library library_;  // first: must outlive the repositories
  std::string root_;
  TrackedPaths tracked_;
  Negations negations_;
  mutable Mutex mutex_;
  mutable std::vector<RepositoryHandle> idle_ GUARDED_BY(mutex_);
};

bool has_git_entry(const std::string& folder) {
  struct stat status;
  return ::stat((folder + (folder == "/" ? ".git" : "/.git")).c_str(), &status) == 0;
}

class Provider : public core::IgnoreProvider {
 public:
  Found containing(const std::string& folder) override {
    std::string root = folder;
    while (root.size() > 1 && root.back() == '/') root.pop_back();
    while (!root.empty()) {
      if (has_git_entry(root)) {
        Found found = rules_at(root);
        if (found.rules) return found;
      }
      if (root == "/") break;
      const std::size_t slash = root.rfind('/');
      if (slash == std::string::npos) break;
      root.resize(std::max<std::size_t>(slash, 1));
    }
    return {};
  }

 private:
  // Empty when what stands at `root` is no repository, or has its work tree elsewhere: git looks further up then.
  Found rules_at(const std::string& root) {
    const MutexLock lock(mutex_);
    const auto known = found_.find(root);
    if (known != found_.end()) return known->second;
    Found found;
    const Library library;
    RepositoryHandle repository = open_exactly(root);
    if (repository && is_work_tree(root, repository.get())) {
      found.root = root;
      found.rules = std::make_shared<WorkTreeRules>(root, std::move(repository));
    }
    return found_.emplace(root, std::move(found)).first->second;
  }

  static bool is_work_tree(const std::string& root, git_repository* repository) {
    const char* work_tree = git_repository_workdir(repository);
    struct stat ours;
    struct stat theirs;
    return work_tree != nullptr && ::stat(root.c_str(), &ours) == 0 && ::stat(work_tree, &theirs) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
  }

  Mutex mutex_;
  std::map<std::string, Found> found_ GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<core::IgnoreProvider> make_ignore_provider() { return std::make_unique<Provider>(); }

}  // namespace keytrail::git
