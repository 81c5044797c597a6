// Reads trees, each entry of a pack once: what a tree copies from the tree that it is stored as a delta of was read
// there.
//
// A history has a version of its root tree for nearly every commit, and of six hundred entries one or two are new: of
// 5.8 GB of trees in one repository 129 MB were not copied. So where a delta copies a run of bytes, the entries that
// lie wholly in it are inherited: where they begin (to find the next ones), and the few of them that matter. The rest
// is parsed, from a border between entries to the next border that the base has too. The result is that of parsing it
// all.
//
// Mostly not even that: a commit that changes a file gives its tree another id in the same place. Where every run stays
// where it was, the tree has the base's borders, and shares the list of them; only the entries in the gaps are parsed.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/base/thread.h"
#include "scanner/core/match.h"
#include "scanner/core/source.h"
#include "scanner/git/missing.h"
#include "scanner/git/object_index.h"
#include "scanner/git/raw_objects.h"

namespace keytrail::git {

// Numbers for strings, so that a name is kept once. Any thread may intern.
class NameTable {
 public:
  std::uint32_t intern(std::string_view name) EXCLUDES(mutex_);
  // The names by number; no thread may intern any more.
  std::vector<std::string> take() EXCLUDES(mutex_);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  Mutex mutex_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_ GUARDED_BY(mutex_);
};

// The wanted blobs, behind a filter of 2^16 bits that answers for nearly all that are not.
class WantedBlobs {
 public:
  WantedBlobs(const ObjectIndex& objects, const std::vector<ObjectNumber>& blobs);
  ObjectNumber find(const ObjectName& name) const;

 private:
  static constexpr std::size_t kBits = std::size_t{1} << 16;
  static std::size_t bit_of(const ObjectName& name) { return name.bytes[0] * std::size_t{256} + name.bytes[1]; }

  std::vector<bool> filter_;
  std::unordered_map<ObjectName, ObjectNumber, ObjectNameHash> numbers_;
};

// An entry that matters: a folder, a wanted blob, or something that the repository lacks.
struct KnownEntry {
  enum class Kind : std::uint8_t { folder, wanted, missing };
  std::uint32_t index = 0;  // which entry of its tree
  Kind kind = Kind::folder;
  std::uint32_t name = 0;
  ObjectNumber object = kNoObject;
};

// What is known of a tree, for trees that are made from it.
struct TreeState : core::BlobState {
  std::shared_ptr<const std::vector<std::uint32_t>> begins;  // of each entry; then where the last one ends
  std::vector<KnownEntry> known;                             // by index
};

// One for each thread.
class TreeReader {
 public:
  TreeReader(const ObjectIndex& objects, const WantedBlobs& wanted, NameTable& names);

  // Reads the tree `number`; `base` and `copies` are null for one that is made from nothing. The result, the entries
  // that matter, is good until the next call.
  const std::vector<KnownEntry>& read(ObjectNumber number, std::string_view bytes, const TreeState* base,
                                      const std::vector<core::Copy>* copies);
  // What is known of the last tree.
  std::unique_ptr<TreeState> keep() const;
  // Whether the last tree was one to its end.
  bool damaged() const { return damaged_; }

  MissingObjects& missing() { return missing_; }
  // Names of entries that are commits of other repositories.
  const std::set<std::string>& submodules() const { return submodules_; }

 private:
  bool read_gaps(ObjectNumber number, std::string_view bytes, const TreeState& base,
                 const std::vector<core::Copy>& copies);
  bool read_gap(ObjectNumber number, std::string_view bytes, const TreeState& base, core::Span gap);
  bool inherit(ObjectNumber number, std::string_view bytes, const TreeState& base, const core::Copy& copy);
  void inherit_known(ObjectNumber number, std::string_view bytes, const KnownEntry& entry, std::uint32_t begin);
  void add(ObjectNumber number, std::uint32_t index, const TreeEntry& entry);
  bool has(const ObjectName& name);

  const ObjectIndex& objects_;
  const WantedBlobs& wanted_;
  NameTable& names_;
  // Objects found last: versions of a tree name most of their objects again, and the whole index does not fit the
  // processor's cache.
  std::vector<ObjectName> recent_;
  std::vector<std::uint32_t> begins_;
  std::shared_ptr<const std::vector<std::uint32_t>> shared_begins_;  // of the base, in place of begins_
  std::vector<KnownEntry> known_;
  std::size_t position_ = 0;
  std::size_t inherited_ = 0;  // while gaps are read: how many of the base's known entries were looked at
  bool damaged_ = false;
  MissingObjects missing_;
  std::set<std::string> submodules_;
};

}  // namespace keytrail::git
