// Where blobs stand in a history.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/base/hash.h"
#include "scanner/base/state_file.h"
#include "scanner/core/blob.h"
#include "scanner/core/skip.h"
#include "scanner/core/source.h"

namespace keytrail::core {

// Which references lead to something, and what else keeps it from being pruned. Immutable: homes share it.
struct Reach {
  static constexpr std::size_t kMaxRefs = 20;
  // Short names ("main", "origin/main", "v1.0"): local branches, remote ones, tags (that of the oldest commit first),
  // others; at most kMaxRefs.
  std::vector<std::string> refs;
  std::uint64_t ref_count = 0;  // of all
  // What no reference leads to may still be kept by "stash@{1}", "main@{5}" (an entry of a reflog),
  // "worktrees/NAME/HEAD" or "index"; empty: nothing keeps it.
  std::string held_by;
};

// One commit that brought a blob to a path: the blob is at that path in it and in none of its parents. Or a place that
// no commit is known for: then `commit` is all zeros and there is no author.
struct Home {
  std::string path;
  ObjectId commit;
  std::string author;            // "Name <address>", as the mailmap has it
  std::int64_t author_time = 0;  // seconds since 1970, UTC
  std::int32_t author_offset_minutes = 0;
  std::string committer;  // the same for who committed it; of a tag both are the tagger
  std::int64_t commit_time = 0;
  std::int32_t commit_offset_minutes = 0;
  std::optional<ObjectId> removed_by;  // the first commit without it at that path; nothing while it is at a tip
  std::int64_t removed_time = 0;       // when its author wrote that commit
  std::int32_t removed_offset_minutes = 0;
  bool at_tip = false;                 // at that path in the commit that HEAD names
  bool reachable = false;              // from a reference or HEAD
  bool on_branch = true;               // from one of the branches that were asked for; all are when none were
  std::shared_ptr<const Reach> reach;  // may be null

  bool has_commit() const { return commit != ObjectId{}; }
  // Whether somebody else, or at another time, committed what the author wrote.
  bool committed_apart() const {
    return has_commit() &&
           (committer != author || commit_time != author_time || commit_offset_minutes != author_offset_minutes);
  }
};

// What an earlier run kept, when it is there and asked for.
using LoadState = std::function<std::optional<StateFile>()>;

using Homes = std::unordered_map<ObjectId, std::vector<Home>, ObjectIdHash>;

class ChangeSource;

// A source over a repository's objects that can tell afterwards where its blobs stand.
class HistorySource : public Source {
 public:
  // After run(): the homes of each of `wanted` (blobs, or commits and tags whose message matched: their home has an
  // empty path). Reads every commit and tree, and reports to `sink`, as worker 0, the objects that they name and the
  // repository lacks. A blob that no commit, no index and no reference holds has no homes.
  virtual Result<Homes> locate(const std::vector<ObjectId>& wanted, Sink& sink) = 0;

  virtual std::uint64_t commit_count() const = 0;
  virtual std::string tip() const = 0;         // hexadecimal; empty in an empty repository
  virtual std::string remote_uri() const = 0;  // without any credential in it; empty when there is none

  // This, when only what changes bring is scanned (core/changes.h); else null.
  virtual ChangeSource* changes() { return nullptr; }

  // For who keeps what a sweep found until the next one. A source that can tell nothing of this leaves it as it is.
  //
  // Where the repository is: one that is moved or copied is another.
  virtual std::string place() const { return {}; }
  // A digest of all that run() and locate() go by, as it is now: with the same digest they deliver and answer the same.
  // Nothing when that cannot be told.
  virtual std::optional<Sha256Digest> fingerprint() { return std::nullopt; }
  // Before run(), after fingerprint(): what state() was after an earlier sweep. Where it still holds, run() delivers
  // only what came since, and resumed() is true after it; locate() must then be asked for all blobs that something was
  // found in, earlier ones too, and answers and reports for the whole. `load_ids` gives what object_ids() was then.
  virtual void resume(std::string_view state, const LoadState& load_ids) {
    (void)state;
    (void)load_ids;
  }
  virtual bool resumed() const { return false; }
  // After locate(): what a later sweep can begin from. Empty when there is none, or the one that was resumed still
  // does.
  virtual std::string state() const { return {}; }
  // With a new state(): the ids of all objects. They are many, and seldom needed.
  virtual std::string object_ids() const { return {}; }
  // What run() and locate() reported of the repository itself; the other skips are of what stands in its objects.
  virtual std::vector<Skip> own_skips() const { return {}; }
};

}  // namespace keytrail::core
