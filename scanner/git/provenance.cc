#include "scanner/git/provenance.h"

#include <algorithm>
#include <map>

namespace keytrail::git {
namespace {

// A forged repository can hold one blob at 10^10 paths, with ten trees that name each other ten times.
constexpr std::uint32_t kMaxDepth = 4096;
constexpr std::size_t kMaxCompared = 1'000'000;  // trees for one commit
constexpr std::size_t kMaxFound = 200'000;       // wanted blobs brought or taken away by one commit
constexpr std::size_t kMaxEvents = 10'000'000;   // the same, in all

std::uint64_t pair_key(std::uint32_t a, std::uint32_t b) { return (std::uint64_t{a} << 32) | b; }

bool contains(TreeMap::Entries entries, const TreeMap::Entry& entry) {
  return std::binary_search(entries.begin(), entries.end(), entry);
}

// Tells which commits are ancestors of which, for up to 64 descendants at once: one pass downwards over the ranks
// carries a bit for each of them from commits to their parents.
class AncestorWalk {
 public:
  static constexpr std::size_t kWidth = 64;

  explicit AncestorWalk(const CommitGraph& graph) : graph_(graph), bits_(graph.size(), 0) {}

  // After this, reached() tells for commits of rank `lowest` and above. `starts` ascend.
  void walk(const std::vector<Rank>& starts, Rank lowest) {
    std::fill(bits_.begin() + lowest, bits_.begin() + starts.back() + 1, 0);
    for (std::size_t i = 0; i < starts.size(); ++i) bits_[starts[i]] |= std::uint64_t{1} << i;
    for (Rank rank = starts.back(); rank > lowest; --rank) {
      if (bits_[rank] == 0) continue;
      for (const Rank parent : graph_.parents(rank)) bits_[parent] |= bits_[rank];
    }
  }
  bool reached(Rank rank, std::size_t start) const { return (bits_[rank] >> start & 1U) != 0; }

 private:
  const CommitGraph& graph_;
  std::vector<std::uint64_t> bits_;
};

}  // namespace

std::uint32_t Provenance::path_below(std::uint32_t parent, std::uint32_t name) {
  const auto [entry, added] =
      path_numbers_.try_emplace(pair_key(parent, name), static_cast<std::uint32_t>(paths_.size()));
  if (added) paths_.push_back({parent, name});
  return entry->second;
}

std::uint32_t Provenance::stand_of(std::uint32_t path, ObjectNumber blob) {
  const auto [entry, added] =
      stand_numbers_.try_emplace(pair_key(path, blob), static_cast<std::uint32_t>(stands_.size()));
  if (added) stands_.push_back({blob, path, {}, {}});
  return entry->second;
}

std::string Provenance::path(std::uint32_t number) const {
  std::vector<std::uint32_t> names;
  for (; number != 0; number = paths_[number].parent) names.push_back(paths_[number].name);
  std::string text;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (!text.empty()) text += '/';
    text += trees_.name(*name);
  }
  return text;
}

bool Provenance::stands_in(const Stand& stand, Rank commit) const {
  std::vector<std::uint32_t> names;
  for (std::uint32_t number = stand.path; number != 0; number = paths_[number].parent) {
    names.push_back(paths_[number].name);
  }
  ObjectNumber tree = graph_.commit(commit).tree;
  for (std::size_t i = names.size(); i-- > 1;) {
    const TreeMap::Entries folders = trees_.folders(tree);
    const auto next = std::lower_bound(folders.begin(), folders.end(), TreeMap::Entry{names[i], 0});
    if (next == folders.end() || next->name != names[i]) return false;
    tree = next->object;
  }
  return !names.empty() && contains(trees_.blobs(tree), {names[0], stand.blob});
}

// Pushes a task for each folder of the task's tree that none of the others has as it is.
void Provenance::compare_folders(const Task& task, std::vector<Task>& tasks) {
  for (const TreeMap::Entry& folder : trees_.folders(task.tree)) {
    std::vector<ObjectNumber> others;
    bool same = false;
    for (const ObjectNumber other : task.others) {
      const TreeMap::Entries theirs = trees_.folders(other);
      auto match = std::lower_bound(theirs.begin(), theirs.end(), TreeMap::Entry{folder.name, 0});
      for (; match != theirs.end() && match->name == folder.name; ++match) {
        same = same || match->object == folder.object;
        others.push_back(match->object);
      }
    }
    if (same) continue;
    tasks.push_back({folder.object, std::move(others), path_below(task.path, folder.name), task.depth + 1});
  }
}

