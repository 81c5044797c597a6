// The paths that an index holds, for asking whether a file, or anything in a folder, is tracked: a binary search
// instead of a question to libgit2, which reads .gitignore files' times for each. add() all, then finish(), then ask
// from any thread. Needs the length of all paths and 16 bytes for each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace keytrail::git {

class TrackedPaths {
 public:
  void add(std::string_view path, bool is_submodule);
  void finish();

  // Whether `path`, or with `is_folder` anything below it, is tracked, or stands in a submodule, whose parts are none
  // of this index's business.
  bool holds(std::string_view path, bool is_folder) const;

 private:
  struct Slice {
    std::uint64_t begin = 0;
    std::uint32_t size = 0;
  };
  std::string_view view(const Slice& slice) const { return std::string_view(text_).substr(slice.begin, slice.size); }
  // The first path that is not less than `path`.
  std::vector<Slice>::const_iterator at_least(std::string_view path) const;

  std::string text_;
  std::vector<Slice> paths_;
  std::vector<std::string> submodules_;
};

}  // namespace keytrail::git
