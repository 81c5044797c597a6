#include "scanner/git/reachability.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace keytrail::git {
namespace {

constexpr int kMaxTagDepth = 64;

}  // namespace

Reachability::Reachability(const Repository& repository, const ObjectIndex& objects, const CommitLog& log,
                           const CommitGraph& graph, const std::vector<std::string>& branches)
    : repository_(repository), objects_(objects), log_(log), graph_(graph) {
  const std::optional<ObjectName> tip = parse_object_name(repository_.tip());
  if (tip) tip_ = peel(objects_.find(*tip));
  list(branches);
  std::vector<Rank> starts;
  for (const Rank rank : tips_) {
    if (rank != kNoRank) starts.push_back(rank);
  }
  reachable_ = graph_.ancestors(starts);
  if (branches.empty()) return;
  starts.clear();
  for (std::size_t i = 0; i < tips_.size(); ++i) {
    if (matches_[i] && tips_[i] != kNoRank) starts.push_back(tips_[i]);
  }
  if (tip_ != kNoRank && std::find(branches.begin(), branches.end(), "HEAD") != branches.end()) starts.push_back(tip_);
  on_branch_ = graph_.ancestors(starts);
}

void Reachability::list(const std::vector<std::string>& branches) {
  references_ = list_references(repository_);
  // The oldest tag that has a commit is the release that brought it: it comes first.
  const auto time_of = [&](const Reference& reference) {
    if (reference.kind != Reference::Kind::tag) return std::int64_t{0};
    const Rank rank = peel(objects_.find(reference.target));
    return rank == kNoRank ? std::numeric_limits<std::int64_t>::max() : graph_.commit(rank).commit_time;
  };
  std::vector<std::pair<std::int64_t, Reference>> timed;
  timed.reserve(references_.size());
  for (Reference& reference : references_) timed.emplace_back(time_of(reference), std::move(reference));
  std::stable_sort(timed.begin(), timed.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.kind, a.first) < std::pair(b.second.kind, b.first);
  });
  references_.clear();
  for (auto& [time, reference] : timed) references_.push_back(std::move(reference));
  for (const Reference& reference : references_) {
    tips_.push_back(peel(objects_.find(reference.target)));
    matches_.push_back(std::any_of(branches.begin(), branches.end(),
                                   [&](const std::string& pattern) { return reference_matches(pattern, reference); }));
  }
}

const Tag* Reachability::tag(ObjectNumber object) const {
  const auto found = std::lower_bound(log_.tags().begin(), log_.tags().end(), object,
                                      [](const Tag& entry, ObjectNumber number) { return entry.object < number; });
  return found == log_.tags().end() || found->object != object ? nullptr : &*found;
}

template <typename Use>
void Reachability::for_each_below(ObjectNumber object, Use use) const {
  for (int depth = 0; object != kNoObject && depth < kMaxTagDepth; ++depth) {
    use(object);
    if (objects_.type(object) != ObjectType::tag) return;
    const Tag* found = tag(object);
    object = found == nullptr ? kNoObject : found->target;
  }
}

Rank Reachability::peel(ObjectNumber object) const {
  ObjectNumber last = kNoObject;
  for_each_below(object, [&last](ObjectNumber below) { last = below; });
  return last != kNoObject && objects_.type(last) == ObjectType::commit ? graph_.rank_of(last) : kNoRank;
}

void Reachability::name_others(const std::vector<ObjectNumber>& others) {
  for (const ObjectNumber object : others) named_.try_emplace(object);
  if (named_.empty()) return;
  for (std::size_t i = 0; i < references_.size(); ++i) {
    for_each_below(objects_.find(references_[i].target), [&](ObjectNumber below) {
      const auto entry = named_.find(below);
      if (entry == named_.end()) return;
      TipsOf& found = entry->second.references;
      ++found.count;
      if (found.first.size() < core::Reach::kMaxRefs) found.first.push_back(static_cast<std::uint32_t>(i));
      entry->second.on_branch = entry->second.on_branch || matches_[i];
    });
  }
}

