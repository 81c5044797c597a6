#include "scanner/git/history_resume.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "scanner/base/thread.h"

namespace keytrail::git {
namespace {

constexpr int kMaxTagDepth = 64;
// From here on the next sweep begins after these: writing a state of a big repository costs what reading so many does.
constexpr std::size_t kManyNew = 2000;
constexpr std::size_t kSlice = 16;
constexpr unsigned kThreads = 2;  // before a sweep has said how many it may have
constexpr std::size_t kRecentSlots = std::size_t{1} << 14;

bool by_object(const KnownMissing& a, const KnownMissing& b) { return a.object < b.object; }

// Gives each visit the first of the stand's removals that descends from it. See Provenance::match_ends.
class Ends {
 public:
  explicit Ends(const CommitGraph& graph) : graph_(graph), seen_(graph.size()) {}

  void match(KnownStand& stand) {
    for (Stand::Visit& visit : stand.visits) visit.taken_away = kNoRank;
    for (const Rank removal : stand.taken_away) {
      Rank lowest = removal;
      for (const Stand::Visit& visit : stand.visits) {
        if (visit.taken_away == kNoRank) lowest = std::min(lowest, visit.brought);
      }
      if (lowest == removal) continue;
      walk(removal, lowest);
      for (Stand::Visit& visit : stand.visits) {
        if (visit.brought < removal && visit.taken_away == kNoRank && seen_[visit.brought] == epoch_) {
          visit.taken_away = removal;
        }
      }
    }
  }

 private:
  // Marks the ancestors of `start` of rank `lowest` and above.
  void walk(Rank start, Rank lowest) {
    if (start == start_ && lowest >= lowest_) return;
    start_ = start;
    lowest_ = lowest;
    ++epoch_;
    std::vector<Rank> stack(1, start);
    while (!stack.empty()) {
      const Rank rank = stack.back();
      stack.pop_back();
      for (const Rank parent : graph_.parents(rank)) {
        if (parent < lowest || seen_[parent] == epoch_) continue;
        seen_[parent] = epoch_;
        stack.push_back(parent);
      }
    }
  }

  const CommitGraph& graph_;
  std::vector<std::uint32_t> seen_;
  std::uint32_t epoch_ = 0;
  Rank start_ = kNoRank;
  Rank lowest_ = kNoRank;
};

}  // namespace

std::unique_ptr<HistoryResume> HistoryResume::prepare(const Repository& repository,
                                                      const std::vector<std::string>& branches,
                                                      const RepositorySnapshot& now, std::string_view state,
                                                      const core::LoadState& load_ids) {
  std::unique_ptr<HistoryResume> resume(new HistoryResume(repository, now));
  if (!resume->begin(state, load_ids) || !resume->read_new()) return nullptr;
  // The locator asks the repository: nothing else may meanwhile.
  resume->tip_ = parse_object_name(repository.tip());
  bool good = false;
  run_workers(kThreads, [&](unsigned worker) {
    if (worker == 0) good = resume->find_changes() && resume->find_tip();
    if (worker == 1) resume->locator_.emplace(repository, resume->store_, resume->log_, 1, branches);
  });
  return good ? std::move(resume) : nullptr;
}

bool HistoryResume::begin(std::string_view bytes, const core::LoadState& load_ids) {
  if (!repository_.shallow_commits().empty()) return false;
  const std::vector<FolderStamp> folders = decode_folders(bytes);
  std::optional<HistoryState> state;
  bool good = false;
  run_workers(kThreads, [&](unsigned worker) {
    if (worker == 0) good = read_files(folders, load_ids);
    if (worker == 1) state = decode_history(bytes);
  });
  if (!good || !state) return false;
  // What comes late may be named by anything that is old.
  for (const NewObjects::Object& object : new_->objects()) {
    const KnownMissing wanted{object.name, {}, ObjectType::unknown, {}};
    if (std::binary_search(state->missing.begin(), state->missing.end(), wanted, by_object)) return false;
  }
  store_.objects() = std::move(state->objects);
  log_ = std::move(state->log);
  missing_ = std::move(state->missing);
  submodules_ = std::move(state->submodules);
  stands_ = std::move(state->stands);
  trees_.emplace(*known_, *new_);
  return true;
}

bool HistoryResume::read_files(const std::vector<FolderStamp>& before, const core::LoadState& load_ids) {
  std::optional<NewFiles> files = compare_files(before, now_.folders);
  if (!files) return false;
  files_ = std::move(*files);
  if (files_.repacked) {
    id_file_ = load_ids();
    if (!id_file_) return false;
    ids_.emplace(id_file_->content());
  }
  const KnownIds* ids = ids_ ? &*ids_ : nullptr;
  std::optional<KnownObjects> known = KnownObjects::open(files_, ids);
  if (!known) return false;
  known_.emplace(std::move(*known));
  new_ = NewObjects::read(files_, *known_, ids, kThreads);
  return new_.has_value();
}

bool HistoryResume::has(const ObjectName& name) const { return new_->find(name) != nullptr || known_->has(name); }

void HistoryResume::name(const NewObjects::Object& namer, const ObjectName& object, std::string_view as) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, object.bytes.data(), sizeof bits);
  ObjectName& recent = recent_[bits & (kRecentSlots - 1)];
  if (recent == object && object != ObjectName{}) return;
  if (has(object)) {
    recent = object;
  } else {
    named_.add(object, namer.name, as);
  }
}

