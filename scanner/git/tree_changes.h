// What a commit changes, by reading its trees and those of its parents: for a few commits, where reading every tree of
// the repository (TreeMap) would be too much. Says the same as Provenance.
//
// Reads old trees from packs through libgit2, one by one. Trees that are damaged, hold names that no file can have or
// one twice, or are too many or too deep are not its business: failed() is true then, and what was said before is worth
// nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/git/new_objects.h"
#include "scanner/git/object_index.h"

namespace keytrail::git {

// A blob that a commit brought to a path, or took away from it.
struct Change {
  ObjectName commit;
  ObjectName blob;
  std::string path;
  bool brought = false;
};

class TreeChanges {
 public:
  // Both must outlive it.
  TreeChanges(KnownObjects& known, const NewObjects& objects) : known_(known), objects_(objects) {}

  // Appends what `commit` changes. `before` are the trees of its parents.
  void compare(const ObjectName& commit, const ObjectName& tree, std::vector<ObjectName> before,
               std::vector<Change>& changes);
  // Whether `blob` stands at `path` in `tree`.
  bool stands(const ObjectName& tree, std::string_view path, const ObjectName& blob);
  bool failed() const { return failed_; }

 private:
  struct Entry {
    std::string_view name;
    ObjectName object;
  };
  struct Tree {
    std::string bytes;  // of an old one: names point into it
    std::vector<Entry> folders;
    std::vector<Entry> blobs;  // both by name
  };
  struct Task {
    ObjectName tree;
    std::vector<ObjectName> others;
    std::string path;
    std::size_t depth = 0;
  };
  const Tree& read(const ObjectName& name);
  void parse(std::string_view bytes, Tree& tree);
  template <typename Found>
  void difference(const ObjectName& tree, std::vector<ObjectName> others, Found found);
  void compare_folders(const Task& task, const Tree& tree, const std::vector<const Tree*>& others,
                       std::vector<Task>& tasks);

  KnownObjects& known_;
  const NewObjects& objects_;
  std::unordered_map<ObjectName, std::unique_ptr<Tree>, ObjectNameHash> trees_;
  std::size_t held_bytes_ = 0;
  std::size_t compared_ = 0;
  bool failed_ = false;
};

}  // namespace keytrail::git
