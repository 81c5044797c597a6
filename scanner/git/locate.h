// Answers where wanted objects stand, from what a sweep left: see core::HistorySource::locate.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/history.h"
#include "scanner/core/skip.h"
#include "scanner/git/commit_graph.h"
#include "scanner/git/commit_log.h"
#include "scanner/git/mailmap.h"
#include "scanner/git/object_store.h"
#include "scanner/git/provenance.h"
#include "scanner/git/reachability.h"
#include "scanner/git/repository.h"

namespace keytrail::git {

// Good for one call of locate(). What it is given must outlive it.
class Locator {
 public:
  // `branches`: see open_history.
  Locator(const Repository& repository, ObjectStore& store, const CommitLog& log, unsigned threads,
          const std::vector<std::string>& branches);

  // `skips` becomes what the sweep found missing, and what limits kept from being followed.
  Result<core::Homes> locate(const std::vector<core::ObjectId>& wanted, core::Sink& sink,
                             std::vector<core::Skip>& skips);

 private:
  // What of the wanted objects is there.
  struct Wanted {
    std::vector<ObjectNumber> blobs;
    std::vector<ObjectNumber> messages;  // commits and tags
  };
  Wanted wanted_objects(const std::vector<core::ObjectId>& ids) const;
  void follow(const Wanted& wanted, const Provenance& provenance, std::vector<core::Skip>& skips);
  void add_blob_homes(const Provenance& provenance, core::Homes& homes) const;
  void add_message_home(ObjectNumber object, core::Homes& homes) const;
  // Of blobs that no commit has.
  void add_other_homes(const std::vector<ObjectNumber>& blobs, core::Homes& homes) const;
  core::Home home(Rank commit) const;

  const Repository& repository_;
  ObjectStore& store_;
  const CommitLog& log_;
  unsigned threads_;
  CommitGraph graph_;
  Reachability reachability_;
  Mailmap mailmap_;
};

}  // namespace keytrail::git