// Of several that name an object the first is said: see MissingObjects.
void HistoryResume::merge_missing() {
  for (const KnownMissing& known : missing_) named_.add(known.object, known.namer, known.as);
  std::unordered_map<ObjectName, ObjectType, ObjectNameHash> types;
  for (const KnownMissing& known : missing_) types.emplace(known.namer, known.namer_type);
  missing_.clear();
  for (const auto& [object, place] : named_.places()) {
    const NewObjects::Object* namer = new_->find(place.namer);
    missing_.push_back({object, place.namer, namer != nullptr ? namer->type : types[place.namer], place.as});
  }
  std::sort(missing_.begin(), missing_.end(), by_object);
}

void HistoryResume::add_object(const ObjectName& name, ObjectType type) {
  store_.objects().add(name);
  store_.objects().set_type(store_.objects().find(name), type);
}

bool HistoryResume::add_commit(const NewObjects::Object& object) {
  std::optional<RawCommit> raw = parse_commit(object.bytes);
  if (!raw) return false;
  name(object, raw->tree, "its tree");
  for (const ObjectName& parent : raw->parents) name(object, parent, "a parent");
  if (object.known) return true;
  ObjectIndex& objects = store_.objects();
  if (has(raw->tree)) objects.add(raw->tree);
  for (const ObjectName& parent : raw->parents) {
    if (has(parent)) objects.add(parent);
  }
  add_object(object.name, ObjectType::commit);
  log_.add_commit(objects.find(object.name), *raw, objects, {});
  commits_.emplace(object.name, std::move(*raw));
  return true;
}

bool HistoryResume::add_tag(const NewObjects::Object& object) {
  const std::optional<RawTag> raw = parse_tag(object.bytes);
  if (!raw) return false;
  name(object, raw->target, "what it tags");
  if (object.known) return true;
  if (has(raw->target)) store_.objects().add(raw->target);
  add_object(object.name, ObjectType::tag);
  log_.add_tag(store_.objects().find(object.name), *raw, store_.objects());
  return true;
}

bool HistoryResume::add_tree(const NewObjects::Object& object) {
  TreeEntries entries(object.bytes);
  while (const std::optional<TreeEntry> entry = entries.next()) {
    if (entry->kind == TreeEntry::Kind::submodule) {
      submodules_.emplace(entry->name);
    } else {
      name(object, entry->object, entry->name);
    }
  }
  return !entries.damaged();
}

