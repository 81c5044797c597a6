#include "scanner/git/range.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "scanner/git/changes_repository.h"
#include "scanner/git/commit_range.h"
#include "scanner/git/deliver.h"
#include "scanner/git/object_store.h"
#include "scanner/git/path_states.h"
#include "scanner/git/raw_objects.h"
#include "scanner/git/revisions.h"
#include "scanner/git/tree_diff.h"

namespace keytrail::git {
namespace {

// Neighbours have most of their trees in common.
constexpr std::size_t kCommitSlice = 64;
constexpr std::size_t kMaxHomes = 100'000;
constexpr std::size_t kMaxRemovalSteps = 200'000'000;

class Range : public core::ChangeSource {
 public:
  Range(ChangesRepository opened, PushedObjects objects)
      : opened_(std::move(opened)), spec_(objects.commits), others_(std::move(objects)) {}

  Status run(core::Sink& sink, unsigned threads) override {
    CommitRange range = commits_of(opened_.lookup, spec_, opened_.repository.shallow_commits(), sink);
    commits_ = std::move(range.commits);
    for (core::Skip& skip : range.skips) say(std::move(skip));
    std::vector<Brought> brought(commits_.size());
    in_slices(opened_.lookup, opened_.object_folders, commits_.size(), kCommitSlice, sink, threads,
              [&](Lookup& lookup, unsigned, std::size_t i) { brought[i] = brought_by(commits_[i], lookup); });
    std::vector<Named> blobs;
    for (std::size_t i = 0; i < commits_.size(); ++i) {
      numbers_.emplace(commits_[i].name, i);
      add_brought(i, brought[i], blobs);
    }
    add_others(blobs);
    const std::vector<Delivery> deliveries = in_order(blobs);
    for (const core::Skip& skip : skips_) sink.skip(0, skip.reason, skip.path, skip.detail);
    git::deliver(opened_.lookup, opened_.object_folders, deliveries, sink, threads);
    return {};
  }

  Result<core::Homes> locate(const std::vector<core::ObjectId>& wanted, core::Sink& sink) override {
    core::Homes homes;
    std::map<std::size_t, ObjectNames> by_commit;
    for (const core::ObjectId& id : wanted) {
      const ObjectName name = ObjectName::from_bytes(id.bytes.data());
      if (const auto number = numbers_.find(name); number != numbers_.end()) {
        core::Home home = home_of(number->second);
        home.at_tip = is_tip(name);
        homes[id] = {std::move(home)};
      } else if (const auto brought = brought_.find(name); brought != brought_.end()) {
        for (const std::size_t commit : brought->second) by_commit[commit].insert(name);
      }
    }
    std::vector<Stand> stands = stands_of(by_commit, sink);
    if (sink.cancelled()) return homes;
    follow(stands);
    for (Stand& stand : stands) homes[stand.blob.id()].push_back(std::move(stand.home));
    for (auto& [id, list] : homes) {
      std::sort(list.begin(), list.end(), [](const core::Home& a, const core::Home& b) {
        return std::tie(a.author_time, a.commit, a.path) < std::tie(b.author_time, b.commit, b.path);
      });
    }
    return homes;
  }

  std::vector<core::ObjectId> before(const core::Occurrence& occurrence) override {
    std::vector<core::ObjectId> blobs;
    const auto number = number_of(occurrence);
    if (!number) return blobs;
    for (const ObjectName& tree : commits_[*number].parent_trees) {
      const std::optional<TreeEntry> entry = entry_at(opened_.lookup, tree, occurrence.home->path);
      if (entry && entry->kind == TreeEntry::Kind::blob) blobs.push_back(entry->object.id());
    }
    return blobs;
  }

  std::vector<Replaced> replaced(const core::Occurrence& occurrence) override {
    const auto number = number_of(occurrence);
    if (!number) return {};
    const auto [known, is_new] = replaced_.try_emplace(*number);
    if (is_new) {
      std::set<Replaced> distinct;
      TreeDiff diff{opened_.lookup, [](const Error&) {}};
      for (const ObjectName& tree : commits_[*number].parent_trees) {
        diff.replaced(commits_[*number].tree, tree,
                      [&](const ObjectName& before, const std::optional<ObjectName>& after) {
                        distinct.insert({before.id(), after ? std::optional(after->id()) : std::nullopt});
                      });
      }
      known->second.assign(distinct.begin(), distinct.end());
    }
    return known->second;
  }

