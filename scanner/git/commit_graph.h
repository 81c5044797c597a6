// The commits of a repository in topological order: a commit's place in it is its rank, parents before children, ties
// by commit time and then by id. Immutable once built. Iterative throughout: a history is deeper than any stack.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "scanner/git/commit_log.h"
#include "scanner/git/object_index.h"

namespace keytrail::git {

using Rank = std::uint32_t;
inline constexpr Rank kNoRank = 0xffffffff;

class CommitGraph {
 public:
  CommitGraph(const CommitLog& log, const ObjectIndex& objects);

  Rank size() const { return static_cast<Rank>(order_.size()); }
  const Commit& commit(Rank rank) const { return log_.commits()[order_[rank]]; }
  // Without parents that the repository lacks, or that are no readable commits.
  std::span<const Rank> parents(Rank rank) const {
    return {parents_.data() + first_parent_[rank], parents_.data() + first_parent_[rank + 1]};
  }
  Rank rank_of(ObjectNumber object) const;
  Rank rank_at(std::size_t position) const { return rank_[position]; }  // in the log

  // Whether each commit is one of `starts` or an ancestor of one.
  std::vector<bool> ancestors(const std::vector<Rank>& starts) const;

 private:
  void sort(const ObjectIndex& objects, const std::vector<std::uint32_t>& parents,
            const std::vector<std::uint32_t>& first);

  const CommitLog& log_;
  std::vector<std::uint32_t> position_of_;  // by object: in the log
  std::vector<std::uint32_t> order_;        // rank -> position in the log
  std::vector<Rank> rank_;                  // position in the log -> rank
  std::vector<Rank> parents_;
  std::vector<std::uint32_t> first_parent_;  // by rank, one more than there are commits
};

}  // namespace keytrail::git
