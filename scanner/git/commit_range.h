// The commits of a range: those that some commits reach and others do not.
//
// As git does it: commits are taken by date, newest first, from both sides at once, and what an excluded one reaches is
// excluded too, also when it was taken before. It ends when no commit that waits is of the range, and those that wait
// are a week older than all that are: only a commit whose clock ran more than that ahead of its descendants can be
// taken for one of the range, never the other way round.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "scanner/core/skip.h"
#include "scanner/core/source.h"
#include "scanner/git/lookup.h"
#include "scanner/git/revisions.h"

namespace keytrail::git {

struct RangeCommit {
  ObjectName name;
  ObjectName tree;
  std::int64_t time = 0;                 // of committing
  std::vector<std::size_t> parents;      // those of the range, by their position in it
  std::vector<ObjectName> parent_trees;  // what it is compared with: zero where that is unknown
};

struct CommitRange {
  std::vector<RangeCommit> commits;  // parents before children
  std::vector<core::Skip> skips;     // what could not be read, and where a shallow clone ends within the range
};

// `shallow` as Repository::shallow_commits(). A commit whose parents are not here (the end of a shallow clone, or
// damage) is compared with the trees of the excluded commits instead: what they have too is not new. Ends early, with
// what was found, when `sink` is cancelled.
CommitRange commits_of(Lookup& lookup, const RangeSpec& spec, const std::vector<ObjectName>& shallow,
                       const core::Sink& sink);

}  // namespace keytrail::git
