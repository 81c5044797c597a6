#include "scanner/git/index_blobs.h"

#include <git2.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

namespace keytrail::git {
namespace {

struct IndexFree {
  void operator()(git_index* index) const noexcept { git_index_free(index); }
};

bool is_regular_file(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

std::unordered_map<ObjectName, std::vector<std::string>, ObjectNameHash> find_in_indexes(
    const Repository& repository, const std::unordered_set<ObjectName, ObjectNameHash>& wanted) {
  std::unordered_map<ObjectName, std::vector<std::string>, ObjectNameHash> found;
  if (wanted.empty()) return found;
  std::vector<std::string> folders = repository.work_tree_folders();
  folders.push_back(repository.common_folder());
  for (const std::string& folder : folders) {
    git_index* raw = nullptr;
    if (!is_regular_file(folder + "index") || git_index_open(&raw, (folder + "index").c_str()) != 0) continue;
    const std::unique_ptr<git_index, IndexFree> index(raw);
    for (std::size_t i = 0; i < git_index_entrycount(raw); ++i) {
      const git_index_entry* entry = git_index_get_byindex(raw, i);
      const ObjectName name = ObjectName::from_bytes(entry->id.id);
      if (wanted.contains(name)) found[name].emplace_back(entry->path);
    }
  }
  for (auto& [name, paths] : found) {
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  }
  return found;
}

}  // namespace keytrail::git
