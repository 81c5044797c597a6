// Where blobs stand in a history.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "scanner/core/blob.h"
#include "scanner/core/source.h"

namespace keytrail::core {

// One commit that brought a blob to a path: the blob is at that path in it and in none of its parents.
struct Home {
  std::string path;
  ObjectId commit;
  std::string author;            // "Name <address>"
  std::int64_t author_time = 0;  // seconds since 1970, UTC
  std::int32_t author_offset_minutes = 0;
  std::optional<ObjectId> removed_by;  // the first commit without it at that path; nothing while it is at a tip
  bool at_tip = false;                 // at that path in the commit that HEAD names
  bool reachable = false;              // from a reference or a reflog
};

using Homes = std::unordered_map<ObjectId, std::vector<Home>, ObjectIdHash>;

// A source over a repository's objects that can tell afterwards where its blobs stand.
class HistorySource : public Source {
 public:
  // After run(): the homes of each of `wanted` (blobs, or commits and tags whose message matched: their home has an
  // empty path). Reads every commit and tree, and reports to `sink`, as worker 0, the objects that they name and the
  // repository lacks. A blob that no commit holds has no homes.
  virtual Result<Homes> locate(const std::vector<ObjectId>& wanted, Sink& sink) = 0;

  virtual std::uint64_t commit_count() const = 0;
  virtual std::string tip() const = 0;         // hexadecimal; empty in an empty repository
  virtual std::string remote_uri() const = 0;  // without any credential in it; empty when there is none
};

}  // namespace keytrail::core
