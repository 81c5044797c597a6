// What leads to the commits, tags and blobs that findings stand in: references, and where there is none, what else
// keeps them. Owned by the caller; single-threaded; what it is given must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scanner/core/history.h"
#include "scanner/core/skip.h"
#include "scanner/git/commit_graph.h"
#include "scanner/git/commit_log.h"
#include "scanner/git/object_index.h"
#include "scanner/git/reach.h"
#include "scanner/git/references.h"
#include "scanner/git/repository.h"

namespace keytrail::git {

class Reachability {
 public:
  // `branches` are patterns (reference_matches, and HEAD) of what on_branch() tells; empty: of everything.
  Reachability(const Repository& repository, const ObjectIndex& objects, const CommitLog& log, const CommitGraph& graph,
               const std::vector<std::string>& branches);

  // The commit behind an object and any number of tags; kNoRank when that is no commit.
  Rank peel(ObjectNumber object) const;
  // The tag with this number; null when it is none.
  const Tag* tag(ObjectNumber object) const;
  // The commit that HEAD names; kNoRank when there is none.
  Rank tip() const { return tip_; }

  // Finds out what tell_…() is asked for afterwards: commits, and tags and blobs. To be called once.
  void follow(std::vector<Rank> commits, const std::vector<ObjectNumber>& others, std::vector<core::Skip>& skips);

  // What a home is told of it. A commit whose rank was followed, or a tag or blob that was.
  void tell_commit(Rank commit, core::Home& home) const;
  void tell_other(ObjectNumber other, core::Home& home) const;

 private:
  // What is known of a tag or a blob: the references (or else the first holder) that name it, or name a tag of it.
  struct Named {
    TipsOf references;
    std::uint32_t holder = kNoTip;
    bool on_branch = false;
  };
  using Key = std::pair<std::vector<std::uint32_t>, std::uint64_t>;

  void list(const std::vector<std::string>& branches);
  // Calls `use` for the object and each one that it, as a tag, stands for.
  template <typename Use>
  void for_each_below(ObjectNumber object, Use use) const;
  void name_others(const std::vector<ObjectNumber>& others);
  void ask_holders();
  std::shared_ptr<const core::Reach> reach_of(const TipsOf& found);
  std::shared_ptr<const core::Reach> held_by(std::uint32_t holder) const;

  const Repository& repository_;
  const ObjectIndex& objects_;
  const CommitLog& log_;
  const CommitGraph& graph_;
  Rank tip_ = kNoRank;
  std::vector<Reference> references_;  // in the order of reports
  std::vector<Rank> tips_;             // of references_
  std::vector<bool> matches_;          // references_ that `branches` name
  std::vector<bool> reachable_;        // by rank
  std::vector<bool> on_branch_;        // by rank; empty: all are
  Holders holders_;
  std::vector<Rank> commits_;                              // that were followed, sorted
  std::vector<std::shared_ptr<const core::Reach>> reach_;  // of them
  std::unordered_map<ObjectNumber, Named> named_;          // tags and blobs that were followed
  std::unordered_map<ObjectNumber, std::shared_ptr<const core::Reach>> reach_of_others_;
  std::map<Key, std::shared_ptr<const core::Reach>> shared_;
};

}  // namespace keytrail::git
