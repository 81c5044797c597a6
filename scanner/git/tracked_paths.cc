#include "scanner/git/tracked_paths.h"

#include <algorithm>

namespace keytrail::git {

void TrackedPaths::add(std::string_view path, bool is_submodule) {
  paths_.push_back({text_.size(), static_cast<std::uint32_t>(path.size())});
  text_ += path;
  if (is_submodule) submodules_.push_back(std::string(path) + "/");
}

void TrackedPaths::finish() {
  std::sort(paths_.begin(), paths_.end(), [this](const Slice& a, const Slice& b) { return view(a) < view(b); });
}

std::vector<TrackedPaths::Slice>::const_iterator TrackedPaths::at_least(std::string_view path) const {
  return std::lower_bound(paths_.begin(), paths_.end(), path,
                          [this](const Slice& slice, std::string_view text) { return view(slice) < text; });
}

bool TrackedPaths::holds(std::string_view path, bool is_folder) const {
  const auto exact = at_least(path);
  if (exact != paths_.end() && view(*exact) == path) return true;
  for (const std::string& submodule : submodules_) {
    if (path.starts_with(submodule)) return true;
  }
  if (!is_folder) return false;
  const std::string prefix = std::string(path) + "/";
  const auto below = at_least(prefix);
  return below != paths_.end() && view(*below).starts_with(prefix);
}

}  // namespace keytrail::git
