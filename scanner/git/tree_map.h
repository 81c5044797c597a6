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
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/core/source.h"
#include "scanner/git/object_index.h"
#include "scanner/git/object_store.h"

namespace keytrail::git {

// Numbers for strings, so that a name is kept once.
class NameTable {
 public:
  std::uint32_t intern(std::string_view name);
  const std::string& name(std::uint32_t number) const { return *names_[number]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(names_.size()); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
  std::vector<const std::string*> names_;  // keys of numbers_, which stay where they are
};

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

  // Reads all trees of `store`, whose types are known, up to when `sink` is cancelled; none when nothing is wanted.
  // Trees that cannot be read are passed over: whoever learned the types has named them.
  static TreeMap build(const ObjectStore& store, const std::vector<ObjectNumber>& wanted_blobs, unsigned threads,
                       const core::Sink& sink);

  // Whether a wanted blob stands in or below `tree`, which may be kNoObject.
  bool holds(ObjectNumber tree) const { return tree < node_of_.size() && node_of_[tree] != kNone; }
  // The wanted blobs in `tree`, and the trees in it that hold some.
  Entries blobs(ObjectNumber tree) const;
  Entries folders(ObjectNumber tree) const;
  const std::string& name(std::uint32_t number) const { return names_.name(number); }

 private:
  class Shard;
  struct Node {
    std::size_t first = 0;  // in entries_: folders, then blobs
    std::uint32_t folders = 0;
    std::uint32_t blobs = 0;
  };
  static constexpr std::uint32_t kNone = 0xffffffff;

  void collect(std::vector<Shard>& shards, std::size_t objects);
  void prune();
  std::vector<bool> nodes_that_hold();
  void sort_entries();

  NameTable names_;
  std::vector<std::uint32_t> node_of_;  // by object
  std::vector<Node> nodes_;
  std::vector<Entry> entries_;
};

}  // namespace keytrail::git
