// Which trees hold which wanted blobs, themselves or below them. Immutable once built.
//
// Every tree of the repository is read once, in the order of the packs, by several threads. Of each tree only the
// entries that are trees (8 bytes each) and wanted blobs are kept, and of these in the end only those that lead to a
// wanted blob. Trees share what they have in common, so the map grows with what changed, not with what each commit
// holds.
//
// Following commits from one to the next instead would read most trees twice and in an order that packs do not favour.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/core/source.h"
#include "scanner/git/object_index.h"
#include "scanner/git/object_store.h"
#include "scanner/git/tree_reader.h"

namespace keytrail::git {

class TreeMap {
 public:
  struct Entry {
    std::uint32_t name = 0;
    ObjectNumber object = kNoObject;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  using Entries = std::span<const Entry>;  // sorted

  TreeMap() = default;
  TreeMap(TreeMap&&) = default;
  TreeMap& operator=(TreeMap&&) = default;

  // Reads all trees of `store` and sets their types, up to when `sink` is cancelled. Objects that trees name and the
  // store lacks are added to `missing`; trees that cannot be read, and submodules, are skips.
  static TreeMap build(ObjectStore& store, const std::vector<ObjectNumber>& wanted_blobs, unsigned threads,
                       core::Sink& sink, MissingObjects& missing);

  // Whether a wanted blob stands in or below `tree`, which may be kNoObject.
  bool holds(ObjectNumber tree) const { return tree < node_of_.size() && node_of_[tree] != kNone; }
  // The wanted blobs in `tree`, and the trees in it that hold some.
  Entries blobs(ObjectNumber tree) const;
  Entries folders(ObjectNumber tree) const;
  const std::string& name(std::uint32_t number) const { return names_[number]; }

 private:
  class Shard;
  class TreeReceiver;
  struct Node {
    std::size_t first = 0;  // in entries_: folders, then blobs
    std::uint32_t folders = 0;
    std::uint32_t blobs = 0;
  };
  static constexpr std::uint32_t kNone = 0xffffffff;

  void collect(std::vector<std::unique_ptr<Shard>>& shards, NameTable& names, std::size_t objects);
  void prune();
  std::vector<bool> nodes_that_hold();
  void sort_entries();

  std::vector<std::string> names_;      // sorted
  std::vector<std::uint32_t> node_of_;  // by object
  std::vector<Node> nodes_;
  std::vector<Entry> entries_;
};

}  // namespace keytrail::git
