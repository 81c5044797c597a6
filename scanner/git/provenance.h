// Which commits brought wanted blobs to which paths, and which took them away: every commit's tree is compared with its
// parents' trees, within a TreeMap, where equal trees are passed over at once. Single-threaded; owned by the caller.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scanner/core/skip.h"
#include "scanner/core/source.h"
#include "scanner/git/commit_graph.h"
#include "scanner/git/object_index.h"
#include "scanner/git/tree_map.h"

namespace keytrail::git {

// A wanted blob at a path.
struct Stand {
  struct Visit {
    Rank brought = kNoRank;     // the commit that has it and none of whose parents has it
    Rank taken_away = kNoRank;  // the first descendant that lacks it and has a parent that has it
  };
  ObjectNumber blob = kNoObject;
  std::uint32_t path = 0;
  std::vector<Visit> visits;     // by rank of `brought`
  std::vector<Rank> taken_away;  // by rank: all commits that lack it and have a parent that has it
};

class Provenance {
 public:
  Provenance(const TreeMap& trees, const CommitGraph& graph) : trees_(trees), graph_(graph) {}

  // Fills stands(). False when `sink` was cancelled.
  bool follow(const core::Sink& sink);
  // What limits kept from being followed, by commit.
  const std::vector<std::pair<Rank, std::string>>& cuts() const { return cuts_; }

  const std::vector<Stand>& stands() const { return stands_; }
  std::string path(std::uint32_t number) const;
  // Whether `stand` is in the tree of `commit`.
  bool stands_in(const Stand& stand, Rank commit) const;

 private:
  struct Task {
    ObjectNumber tree;
    std::vector<ObjectNumber> others;
    std::uint32_t path;
    std::uint32_t depth;
  };
  struct PathNode {
    std::uint32_t parent;
    std::uint32_t name;
  };

  // Calls `found(stand)` for each wanted blob below `tree` that none of `others` has at the same path.
  template <typename Found>
  void difference(Rank commit, ObjectNumber tree, std::vector<ObjectNumber> others, Found found);
  void compare_folders(const Task& task, std::vector<Task>& tasks);
  std::uint32_t path_below(std::uint32_t parent, std::uint32_t name);
  std::uint32_t stand_of(std::uint32_t path, ObjectNumber blob);
  void cut(Rank commit, const char* detail);
  void compare_commit(Rank rank);
  // A commit that lacks wanted blobs which a parent has.
  struct Removal {
    Rank commit = kNoRank;
    std::vector<std::uint32_t> stands;
  };
  template <typename Each>
  void each_open_visit(const Removal& removal, Each each);
  void match_ends();

  const TreeMap& trees_;
  const CommitGraph& graph_;
  std::vector<PathNode> paths_{{0, 0}};                             // 0 is the root
  std::unordered_map<std::uint64_t, std::uint32_t> path_numbers_;   // (parent, name)
  std::unordered_map<std::uint64_t, std::uint32_t> stand_numbers_;  // (path, blob)
  std::vector<Stand> stands_;
  std::size_t compared_ = 0;  // trees of the current commit
  std::size_t found_ = 0;     // wanted blobs that it brought or took away
  std::size_t events_ = 0;
  std::vector<std::pair<Rank, std::string>> cuts_;
};

}  // namespace keytrail::git