  void deliver(const std::vector<core::ObjectId>& blobs, core::Sink& sink, unsigned threads) override {
    std::vector<Delivery> deliveries;
    for (const core::ObjectId& id : blobs) {
      const ObjectName name = ObjectName::from_bytes(id.bytes.data());
      deliveries.push_back({name, origin_of_blob(name)});
    }
    git::deliver(opened_.lookup, opened_.object_folders, deliveries, sink, threads);
  }

  std::uint64_t commit_count() const override { return commits_.size(); }
  std::string tip() const override { return spec_.include.empty() ? std::string() : spec_.include.front().hex(); }
  std::string remote_uri() const override { return opened_.repository.remote_uri(); }

 private:
  // A blob at the path that one commit of the range brought it to.
  struct Stand {
    ObjectName blob;
    std::size_t commit = 0;
    core::Home home;
  };

  void say(core::Skip skip) {
    if (known_skips_.insert(skip.reason == core::SkipReason::submodule ? "/" + skip.path : skip.path).second) {
      skips_.push_back(std::move(skip));
    }
  }

  struct Named {
    std::string name;  // of the file, without its folder
    ObjectName blob;
  };
  struct Brought {
    std::vector<Named> blobs;
    std::vector<core::Skip> skips;
  };

  // Messages, then blobs by the names of their files: versions of a file are stored as deltas of each other, and
  // reading them one after the other finds the bases of each in libgit2's small cache.
  std::vector<Delivery> in_order(std::vector<Named>& blobs) const {
    std::vector<Delivery> deliveries;
    for (const RangeCommit& commit : commits_) {
      deliveries.push_back({commit.name, origin_of_message(commit.name)});
    }
    for (const ObjectName& tag : others_.tags) deliveries.push_back({tag, origin_of_tag(tag)});
    std::stable_sort(blobs.begin(), blobs.end(), [](const Named& a, const Named& b) { return a.name < b.name; });
    for (const Named& blob : blobs) deliveries.push_back({blob.blob, origin_of_blob(blob.blob)});
    return deliveries;
  }

  // What tags name that is no commit, unless a commit brings it as well.
  void add_others(std::vector<Named>& blobs) {
    ObjectNames others(others_.blobs.begin(), others_.blobs.end());
    TreeDiff diff{opened_.lookup, [this](const Error& error) { say(skip_of(error)); }};
    for (const ObjectName& tree : others_.trees) {
      diff.introduced(tree, {}, [&others](const TreeEntry& entry) {
        if (entry.kind == TreeEntry::Kind::blob) others.insert(entry.object);
      });
    }
    for (const ObjectName& blob : others) {
      if (!brought_.contains(blob)) blobs.push_back({std::string(), blob});
    }
  }

  static Brought brought_by(const RangeCommit& commit, Lookup& lookup) {
    Brought brought;
    TreeDiff diff{lookup, [&brought](const Error& error) { brought.skips.push_back(skip_of(error)); }};
    diff.introduced(commit.tree, commit.parent_trees, [&brought](const TreeEntry& entry) {
      if (entry.kind == TreeEntry::Kind::submodule) {
        brought.skips.push_back({core::SkipReason::submodule, std::string(entry.name), "another repository's commit"});
      } else {
        brought.blobs.push_back({std::string(entry.name), entry.object});
      }
    });
    return brought;
  }

  void add_brought(std::size_t number, Brought& brought, std::vector<Named>& blobs) {
    for (core::Skip& skip : brought.skips) say(std::move(skip));
    for (Named& blob : brought.blobs) {
      std::vector<std::size_t>& commits = brought_[blob.blob];
      const bool is_new = commits.empty();
      if (is_new || commits.back() != number) commits.push_back(number);
      if (is_new) blobs.push_back(std::move(blob));
    }
  }

  core::Home home_of(std::size_t number) {
    core::Home home;
    home.commit = commits_[number].name.id();
    home.reachable = true;
    const Result<Lookup::Object> object = opened_.lookup.read(commits_[number].name, ObjectType::commit);
    const std::optional<RawCommit> raw = object ? parse_commit(object->bytes) : std::nullopt;
    if (raw) {
      home.author = raw->author.who;
      home.author_time = raw->author.time;
      home.author_offset_minutes = raw->author.offset_minutes;
    }
    return home;
  }

