#include "scanner/git/locate.h"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "scanner/git/index_blobs.h"
#include "scanner/git/tree_map.h"

namespace keytrail::git {
namespace {

ObjectNumber number_of(const core::ObjectId& id, const ObjectIndex& objects) {
  return id.size == 20 ? objects.find(ObjectName::from_bytes(id.bytes.data())) : kNoObject;
}

}  // namespace

Locator::Locator(const Repository& repository, ObjectStore& store, const CommitLog& log, unsigned threads,
                 const std::vector<std::string>& branches)
    : repository_(repository),
      store_(store),
      log_(log),
      threads_(threads),
      graph_(log, store.objects()),
      reachability_(repository, store.objects(), log, graph_, branches) {}

Locator::Wanted Locator::wanted_objects(const std::vector<core::ObjectId>& ids) const {
  Wanted wanted;
  const ObjectIndex& objects = store_.objects();
  for (const core::ObjectId& id : ids) {
    const ObjectNumber object = number_of(id, objects);
    if (object == kNoObject) continue;
    if (objects.type(object) == ObjectType::blob) wanted.blobs.push_back(object);
    if (objects.type(object) == ObjectType::commit || objects.type(object) == ObjectType::tag) {
      wanted.messages.push_back(object);
    }
  }
  return wanted;
}

void Locator::follow(const Wanted& wanted, const std::vector<KnownStand>& stands, std::vector<core::Skip>& skips) {
  std::vector<Rank> commits;
  for (const KnownStand& stand : stands) {
    for (const Stand::Visit& visit : stand.visits) commits.push_back(visit.brought);
  }
  std::vector<ObjectNumber> others;
  for (const ObjectNumber object : wanted.messages) {
    if (store_.objects().type(object) == ObjectType::tag) others.push_back(object);
    const Rank rank = reachability_.peel(object);
    if (rank != kNoRank) commits.push_back(rank);
  }
  others.insert(others.end(), wanted.blobs.begin(), wanted.blobs.end());
  reachability_.follow(std::move(commits), others, skips);
}

core::Home Locator::home(Rank rank) const {
  const Commit& commit = graph_.commit(rank);
  core::Home home;
  home.commit = store_.objects().name(commit.object).id();
  home.author = mailmap_.apply(log_.who(commit.author));
  home.author_time = commit.author.time;
  home.author_offset_minutes = commit.author.offset_minutes;
  home.committer = mailmap_.apply(log_.committer(commit));
  home.commit_time = commit.commit_time;
  home.commit_offset_minutes = commit.commit_offset_minutes;
  reachability_.tell_commit(rank, home);
  return home;
}

std::vector<KnownStand> Locator::known_stands(const Provenance& provenance) const {
  const Rank tip = reachability_.tip();
  std::vector<KnownStand> stands;
  stands.reserve(provenance.stands().size());
  for (const Stand& stand : provenance.stands()) {
    const bool at_tip = tip != kNoRank && provenance.stands_in(stand, tip);
    stands.push_back(
        {store_.objects().name(stand.blob), provenance.path(stand.path), at_tip, stand.visits, stand.taken_away});
  }
  return stands;
}

void Locator::add_blob_homes(const KnownStand& stand, core::Homes& homes) const {
  if (stand.visits.empty()) return;
  std::vector<core::Home>& out = homes[stand.blob.id()];
  for (const Stand::Visit& visit : stand.visits) {
    core::Home home = this->home(visit.brought);
    home.path = stand.path;
    home.at_tip = stand.at_tip;
    if (!stand.at_tip && visit.taken_away != kNoRank) {
      const Commit& remover = graph_.commit(visit.taken_away);
      home.removed_by = store_.objects().name(remover.object).id();
      home.removed_time = remover.author.time;
      home.removed_offset_minutes = remover.author.offset_minutes;
    }
    out.push_back(std::move(home));
  }
}

void Locator::add_message_home(ObjectNumber object, core::Homes& homes) const {
  const Rank rank = reachability_.peel(object);
  core::Home found;
  if (rank != kNoRank) found = home(rank);
  if (const Tag* tag = reachability_.tag(object); tag != nullptr) {
    found.author = mailmap_.apply(log_.who(tag->tagger));
    found.author_time = tag->tagger.time;
    found.author_offset_minutes = tag->tagger.offset_minutes;
    found.committer = found.author;
    found.commit_time = found.author_time;
    found.commit_offset_minutes = found.author_offset_minutes;
    reachability_.tell_other(object, found);
  } else if (rank == kNoRank) {
    return;
  }
  found.at_tip = rank != kNoRank && rank == reachability_.tip() && store_.objects().type(object) == ObjectType::commit;
  homes[store_.objects().name(object).id()] = {std::move(found)};
}

void Locator::add_other_homes(const std::vector<ObjectNumber>& blobs, core::Homes& homes) const {
  std::unordered_set<ObjectName, ObjectNameHash> left;
  for (const ObjectNumber blob : blobs) {
    const ObjectName& name = store_.objects().name(blob);
    if (homes.contains(name.id())) continue;
    core::Home home;
    reachability_.tell_other(blob, home);
    if (home.reach == nullptr) {
      left.insert(name);
    } else {
      homes[name.id()] = {std::move(home)};
    }
  }
  const auto held = std::make_shared<core::Reach>();
  held->held_by = "index";
  for (const auto& [name, paths] : find_in_indexes(repository_, left)) {
    for (const std::string& path : paths) {
      core::Home home;
      home.path = path;
      home.reach = held;
      home.on_branch = false;
      homes[name.id()].push_back(std::move(home));
    }
  }
}

core::Homes Locator::homes_of(const Wanted& wanted, const std::vector<KnownStand>& stands,
                              std::vector<core::Skip>& skips) {
  core::Homes homes;
  if (wanted.blobs.empty() && wanted.messages.empty()) return homes;
  follow(wanted, stands, skips);
  mailmap_ = Mailmap::read(repository_);
  for (const ObjectNumber object : wanted.messages) add_message_home(object, homes);
  for (const KnownStand& stand : stands) add_blob_homes(stand, homes);
  add_other_homes(wanted.blobs, homes);
  for (auto& [id, list] : homes) {
    std::sort(list.begin(), list.end(), [](const core::Home& a, const core::Home& b) {
      return std::tie(a.author_time, a.commit, a.path) < std::tie(b.author_time, b.commit, b.path);
    });
  }
  return homes;
}

Result<core::Homes> Locator::locate(const std::vector<core::ObjectId>& ids, core::Sink& sink,
                                    std::vector<core::Skip>& skips) {
  const ObjectIndex& objects = store_.objects();
  const Wanted wanted = wanted_objects(ids);
  MissingObjects missing = log_.missing();
  const TreeMap trees = TreeMap::build(store_, wanted.blobs, threads_, sink, missing);
  skips = missing.skips(objects);
  Provenance provenance(trees, graph_);
  if (sink.cancelled() || !provenance.follow(sink)) return make_error(ErrorCode::cancelled, "interrupted");
  for (const auto& [rank, detail] : provenance.cuts()) {
    skips.push_back({core::SkipReason::budget, objects.name(graph_.commit(rank).object).hex(), detail});
  }
  Findings findings{known_stands(provenance), std::move(missing)};
  core::Homes homes = homes_of(wanted, findings.stands, skips);
  if (provenance.cuts().empty()) findings_ = std::move(findings);
  return homes;
}

core::Homes Locator::locate_known(const std::vector<core::ObjectId>& wanted, const std::vector<KnownStand>& stands,
                                  std::vector<core::Skip>& skips) {
  return homes_of(wanted_objects(wanted), stands, skips);
}

}  // namespace keytrail::git
