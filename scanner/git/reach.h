// Which of many commits ("tips") lead to which of many others ("wanted"). Pure functions of a CommitGraph.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scanner/git/commit_graph.h"

namespace keytrail::git {

struct TipsOf {
  std::vector<std::uint32_t> first;  // ascending indexes of tips that reach it, at most as many as were asked for
  std::uint64_t count = 0;           // of all tips that reach it
};

struct Reaching {
  std::vector<TipsOf> of;         // by index of `wanted`
  std::size_t tips_left_out = 0;  // the last ones, where the graph is too large for so many of both
};

// For each of `wanted` (ascending, distinct) which of `tips` are it or descend from it. Tips that are kNoRank reach
// nothing. Tips and wanted commits may be hundreds of thousands.
Reaching tips_reaching(const CommitGraph& graph, const std::vector<Rank>& tips, const std::vector<Rank>& wanted,
                       std::size_t most);

inline constexpr std::uint32_t kNoTip = 0xffffffff;
// For each of `wanted` the lowest index of `tips` that is it or descends from it; kNoTip where there is none.
std::vector<std::uint32_t> first_tip_reaching(const CommitGraph& graph, const std::vector<Rank>& tips,
                                              const std::vector<Rank>& wanted);

}  // namespace keytrail::git
