// Git's index: what the next commit would hold. Format: Documentation/gitformat-index.txt of git, versions 2 to 4.
//
// Read here and not by libgit2 for the cached trees: they say for whole folders that nothing in them is staged, and
// libgit2 has no way to ask for them. Without them a scan of what is staged has to read every tree of HEAD. Bytes are
// those of a stranger: everything is checked, nothing recurses.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "scanner/base/result.h"
#include "scanner/git/object_index.h"

namespace keytrail::git {

struct IndexEntry {
  enum class Kind : std::uint8_t { blob, submodule, folder };  // folder: of a sparse index, its path ends in a slash
  Kind kind = Kind::blob;
  std::string_view path;  // good for the call
  ObjectName object;
  unsigned stage = 0;          // 1 to 3 while a conflict is not resolved
  bool intent_to_add = false;  // named to git, and not staged
};

class IndexFile {
 public:
  // `bytes` must outlive it. corrupt where they are no index, unsupported where they are one of a kind that cannot be
  // read; `file` is the subject.
  static Result<IndexFile> parse(std::string_view bytes, const std::string& file);

  void for_each(const std::function<void(const IndexEntry&)>& use) const;

  // The tree that the folder would be in a commit, where the index still knows it. The root is "", a folder "a/b".
  std::optional<ObjectName> cached_tree(const std::string& folder) const;

 private:
  explicit IndexFile(std::string_view bytes) : bytes_(bytes) {}

  Status read_entries(const std::string& file, const std::function<void(const IndexEntry&)>& use,
                      std::size_t& end) const;
  Status read_extensions(std::size_t begin, const std::string& file);
  void read_cached_trees(std::string_view extension);

  std::string_view bytes_;
  std::uint32_t version_ = 0;
  std::uint32_t count_ = 0;
  std::unordered_map<std::string, ObjectName> cached_trees_;
};

}  // namespace keytrail::git
