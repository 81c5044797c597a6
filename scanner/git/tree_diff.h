// What differs between trees. Only folders that differ are read.
//
// Trees may be made by an adversary: the same folder nested in itself a hundred times has more paths than any memory
// can hold. So a comparison of the same folders is made once, whatever the number of their paths, and only those paths
// are spelt out that lead to a wanted blob, up to a limit. Nothing recurses. Entries out of order are taken as new.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "scanner/git/lookup.h"
#include "scanner/git/raw_objects.h"

namespace keytrail::git {

using ObjectNames = std::unordered_set<ObjectName, ObjectNameHash>;

// A tree that could not be read; what is below it was not compared.
using OnUnreadable = std::function<void(const Error&)>;

struct TreeDiff {
  Lookup& lookup;
  OnUnreadable on_unreadable;

  // Calls `found` for each blob (symbolic links too) and submodule that `now` has at a path where none of `before` has
  // the same. Without paths; the same object may come more than once. A zero id stands for no tree.
  using Found = std::function<void(const TreeEntry& entry)>;
  void introduced(const ObjectName& now, const std::vector<ObjectName>& before, const Found& found);

  // The same with paths, for the blobs in `wanted`. False when there were more than `limit`.
  using At = std::function<void(const std::string& path, const ObjectName& object)>;
  bool introduced_at(const ObjectName& now, const std::vector<ObjectName>& before, const ObjectNames& wanted,
                     std::size_t limit, const At& at);

  // Calls `found` for each blob of `before` that `now` has not at the same path, with the blob that is there instead.
  using Replaced = std::function<void(const ObjectName& before, const std::optional<ObjectName>& after)>;
  void replaced(const ObjectName& now, const ObjectName& before, const Replaced& found);
};

// What stands at `path` in the tree `root`; nothing when nothing does.
std::optional<TreeEntry> entry_at(Lookup& lookup, const ObjectName& root, std::string_view path);

}  // namespace keytrail::git
