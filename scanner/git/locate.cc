#include "scanner/git/locate.h"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include "scanner/git/tree_map.h"

namespace keytrail::git {
namespace {

constexpr int kMaxTagDepth = 64;

ObjectNumber number_of(const core::ObjectId& id, const ObjectIndex& objects) {
  return id.size == 20 ? objects.find(ObjectName::from_bytes(id.bytes.data())) : kNoObject;
}

}  // namespace

Locator::Locator(const Repository& repository, ObjectStore& store, const CommitLog& log, unsigned threads)
    : repository_(repository), store_(store), log_(log), threads_(threads), graph_(log, store.objects()) {}

Rank Locator::peel(ObjectNumber object, bool mark_tags) {
  for (int depth = 0; object != kNoObject && depth < kMaxTagDepth; ++depth) {
    if (store_.objects().type(object) == ObjectType::commit) return graph_.rank_of(object);
    const auto tag = std::lower_bound(log_.tags().begin(), log_.tags().end(), object,
                                      [](const Tag& entry, ObjectNumber number) { return entry.object < number; });
    if (tag == log_.tags().end() || tag->object != object) return kNoRank;
    if (mark_tags) reachable_tags_[static_cast<std::size_t>(tag - log_.tags().begin())] = true;
    object = tag->target;
  }
  return kNoRank;
}

void Locator::find_reachable() {
  reachable_tags_.assign(log_.tags().size(), false);
  std::vector<Rank> starts;
  for (const ObjectName& root : repository_.roots()) {
    const Rank rank = peel(store_.objects().find(root), true);
    if (rank != kNoRank) starts.push_back(rank);
  }
  reachable_ = graph_.ancestors(starts);
  const std::optional<ObjectName> tip = parse_object_name(repository_.tip());
  if (tip) tip_ = peel(store_.objects().find(*tip), false);
}

core::Home Locator::home(Rank commit, const Signature& signature) const {
  core::Home home;
  home.commit = store_.objects().name(graph_.commit(commit).object).id();
  home.author = log_.who(signature);
  home.author_time = signature.time;
  home.author_offset_minutes = signature.offset_minutes;
  home.reachable = reachable_[commit];
  return home;
}

void Locator::add_blob_homes(const Provenance& provenance, core::Homes& homes) const {
  for (const Stand& stand : provenance.stands()) {
    if (stand.visits.empty()) continue;
    const std::string path = provenance.path(stand.path);
    const bool at_tip = tip_ != kNoRank && provenance.stands_in(stand, tip_);
    std::vector<core::Home>& out = homes[store_.objects().name(stand.blob).id()];
    for (const Stand::Visit& visit : stand.visits) {
      core::Home home = this->home(visit.brought, graph_.commit(visit.brought).author);
      home.path = path;
      home.at_tip = at_tip;
      if (!at_tip && visit.taken_away != kNoRank) {
        home.removed_by = store_.objects().name(graph_.commit(visit.taken_away).object).id();
      }
      out.push_back(std::move(home));
    }
  }
}

void Locator::add_message_home(ObjectNumber object, core::Homes& homes) {
  const Rank rank = peel(object, false);
  if (rank == kNoRank) return;
  core::Home found = home(rank, graph_.commit(rank).author);
  if (store_.objects().type(object) == ObjectType::tag) {
    const auto tag = std::lower_bound(log_.tags().begin(), log_.tags().end(), object,
                                      [](const Tag& entry, ObjectNumber number) { return entry.object < number; });
    found = home(rank, tag->tagger);
    found.reachable = reachable_tags_[static_cast<std::size_t>(tag - log_.tags().begin())];
  }
  found.at_tip = rank == tip_ && store_.objects().type(object) == ObjectType::commit;
  homes[store_.objects().name(object).id()] = {std::move(found)};
}

Result<core::Homes> Locator::locate(const std::vector<core::ObjectId>& wanted, core::Sink& sink,
                                    std::vector<core::Skip>& skips) {
  const ObjectIndex& objects = store_.objects();
  find_reachable();
  core::Homes homes;
  std::vector<ObjectNumber> wanted_blobs;
  for (const core::ObjectId& id : wanted) {
    const ObjectNumber object = number_of(id, objects);
    if (object == kNoObject) continue;
    if (objects.type(object) == ObjectType::blob) wanted_blobs.push_back(object);
    if (objects.type(object) == ObjectType::commit || objects.type(object) == ObjectType::tag) {
      add_message_home(object, homes);
    }
  }
  MissingObjects missing = log_.missing();
  const TreeMap trees = TreeMap::build(store_, wanted_blobs, threads_, sink, missing);
  skips = missing.skips(objects);
  Provenance provenance(trees, graph_);
  if (sink.cancelled() || !provenance.follow(sink)) return make_error(ErrorCode::cancelled, "interrupted");
  for (const auto& [rank, detail] : provenance.cuts()) {
    skips.push_back({core::SkipReason::budget, objects.name(graph_.commit(rank).object).hex(), detail});
  }
  add_blob_homes(provenance, homes);
  for (auto& [id, list] : homes) {
    std::sort(list.begin(), list.end(), [](const core::Home& a, const core::Home& b) {
      return std::tie(a.author_time, a.commit, a.path) < std::tie(b.author_time, b.commit, b.path);
    });
  }
  return homes;
}

}  // namespace keytrail::git
