#include "scanner/engine/anchor_cache.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

namespace keytrail::engine {

void prune_databases(const std::string& folder, std::size_t max_kept) {
  namespace fs = std::filesystem;
  std::vector<std::pair<fs::file_time_type, fs::path>> databases;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code unknown;
    if (!name.starts_with("anchors-") || !name.ends_with(".db") || !entry->is_regular_file(unknown)) continue;
    const fs::file_time_type used = entry->last_write_time(unknown);
    if (!unknown) databases.emplace_back(used, entry->path());
  }
  if (databases.size() <= max_kept) return;
  std::sort(databases.begin(), databases.end(), std::greater<>());
  for (std::size_t i = max_kept; i < databases.size(); ++i) fs::remove(databases[i].second, error);
}

}  // namespace keytrail::engine