bool HistoryResume::read_new() {
  recent_.resize(kRecentSlots);
  for (const NewObjects::Object& object : new_->objects()) {
    bool good = true;
    if (object.type == ObjectType::commit) good = add_commit(object);
    if (object.type == ObjectType::tag) good = add_tag(object);
    if (object.type == ObjectType::tree) good = add_tree(object);
    if (!good) return false;
  }
  log_.finish();
  merge_missing();
  return true;
}

// Nothing when it is no commit.
std::optional<ObjectName> HistoryResume::tree_of(const ObjectName& commit) {
  const auto fresh = commits_.find(commit);
  if (fresh != commits_.end()) return fresh->second.tree;
  const ObjectNumber number = store_.objects().find(commit);
  if (number == kNoObject || store_.objects().type(number) != ObjectType::commit) return std::nullopt;
  const NewObjects::Object* packed_again = new_->find(commit);
  const std::optional<HeldObject> held =
      packed_again == nullptr ? known_->read(commit) : HeldObject{packed_again->type, packed_again->bytes};
  if (!held) return std::nullopt;
  const std::optional<RawCommit> raw = parse_commit(held->bytes);
  return raw ? std::optional(raw->tree) : std::nullopt;
}

bool HistoryResume::find_changes() {
  for (const auto& [commit, raw] : commits_) {
    std::vector<ObjectName> before;
    for (const ObjectName& parent : raw.parents) {
      const ObjectNumber number = store_.objects().find(parent);
      if (number == kNoObject || store_.objects().type(number) != ObjectType::commit) continue;
      const std::optional<ObjectName> tree = tree_of(parent);
      if (!tree) return false;
      before.push_back(*tree);
    }
    trees_->compare(commit, raw.tree, std::move(before), changes_);
    if (trees_->failed()) return false;
  }
  return true;
}

// The tree of the commit that HEAD names.
std::optional<ObjectName> HistoryResume::tip_tree() {
  ObjectNumber object = tip_ ? store_.objects().find(*tip_) : kNoObject;
  for (int depth = 0; object != kNoObject && depth < kMaxTagDepth; ++depth) {
    if (store_.objects().type(object) == ObjectType::commit) return tree_of(store_.objects().name(object));
    const auto& tags = log_.tags();
    const auto tag = std::lower_bound(tags.begin(), tags.end(), object,
                                      [](const Tag& entry, ObjectNumber number) { return entry.object < number; });
    if (tag == tags.end() || tag->object != object) return std::nullopt;
    object = tag->target;
  }
  return std::nullopt;
}

bool HistoryResume::find_tip() {
  change_at_tip_.resize(changes_.size());
  const std::optional<ObjectName> tree = tip_tree();
  if (!tree) return !tip_ || store_.objects().find(*tip_) == kNoObject;
  for (KnownStand& stand : stands_) stand.at_tip = trees_->stands(*tree, stand.path, stand.blob);
  for (std::size_t i = 0; i < changes_.size() && !trees_->failed(); ++i) {
    change_at_tip_[i] = trees_->stands(*tree, changes_[i].path, changes_[i].blob);
  }
  return !trees_->failed();
}

void HistoryResume::deliver(const NewObjects::Object& object, unsigned worker, core::Sink& sink) const {
  core::BlobOrigin origin;
  origin.object = object.name.id();
  std::string_view bytes = object.bytes;
  if (object.type == ObjectType::commit) {
    origin.kind = core::BlobKind::commit_message;
    bytes = commits_.at(object.name).message;
  } else if (object.type == ObjectType::tag) {
    origin.kind = core::BlobKind::tag_message;
    const std::optional<RawTag> raw = parse_tag(bytes);
    if (raw) bytes = raw->message;
  } else {
    origin.kind = core::BlobKind::git_blob;
  }
  sink.blob(worker, {bytes, &origin});
}

void HistoryResume::deliver(core::Sink& sink, unsigned threads) const {
  std::vector<const NewObjects::Object*> todo;
  for (const NewObjects::Object& object : new_->objects()) {
    if (!object.known && object.type != ObjectType::tree) todo.push_back(&object);
  }
  sink.expect(todo.size(), 0);
  std::atomic<std::size_t> next{0};
  const auto enough = static_cast<unsigned>(std::max<std::size_t>(1, todo.size() / kSlice));
  run_workers(std::min(threads, enough), [&](unsigned worker) {
    while (!sink.cancelled()) {
      const std::size_t begin = next.fetch_add(kSlice);
      if (begin >= todo.size()) return;
      for (std::size_t i = begin; i < std::min(begin + kSlice, todo.size()); ++i) deliver(*todo[i], worker, sink);
    }
  });
}

