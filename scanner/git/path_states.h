// What stands at some paths in each commit of a range. A folder that a commit has from its parent is not read again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "scanner/git/commit_range.h"
#include "scanner/git/lookup.h"

namespace keytrail::git {

class PathStates {
 public:
  // Keeps 20 bytes for each commit and each path or folder above one; nothing at all where that would be too much.
  PathStates(Lookup& lookup, const std::vector<RangeCommit>& commits, const std::vector<std::string>& paths);

  bool known() const { return known_; }
  // The blob at the path with this number; zero when there is none.
  const ObjectName& at(std::size_t commit, std::size_t path) const { return states_[commit][leaves_[path]]; }

 private:
  struct Child {
    std::uint32_t folder = 0;  // 0: none; the root is nobody's child
    std::uint32_t leaf = 0;
  };
  using Children = std::unordered_map<std::string, Child>;
  using State = std::vector<ObjectName>;

  std::uint32_t add_node();
  void add_path(const std::string& path);
  State state_of(Lookup& lookup, const ObjectName& tree, const State* like) const;
  void read_folder(Lookup& lookup, const ObjectName& tree, const Children& children, State& state) const;

  bool known_ = false;
  std::vector<Children> children_;     // by node; those of a leaf are empty
  std::vector<std::uint32_t> leaves_;  // by path
  std::vector<State> states_;          // by commit, then node
};

}  // namespace keytrail::git
