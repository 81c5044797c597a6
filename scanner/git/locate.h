// Answers where wanted objects stand, from what a sweep left: see core::HistorySource::locate.
#pragma once

#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/history.h"
#include "scanner/core/skip.h"
#include "scanner/git/commit_graph.h"
#include "scanner/git/commit_log.h"
#include "scanner/git/object_store.h"
#include "scanner/git/provenance.h"
#include "scanner/git/repository.h"

namespace keytrail::git {

// Good for one call of locate(). What it is given must outlive it.
class Locator {
 public:
  Locator(const Repository& repository, ObjectStore& store, const CommitLog& log, unsigned threads);

  // `skips` becomes what the sweep found missing, and what limits kept from being followed.
  Result<core::Homes> locate(const std::vector<core::ObjectId>& wanted, core::Sink& sink,
                             std::vector<core::Skip>& skips);

 private:
  void find_reachable();
  // The commit or tag's target behind any number of tags; kNoRank when that is no commit.
  Rank peel(ObjectNumber object, bool mark_tags);
  void add_blob_homes(const Provenance& provenance, core::Homes& homes) const;
  void add_message_home(ObjectNumber object, core::Homes& homes);
  core::Home home(Rank commit, const Signature& signature) const;

  const Repository& repository_;
  ObjectStore& store_;
  const CommitLog& log_;
  unsigned threads_;
  CommitGraph graph_;
  Rank tip_ = kNoRank;
  std::vector<bool> reachable_;       // by rank
  std::vector<bool> reachable_tags_;  // by position in the log
};

}  // namespace keytrail::git
