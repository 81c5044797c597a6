#include "scanner/git/commit_graph.h"

#include <algorithm>
#include <queue>
#include <tuple>

namespace keytrail::git {
namespace {

constexpr std::uint32_t kNowhere = 0xffffffff;

// Lists by item: those of item i stand from first[i] to first[i + 1].
struct Lists {
  std::vector<std::uint32_t> first;
  std::vector<std::uint32_t> items;
};

Lists parents_by_position(const CommitLog& log, const std::vector<std::uint32_t>& position_of) {
  Lists lists;
  lists.first.reserve(log.commits().size() + 1);
  for (const Commit& commit : log.commits()) {
    lists.first.push_back(static_cast<std::uint32_t>(lists.items.size()));
    for (std::uint32_t i = 0; i < commit.parent_count; ++i) {
      const ObjectNumber parent = log.parents()[commit.first_parent + i];
      if (parent < position_of.size() && position_of[parent] != kNowhere) lists.items.push_back(position_of[parent]);
    }
  }
  lists.first.push_back(static_cast<std::uint32_t>(lists.items.size()));
  return lists;
}

Lists reversed(const Lists& lists) {
  const std::size_t count = lists.first.size() - 1;
  Lists turned;
  turned.first.assign(count + 1, 0);
  turned.items.resize(lists.items.size());
  for (const std::uint32_t item : lists.items) ++turned.first[item + 1];
  for (std::size_t i = 0; i < count; ++i) turned.first[i + 1] += turned.first[i];
  std::vector<std::uint32_t> next = turned.first;
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::uint32_t j = lists.first[i]; j < lists.first[i + 1]; ++j) turned.items[next[lists.items[j]]++] = i;
  }
  return turned;
}

}  // namespace

CommitGraph::CommitGraph(const CommitLog& log, const ObjectIndex& objects) : log_(log) {
  position_of_.assign(objects.size(), kNowhere);
  for (std::uint32_t i = 0; i < log.commits().size(); ++i) position_of_[log.commits()[i].object] = i;
  const Lists parents = parents_by_position(log, position_of_);
  sort(objects, parents.items, parents.first);
  for (const std::uint32_t position : order_) {
    first_parent_.push_back(static_cast<std::uint32_t>(parents_.size()));
    for (std::uint32_t i = parents.first[position]; i < parents.first[position + 1]; ++i) {
      const Rank parent = rank_[parents.items[i]];
      if (parent < rank_[position]) parents_.push_back(parent);
    }
  }
  first_parent_.push_back(static_cast<std::uint32_t>(parents_.size()));
}

// Kahn's algorithm. Ids are not checked against contents, so a forged repository can have a cycle of commits: what is
// left then is appended as it comes, and a parent that does not come before its child is dropped by the caller.
void CommitGraph::sort(const ObjectIndex& objects, const std::vector<std::uint32_t>& parents,
                       const std::vector<std::uint32_t>& first) {
  const std::size_t count = log_.commits().size();
  const Lists children = reversed({first, parents});
  rank_.assign(count, kNoRank);
  order_.reserve(count);
  const auto later = [&](std::uint32_t a, std::uint32_t b) {
    const Commit& left = log_.commits()[a];
    const Commit& right = log_.commits()[b];
    return std::tie(left.commit_time, objects.name(left.object)) >
           std::tie(right.commit_time, objects.name(right.object));
  };
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, decltype(later)> ready(later);
  std::vector<std::uint32_t> waits_for(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    waits_for[i] = first[i + 1] - first[i];
    if (waits_for[i] == 0) ready.push(i);
  }
  const auto place = [this](std::uint32_t position) {
    rank_[position] = static_cast<Rank>(order_.size());
    order_.push_back(position);
  };
  while (!ready.empty()) {
    const std::uint32_t position = ready.top();
    ready.pop();
    place(position);
    for (std::uint32_t i = children.first[position]; i < children.first[position + 1]; ++i) {
      if (--waits_for[children.items[i]] == 0) ready.push(children.items[i]);
    }
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    if (rank_[i] == kNoRank) place(i);
  }
}

Rank CommitGraph::rank_of(ObjectNumber object) const {
  const std::uint32_t position = object < position_of_.size() ? position_of_[object] : kNowhere;
  return position == kNowhere ? kNoRank : rank_[position];
}

std::vector<bool> CommitGraph::ancestors(const std::vector<Rank>& starts) const {
  std::vector<bool> marked(size());
  for (const Rank start : starts) marked[start] = true;
  // Parents have lower ranks, so one pass downwards is enough.
  for (Rank rank = size(); rank-- > 0;) {
    if (!marked[rank]) continue;
    for (const Rank parent : parents(rank)) marked[parent] = true;
  }
  return marked;
}

}  // namespace keytrail::git