// What no reference leads to is asked of the holders. Nearly always there is no such thing, and no reflog is read.
void Reachability::ask_holders() {
  std::vector<Rank> commits;
  for (const Rank rank : commits_) {
    if (!reachable_[rank]) commits.push_back(rank);
  }
  const bool others =
      std::any_of(named_.begin(), named_.end(), [](const auto& entry) { return entry.second.references.count == 0; });
  if (commits.empty() && !others) return;
  holders_ = Holders::list(repository_);
  std::vector<Rank> tips;
  tips.reserve(holders_.size());
  for (std::size_t i = 0; i < holders_.size(); ++i) {
    const ObjectNumber object = objects_.find(holders_.target(i));
    tips.push_back(peel(object));
    for_each_below(object, [&](ObjectNumber below) {
      const auto entry = named_.find(below);
      if (entry != named_.end()) entry->second.holder = std::min(entry->second.holder, static_cast<std::uint32_t>(i));
    });
  }
  const std::vector<std::uint32_t> first = first_tip_reaching(graph_, tips, commits);
  for (std::size_t i = 0; i < commits.size(); ++i) {
    const auto at = std::lower_bound(commits_.begin(), commits_.end(), commits[i]) - commits_.begin();
    reach_[static_cast<std::size_t>(at)] = held_by(first[i]);
  }
}

std::shared_ptr<const core::Reach> Reachability::reach_of(const TipsOf& found) {
  if (found.count == 0) return nullptr;
  std::shared_ptr<const core::Reach>& shared = shared_[{found.first, found.count}];
  if (shared == nullptr) {
    auto reach = std::make_shared<core::Reach>();
    for (const std::uint32_t index : found.first) reach->refs.push_back(references_[index].shown);
    reach->ref_count = found.count;
    shared = std::move(reach);
  }
  return shared;
}

std::shared_ptr<const core::Reach> Reachability::held_by(std::uint32_t holder) const {
  if (holder == kNoTip) return nullptr;
  auto reach = std::make_shared<core::Reach>();
  reach->held_by = holders_.name(holder);
  return reach;
}

void Reachability::follow(std::vector<Rank> commits, const std::vector<ObjectNumber>& others,
                          std::vector<core::Skip>& skips) {
  std::sort(commits.begin(), commits.end());
  commits.erase(std::unique(commits.begin(), commits.end()), commits.end());
  commits_ = std::move(commits);
  const Reaching reaching = tips_reaching(graph_, tips_, commits_, core::Reach::kMaxRefs);
  for (const TipsOf& found : reaching.of) reach_.push_back(reach_of(found));
  if (reaching.tips_left_out > 0) {
    skips.push_back({core::SkipReason::budget, "refs",
                     std::to_string(reaching.tips_left_out) +
                         " references are more than can be followed: findings do not name them"});
  }
  name_others(others);
  ask_holders();
  for (const auto& [object, named] : named_) {
    reach_of_others_[object] = named.references.count > 0 ? reach_of(named.references) : held_by(named.holder);
  }
}

void Reachability::tell_commit(Rank commit, core::Home& home) const {
  const auto at = std::lower_bound(commits_.begin(), commits_.end(), commit);
  if (at != commits_.end() && *at == commit) home.reach = reach_[static_cast<std::size_t>(at - commits_.begin())];
  home.reachable = reachable_[commit];
  home.on_branch = on_branch_.empty() || on_branch_[commit];
}

void Reachability::tell_other(ObjectNumber other, core::Home& home) const {
  const auto named = named_.find(other);
  if (named == named_.end()) return;
  home.reach = reach_of_others_.at(other);
  home.reachable = named->second.references.count > 0;
  home.on_branch = on_branch_.empty() || named->second.on_branch;
}

}  // namespace keytrail::git