// Returns the stands that something new is said of.
std::vector<std::size_t> HistoryResume::add_changes(const std::vector<core::ObjectId>& wanted) {
  const CommitGraph& graph = locator_->graph();
  std::unordered_set<ObjectName, ObjectNameHash> blobs;
  for (const core::ObjectId& id : wanted) {
    if (id.size == 20) blobs.insert(ObjectName::from_bytes(id.bytes.data()));
  }
  std::map<std::pair<ObjectName, std::string>, std::size_t> places;
  for (std::size_t i = 0; i < stands_.size(); ++i) places.try_emplace({stands_[i].blob, stands_[i].path}, i);
  std::vector<std::size_t> touched;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const Change& change = changes_[i];
    if (!blobs.contains(change.blob)) continue;
    const auto [place, added] = places.try_emplace({change.blob, change.path}, stands_.size());
    if (added) stands_.push_back({change.blob, change.path, change_at_tip_[i], {}, {}});
    KnownStand& stand = stands_[place->second];
    const Rank rank = graph.rank_of(store_.objects().find(change.commit));
    if (change.brought) stand.visits.push_back({rank, kNoRank});
    if (!change.brought) stand.taken_away.push_back(rank);
    touched.push_back(place->second);
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  return touched;
}

void HistoryResume::match_ends(const std::vector<std::size_t>& stands) {
  Ends ends(locator_->graph());
  for (const std::size_t i : stands) {
    KnownStand& stand = stands_[i];
    std::sort(stand.visits.begin(), stand.visits.end(),
              [](const Stand::Visit& a, const Stand::Visit& b) { return a.brought < b.brought; });
    std::sort(stand.taken_away.begin(), stand.taken_away.end());
    stand.taken_away.erase(std::unique(stand.taken_away.begin(), stand.taken_away.end()), stand.taken_away.end());
    ends.match(stand);
  }
}

core::Homes HistoryResume::locate(const std::vector<core::ObjectId>& wanted, std::vector<core::Skip>& skips) {
  // A state has positions in its log. What was added to that stands behind them.
  const auto to_rank = [&](Rank position) {
    return position == kNoRank ? kNoRank : locator_->graph().rank_at(position);
  };
  for (KnownStand& stand : stands_) {
    for (Stand::Visit& visit : stand.visits) visit = {to_rank(visit.brought), to_rank(visit.taken_away)};
    for (Rank& rank : stand.taken_away) rank = to_rank(rank);
  }
  match_ends(add_changes(wanted));
  // Commits and tags are in the index, of other objects only what tags name.
  for (const core::ObjectId& id : wanted) {
    if (id.size != 20) continue;
    const ObjectName name = ObjectName::from_bytes(id.bytes.data());
    const ObjectNumber object = store_.objects().find(name);
    if (object == kNoObject || store_.objects().type(object) == ObjectType::unknown) add_object(name, ObjectType::blob);
  }
  skips = this->skips();
  return locator_->locate_known(wanted, stands_, skips);
}

std::vector<core::Skip> HistoryResume::skips() const {
  std::vector<core::Skip> skips;
  for (const KnownMissing& missing : missing_) {
    skips.push_back(missing_skip(missing.object, missing.namer_type, missing.namer, missing.as));
  }
  for (const std::string& name : submodules_) skips.push_back(submodule_skip(name));
  return skips;
}

std::string HistoryResume::encode() const {
  if (new_->objects().size() < kManyNew && !files_.verified && !files_.repacked) return {};
  return encode_history({now_.folders, store_.objects(), log_, locator_->graph(), missing_, submodules_, stands_});
}

}  // namespace keytrail::git
