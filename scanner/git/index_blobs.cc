#include "scanner/git/index_blobs.h"

#include <algorithm>

#include "scanner/git/index_file.h"

namespace keytrail::git {

std::unordered_map<ObjectName, std::vector<std::string>, ObjectNameHash> find_in_indexes(
    const Repository& repository, const std::unordered_set<ObjectName, ObjectNameHash>& wanted) {
  std::unordered_map<ObjectName, std::vector<std::string>, ObjectNameHash> found;
  if (wanted.empty()) return found;
  std::vector<std::string> folders = repository.work_tree_folders();
  folders.push_back(repository.common_folder());
  for (const std::string& folder : folders) {
    const auto opened = open_index(folder + "index", folder);
    if (!opened || !opened->index) continue;
    opened->index->for_each([&](const IndexEntry& entry) {
      if (wanted.contains(entry.object)) found[entry.object].emplace_back(entry.path);
    });
  }
  for (auto& [name, paths] : found) {
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  }
  return found;
}

}  // namespace keytrail::git