template <typename Found>
void Provenance::difference(Rank commit, ObjectNumber tree, std::vector<ObjectNumber> others, Found found) {
  if (!trees_.holds(tree)) return;
  if (std::find(others.begin(), others.end(), tree) != others.end()) return;
  std::vector<Task> tasks;
  tasks.push_back({tree, std::move(others), 0, 0});
  while (!tasks.empty()) {
    const Task task = std::move(tasks.back());
    tasks.pop_back();
    compared_ += 1 + task.others.size();
    if (compared_ > kMaxCompared || found_ > kMaxFound || events_ > kMaxEvents) {
      return cut(commit, "more paths than can be followed: not all places of its blobs are listed");
    }
    for (const TreeMap::Entry& blob : trees_.blobs(task.tree)) {
      const bool old = std::any_of(task.others.begin(), task.others.end(),
                                   [&](ObjectNumber other) { return contains(trees_.blobs(other), blob); });
      if (old) continue;
      ++found_;
      ++events_;
      found(stands_[stand_of(path_below(task.path, blob.name), blob.object)]);
    }
    if (task.depth < kMaxDepth) {
      compare_folders(task, tasks);
    } else {
      cut(commit, "folders below folders deeper than can be followed");
    }
  }
}

void Provenance::cut(Rank commit, const char* detail) {
  if (cuts_.empty() || cuts_.back() != std::pair(commit, std::string(detail))) cuts_.emplace_back(commit, detail);
}

void Provenance::compare_commit(Rank rank) {
  const ObjectNumber tree = graph_.commit(rank).tree;
  std::vector<ObjectNumber> before;
  for (const Rank parent : graph_.parents(rank)) {
    before.push_back(graph_.commit(parent).tree);
  }
  std::sort(before.begin(), before.end());
  before.erase(std::unique(before.begin(), before.end()), before.end());
  compared_ = 0;
  found_ = 0;
  difference(rank, tree, before, [rank](Stand& stand) {
    if (stand.visits.empty() || stand.visits.back().brought != rank) stand.visits.push_back({rank, kNoRank});
  });
  for (const ObjectNumber other : before) {
    difference(rank, other, {tree}, [rank](Stand& stand) {
      if (stand.taken_away.empty() || stand.taken_away.back() != rank) stand.taken_away.push_back(rank);
    });
  }
}

// The visits of stands that a removal can have ended: no other has, and they came before it.
template <typename Each>
void Provenance::each_open_visit(const Removal& removal, Each each) {
  for (const std::uint32_t stand : removal.stands) {
    for (Stand::Visit& visit : stands_[stand].visits) {
      if (visit.brought < removal.commit && visit.taken_away == kNoRank) each(visit);
    }
  }
}

// Gives each visit the first of the stand's removals that descends from it. Removals are looked at in their order, and
// ancestors looked for as many removals at once as a walk takes.
void Provenance::match_ends() {
  std::map<Rank, Removal> removals;
  for (std::uint32_t i = 0; i < stands_.size(); ++i) {
    for (const Rank rank : stands_[i].taken_away) {
      removals[rank].commit = rank;
      removals[rank].stands.push_back(i);
    }
  }
  AncestorWalk walk(graph_);
  for (auto next = removals.begin(); next != removals.end();) {
    std::vector<const Removal*> together;
    std::vector<Rank> starts;
    Rank lowest = kNoRank;
    for (; next != removals.end() && together.size() < AncestorWalk::kWidth; ++next) {
      Rank oldest = kNoRank;
      each_open_visit(next->second, [&](const Stand::Visit& visit) { oldest = std::min(oldest, visit.brought); });
      if (oldest == kNoRank) continue;
      lowest = std::min(lowest, oldest);
      starts.push_back(next->first);
      together.push_back(&next->second);
    }
    if (together.empty()) return;
    walk.walk(starts, lowest);
    for (std::size_t i = 0; i < together.size(); ++i) {
      each_open_visit(*together[i], [&](Stand::Visit& visit) {
        if (walk.reached(visit.brought, i)) visit.taken_away = together[i]->commit;
      });
    }
  }
}

bool Provenance::follow(const core::Sink& sink) {
  for (Rank rank = 0; rank < graph_.size(); ++rank) {
    if (rank % 256 == 0 && sink.cancelled()) return false;
    compare_commit(rank);
  }
  match_ends();
  return true;
}

}  // namespace keytrail::git
