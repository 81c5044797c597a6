// What a change brings to a repository, and what stood there before it: for scans of a range of commits and of what is
// staged.
//
// A secret is introduced at a path by a commit when it stands in a blob there, that blob is at the path in no parent of
// the commit, and none of this holds:
//   - it stayed: the blob at the same path in a parent has the same secret under the same rule;
//   - it moved: at another path, the blob in a parent has it, and what the commit has at that path has not.
// So a copy is introduced (it is one more place to clean up), an edit beside a secret, a rename, with or without an
// edit, and a mode change are not, and what one commit of a range adds and the next one removes is. Each commit is
// judged by its own parents: a secret that one commit takes away and a later one brings again is introduced by the
// later one. A merge introduces what stands in none of its parents. What is staged is judged as the commit that it
// would become, with HEAD as its parent. Messages have no path: a secret in the message of a commit is introduced by
// that commit.
//
// Where a parent's blob cannot be read nothing stayed or moved there: when in doubt it is introduced.
#pragma once

#include <optional>
#include <vector>

#include "scanner/core/finding.h"
#include "scanner/core/history.h"

namespace keytrail::core {

// run() delivers the blobs that are at a path in no parent. Not for several threads at once.
class ChangeSource : public HistorySource {
 public:
  ChangeSource* changes() override { return this; }

  // After locate(). `occurrence` is of something that run() delivered, with its path and home as they are reported.
  // What stands at its path in each parent.
  virtual std::vector<ObjectId> before(const Occurrence& occurrence) = 0;

  // What stood at other paths in a parent and does not any more, with what is there instead. Distinct.
  struct Replaced {
    ObjectId before;
    std::optional<ObjectId> after;

    friend auto operator<=>(const Replaced&, const Replaced&) = default;
  };
  virtual std::vector<Replaced> replaced(const Occurrence& occurrence) = 0;

  // Hands these blobs to `sink`, for comparison.
  virtual void deliver(const std::vector<ObjectId>& blobs, Sink& sink, unsigned threads) = 0;
};

}  // namespace keytrail::core
