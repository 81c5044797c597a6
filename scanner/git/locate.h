// Answers where wanted objects stand, from what a sweep left: see core::HistorySource::locate.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/history.h"
#include "scanner/core/skip.h"
#include "scanner/git/commit_graph.h"
#include "scanner/git/commit_log.h"
#include "scanner/git/history_state.h"
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
  // The same where all stands of wanted blobs are known: reads no tree. To `skips` only limits are added.
  core::Homes locate_known(const std::vector<core::ObjectId>& wanted, const std::vector<KnownStand>& stands,
                           std::vector<core::Skip>& skips);

  // What locate() found on its way, for the next sweep. Nothing when limits kept something from being followed.
  struct Findings {
    std::vector<KnownStand> stands;
    MissingObjects missing;
  };
  const std::optional<Findings>& findings() const { return findings_; }
  const CommitGraph& graph() const { return graph_; }

 private:
  // What of the wanted objects is there.
  struct Wanted {
    std::vector<ObjectNumber> blobs;
    std::vector<ObjectNumber> messages;  // commits and tags
  };
  Wanted wanted_objects(const std::vector<core::ObjectId>& ids) const;
  std::vector<KnownStand> known_stands(const Provenance& provenance) const;
  // The homes of what is wanted, when it is known where the blobs among it stand.
  core::Homes homes_of(const Wanted& wanted, const std::vector<KnownStand>& stands, std::vector<core::Skip>& skips);
  void follow(const Wanted& wanted, const std::vector<KnownStand>& stands, std::vector<core::Skip>& skips);
  void add_blob_homes(const KnownStand& stand, core::Homes& homes) const;
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
  std::optional<Findings> findings_;
};

}  // namespace keytrail::git