  std::vector<Stand> stands_of(const std::map<std::size_t, ObjectNames>& by_commit, core::Sink& sink) {
    std::vector<Stand> stands;
    TreeDiff diff{opened_.lookup, [](const Error&) {}};  // said by run()
    for (const auto& [number, blobs] : by_commit) {
      if (sink.cancelled()) return stands;
      const core::Home home = home_of(number);
      const auto at = [&, commit = number](const std::string& path, const ObjectName& blob) {
        stands.push_back({blob, commit, home});
        stands.back().home.path = path;
      };
      const RangeCommit& commit = commits_[number];
      if (!diff.introduced_at(commit.tree, commit.parent_trees, blobs, kMaxHomes - stands.size(), at)) {
        sink.skip(0, core::SkipReason::budget, commit.name.hex(), "it brings secrets to more paths than can be told");
      }
    }
    return stands;
  }

  // Which commit took them away, and whether they are there at the end.
  void follow(std::vector<Stand>& stands) {
    if (stands.empty() || stands.size() * commits_.size() > kMaxRemovalSteps) return;
    std::vector<std::string> paths;
    paths.reserve(stands.size());
    for (const Stand& stand : stands) paths.push_back(stand.home.path);
    const PathStates states(opened_.lookup, commits_, paths);
    if (!states.known()) return;
    for (std::size_t i = 0; i < stands.size(); ++i) {
      for (const ObjectName& tip : spec_.include) {
        const auto number = numbers_.find(tip);
        if (number != numbers_.end() && states.at(number->second, i) == stands[i].blob) stands[i].home.at_tip = true;
      }
      if (!stands[i].home.at_tip) tell_remover(states, i, stands[i]);
    }
  }

  void tell_remover(const PathStates& states, std::size_t path, Stand& stand) {
    const std::optional<std::size_t> number = remover(states, stand, path);
    if (!number) return;
    const core::Home removal = home_of(*number);
    stand.home.removed_by = removal.commit;
    stand.home.removed_time = removal.author_time;
    stand.home.removed_offset_minutes = removal.author_offset_minutes;
  }

  // The first descendant without the blob, of which a parent has it.
  std::optional<std::size_t> remover(const PathStates& states, const Stand& stand, std::size_t path) const {
    std::vector<bool> descends(commits_.size());
    descends[stand.commit] = true;
    for (std::size_t i = stand.commit + 1; i < commits_.size(); ++i) {
      bool had = false;
      for (const std::size_t parent : commits_[i].parents) {
        if (!descends[parent]) continue;
        descends[i] = true;
        had = had || states.at(parent, path) == stand.blob;
      }
      if (had && states.at(i, path) != stand.blob) return i;
    }
    return std::nullopt;
  }

  std::optional<std::size_t> number_of(const core::Occurrence& occurrence) const {
    if (!occurrence.home) return std::nullopt;
    const auto number = numbers_.find(ObjectName::from_bytes(occurrence.home->commit.bytes.data()));
    return number == numbers_.end() ? std::nullopt : std::optional(number->second);
  }

  bool is_tip(const ObjectName& commit) const {
    return std::find(spec_.include.begin(), spec_.include.end(), commit) != spec_.include.end();
  }

  ChangesRepository opened_;
  RangeSpec spec_;
  PushedObjects others_;  // what tags bring
  std::vector<RangeCommit> commits_;
  std::unordered_map<ObjectName, std::size_t, ObjectNameHash> numbers_;               // of commits
  std::unordered_map<ObjectName, std::vector<std::size_t>, ObjectNameHash> brought_;  // blob -> commits
  std::map<std::size_t, std::vector<Replaced>> replaced_;                             // by commit, once asked
  std::vector<core::Skip> skips_;
  std::set<std::string> known_skips_;
};

}  // namespace

Result<std::unique_ptr<core::ChangeSource>> open_range(const std::string& range, const std::string& path,
                                                       bool path_given, const Variables& variables) {
  Result<ChangesRepository> opened = ChangesRepository::open(path, path_given, variables);
  if (!opened) return opened.error();
  Result<RangeSpec> spec = parse_range(opened->repository, range);
  if (!spec) return spec.error();
  PushedObjects objects;
  objects.commits = std::move(*spec);
  return std::unique_ptr<core::ChangeSource>(std::make_unique<Range>(std::move(*opened), std::move(objects)));
}

Result<std::unique_ptr<core::ChangeSource>> open_push(const Push& push, const std::string& path, bool path_given,
                                                      const Variables& variables) {
  Result<ChangesRepository> opened = ChangesRepository::open(path, path_given, variables);
  if (!opened) return opened.error();
  Result<PushedObjects> objects = resolve_push(opened->repository, opened->lookup, push);
  if (!objects) return objects.error();
  return std::unique_ptr<core::ChangeSource>(std::make_unique<Range>(std::move(*opened), std::move(*objects)));
}

}  // namespace keytrail::git
