// Git's index: what the next commit would hold. Format: Documentation/gitformat-index.txt of git, versions 2 to 4,
// split ones too: most entries of these stand in a second file, and the first says which of them are gone or others.
//
// Read here and not by libgit2 for the cached trees: they say for whole folders that nothing in them is staged, and
// libgit2 has no way to ask for them. Without them a scan of what is staged has to read every tree of HEAD. Bytes are
// those of a stranger: everything is checked, nothing recurses.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/base/mapped_file.h"
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

  // The file, in the folder of the repository, that has the other entries; empty where there is none.
  const std::string& shared_name() const { return shared_name_; }
  // Takes them. To be called before for_each() where there is such a file.
  Status join(IndexFile shared, const std::string& file);

  // By path and stage; of a split index those that came since it was split are the last.
  void for_each(const std::function<void(const IndexEntry&)>& use) const;

  // The tree that the folder would be in a commit, where the index still knows it. The root is "", a folder "a/b".
  std::optional<ObjectName> cached_tree(const std::string& folder) const;

 private:
  explicit IndexFile(std::string_view bytes) : bytes_(bytes) {}

  Status read_entries(const std::string& file, const std::function<void(const IndexEntry&)>& use,
                      std::size_t& end) const;
  Status read_extensions(std::size_t begin, const std::string& file);
  void read_cached_trees(std::string_view extension);
  void read_link(std::string_view extension);

  std::string_view bytes_;
  std::uint32_t version_ = 0;
  std::uint32_t count_ = 0;
  std::unordered_map<std::string, ObjectName> cached_trees_;
  std::string shared_name_;
  std::string_view link_;                    // which entries of the shared file are gone, and which are others
  std::shared_ptr<const IndexFile> shared_;  // once joined
  std::vector<bool> gone_, replaced_;        // by position in it
  std::uint32_t replacing_ = 0;              // how many of our entries replace some of it
  std::uint32_t nameless_ = 0;               // behind the last of our entries that has no path
};

// An index with the files that it is a view of.
struct OpenIndex {
  MappedFile file;
  MappedFile shared;
  std::optional<IndexFile> index;  // nothing: no file, or one of no bytes, which git takes for an index too
};

// The index at `path`, with its other part where it is split. `git_folder` is the repository's own, with a slash.
Result<OpenIndex> open_index(const std::string& path, const std::string& git_folder);

}  // namespace keytrail::git
