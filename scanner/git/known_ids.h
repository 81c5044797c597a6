// The ids of all objects that an earlier sweep saw, sorted: what tells known objects from new ones when git has packed
// a repository anew and the packs of that sweep are gone. 20 bytes for each object, looked at only then.
//
// Ids as they are, not parts or hashes of them: an object that is taken for another one is never scanned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/git/object_index.h"
#include "scanner/git/repository_snapshot.h"
#include "scanner/pack/pack_index.h"

namespace keytrail::git {

// Of everything in these folders. Nothing when a pack's index cannot be read.
std::optional<std::string> collect_ids(const std::vector<FolderStamp>& folders);

// A view of what collect_ids() gave, which must outlive it. Immutable; any thread.
class KnownIds {
 public:
  explicit KnownIds(std::string_view bytes) : bytes_(bytes) {}

  std::size_t count() const { return bytes_.size() / kIdBytes; }
  bool has(const ObjectName& name) const { return position(name).has_value(); }

  // Which of them are still there.
  class Seen {
   public:
    explicit Seen(const KnownIds& ids) : ids_(ids), seen_(ids.count()) {}
    // Takes the objects of a pack for seen. Returns the positions in its index of those that are not known.
    std::vector<std::uint32_t> add(const pack::PackIndex& index);
    void add(const ObjectName& name);
    bool all() const { return count_ == seen_.size(); }

   private:
    void mark(std::size_t position);

    const KnownIds& ids_;
    std::vector<bool> seen_;
    std::size_t count_ = 0;
  };

 private:
  static constexpr std::size_t kIdBytes = sizeof(ObjectName);
  std::string_view at(std::size_t position) const { return bytes_.substr(position * kIdBytes, kIdBytes); }
  std::optional<std::size_t> position(const ObjectName& name) const;

  std::string_view bytes_;
};

}  // namespace keytrail::git
