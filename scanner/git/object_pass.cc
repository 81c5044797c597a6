#include "scanner/git/object_pass.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "scanner/base/thread.h"

namespace keytrail::git {
namespace {

constexpr std::size_t kSlice = 256;
// How often chains may go from one place to another and on. More than a handful is made by hand.
constexpr int kMaxRounds = 1000;
// For the reading of bases, see pack::EntryReader: half a minute.
constexpr std::uint64_t kMaxWork = 20'000'000;

// Calls use(rank) for everything that is made from `rank`, itself first, bases before what is made from them.
template <typename Use>
void for_each_below(const pack::PackFile& pack, pack::Rank rank, Use use) {
  std::vector<pack::Rank> pending = {rank};
  while (!pending.empty()) {
    const pack::Rank next = pending.back();
    pending.pop_back();
    use(next);
    for (pack::Rank child = pack.first_child(next); child != pack::kNoRank; child = pack.next_sibling(child)) {
      pending.push_back(child);
    }
  }
}

pack::GraftBase to_graft_base(const ObjectReader::Object& read) {
  pack::GraftBase base;
  base.type = to_pack_type(read.type);
  base.size = read.bytes.size();
  base.text = Buffer(base.size);
  std::copy(read.bytes.begin(), read.bytes.end(), base.text.data());
  return base;
}

}  // namespace

// Objects of one pack, as the pack walk brings them.
class ObjectPass::Visitor : public pack::ObjectVisitor {
 public:
  Visitor(ObjectPass& pass, std::size_t place) : pass_(pass), place_(static_cast<std::uint32_t>(place)) {}

  std::unique_ptr<core::BlobState> visit(unsigned worker, const pack::WalkedObject& walked) override {
    const ObjectNumber object = pass_.store_.number_of(place_, walked);
    // What an earlier place has delivered is a base at most here.
    if (object == kNoObject || !pass_.claims_.take(object)) return nullptr;
    return pass_.receiver_.receive(worker, object, to_type(walked.type), walked.bytes,
                                   {walked.base, walked.base_size, walked.copies, walked.is_base});
  }
  void visit_stream(unsigned worker, std::string_view raw_id, pack::ZlibStream& bytes) override {
    const ObjectNumber object = number(raw_id);
    if (object != kNoObject && pass_.claims_.take(object)) pass_.receive_stream(object, bytes, worker);
  }
  void lost(unsigned worker, std::string_view raw_id, bool over_limit, const std::string& what) override {
    const ObjectNumber object = number(raw_id);
    if (object == kNoObject) return;
    const auto reason = over_limit ? core::SkipReason::budget : core::SkipReason::corrupt_object;
    pass_.found_[worker].push_back({object, place_, pass_.store_.places()[place_].pack->find(raw_id), reason, what});
  }
  bool cancelled() const override { return pass_.sink_.cancelled(); }

 private:
  ObjectNumber number(std::string_view raw_id) const {
    return pass_.store_.objects().find(ObjectName::from_bytes(raw_id.data()));
  }

  ObjectPass& pass_;
  std::uint32_t place_;
};

ObjectPass::ObjectPass(ObjectStore& store, Kind kind, Receiver& receiver, core::Sink& sink, unsigned threads)
    : store_(store),
      kind_(kind),
      receiver_(receiver),
      sink_(sink),
      threads_(threads),
      claims_(store.objects().size()),
      found_(threads) {}

pack::WalkOptions ObjectPass::options() const {
  pack::WalkOptions options;
  options.threads = threads_;
  options.trees = kind_ == Kind::trees;
  options.commits = options.blobs = options.tags = kind_ == Kind::all_but_trees;
  return options;
}

bool ObjectPass::is_of_this_pass(ObjectNumber object) const {
  return (store_.objects().type(object) == ObjectType::tree) == (kind_ == Kind::trees);
}

void ObjectPass::walk(std::size_t place) {
  if (store_.places()[place].pack == nullptr) return;
  Visitor visitor(*this, place);
  pack::walk_pack(*store_.places()[place].pack, options(), visitor);
}

std::vector<ObjectNumber> ObjectPass::others() const {
  std::vector<ObjectNumber> objects;
  for (const ObjectStore::Place& place : store_.places()) {
    if (place.pack != nullptr) continue;
    for (ObjectNumber object = place.begin; object < place.end; ++object) {
      if (is_of_this_pass(object) && !claims_.taken(object)) objects.push_back(object);
    }
  }
  return objects;
}

void ObjectPass::read_others() {
  const std::vector<ObjectNumber> objects = others();
  if (objects.empty()) return;
  std::atomic<std::size_t> next{0};
  run_workers(threads_, [&](unsigned worker) {
    ObjectReader reader(store_);
    // In slices, so that each thread reads runs of neighbours.
    while (!sink_.cancelled()) {
      const std::size_t begin = next.fetch_add(kSlice);
      const std::size_t end = std::min(begin + kSlice, objects.size());
      for (std::size_t i = begin; i < end; ++i) read_other(reader, objects[i], worker);
      if (begin >= objects.size()) return;
    }
  });
}

void ObjectPass::read_other(ObjectReader& reader, ObjectNumber object, unsigned worker) {
  const Result<ObjectReader::Object> read = reader.read(object);
  if (read) return accept(*read, object, worker);
  core::Skip skip = skip_of(read.error());
  const auto place = static_cast<std::uint32_t>(store_.place_of(object));
  found_[worker].push_back({object, place, pack::kNoRank, skip.reason, std::move(skip.detail)});
}

void ObjectPass::accept(const ObjectReader::Object& read, ObjectNumber object, unsigned worker) {
  if (kind_ == Kind::all_but_trees && read.type == ObjectType::tree) {
    return store_.objects().set_type(object, ObjectType::tree);
  }
  if ((read.type == ObjectType::tree) != (kind_ == Kind::trees) || !claims_.take(object)) return;
  if (read.stream == nullptr) {
    (void)receiver_.receive(worker, object, read.type, read.bytes, {});
    return;
  }
  receive_stream(object, *read.stream, worker);
}

// What comes before damage has been scanned by then: it is named, and not read from anywhere else.
void ObjectPass::receive_stream(ObjectNumber object, pack::ZlibStream& bytes, unsigned worker) {
  receiver_.receive_stream(worker, object, bytes);
  if (!bytes.failure()) return;
  sink_.skip(worker, core::SkipReason::corrupt_object, store_.objects().name(object).hex(), bytes.failure()->message);
}

// What hangs in no tree of the pack, and what is not in it at all.
void ObjectPass::add_strays(std::size_t place) {
  const pack::PackFile& pack = *store_.places()[place].pack;
  const auto number = [&](std::string_view raw_id) {
    return store_.objects().find(ObjectName::from_bytes(raw_id.data()));
  };
  const auto where = static_cast<std::uint32_t>(place);
  for (const pack::PackFile::Stray& stray : pack.strays()) {
    for_each_below(pack, stray.rank, [&](pack::Rank rank) {
      const bool itself = rank == stray.rank;
      losses_.push_back({number(pack.raw_id(rank)), where, rank, core::SkipReason::corrupt_object,
                         itself ? stray.what : "it is stored as a delta of an object that cannot be read"});
    });
  }
  for (const std::uint32_t position : pack.lost()) {
    losses_.push_back({number(pack.index().raw_id(position)), where, pack::kNoRank,
                       pack.is_gone() ? core::SkipReason::missing_object : core::SkipReason::corrupt_object,
                       pack.lost_reason()});
  }
}

std::vector<ObjectPass::Loss> ObjectPass::take_losses() {
  std::vector<Loss> all;
  for (std::vector<Loss>& found : found_) {
    std::move(found.begin(), found.end(), std::back_inserter(all));
    found.clear();
  }
  return all;
}

// Where all is well, the types of trees that stand in packs are not known before they are walked.
void ObjectPass::mark_trees() {
  for (const ObjectStore::Place& place : store_.places()) {
    if (place.pack == nullptr) continue;
    for (const pack::PackFile::Root& root : place.pack->roots()) {
      if (root.type != pack::ObjectType::tree) continue;
      for_each_below(*place.pack, root.rank, [&](pack::Rank rank) {
        const ObjectNumber object = store_.objects().find(ObjectName::from_bytes(place.pack->raw_id(rank).data()));
        if (object != kNoObject) store_.objects().set_type(object, ObjectType::tree);
      });
    }
  }
}

void ObjectPass::read_loose_copies() {
  ObjectReader reader(store_);
  for (const Loss& loss : losses_) {
    if (sink_.cancelled()) return;
    if (claims_.taken(loss.object) || !is_of_this_pass(loss.object)) continue;
    const Result<ObjectReader::Object> read = reader.read_loose(store_.objects().name(loss.object));
    if (read) accept(*read, loss.object, 0);
  }
}

ObjectNumber ObjectPass::base_of(const Loss& loss) const {
  const pack::PackFile* pack = store_.places()[loss.place].pack.get();
  if (pack == nullptr || loss.rank == pack::kNoRank) return kNoObject;
  const pack::PackFile::Origin origin = pack->origin(loss.rank);
  if (origin.base != pack::kNoRank) {
    return store_.objects().find(ObjectName::from_bytes(pack->raw_id(origin.base).data()));
  }
  return origin.base_id.empty() ? kNoObject : store_.objects().find(ObjectName::from_bytes(origin.base_id.data()));
}

// Walks what is made from objects that have been delivered, and takes it out of `pending`. Whether there was any.
bool ObjectPass::graft(std::size_t place, std::vector<Loss*>& pending, std::vector<ObjectReader>& readers) {
  std::map<ObjectNumber, pack::Graft> grafts;
  bool progress = false;
  std::erase_if(pending, [&](const Loss* loss) {
    if (claims_.taken(loss->object) || !is_of_this_pass(loss->object)) return true;
    const ObjectNumber base = base_of(*loss);
    if (base == kNoObject) return true;
    if (kind_ == Kind::all_but_trees && store_.objects().type(base) == ObjectType::tree) {
      store_.objects().set_type(loss->object, ObjectType::tree);
      progress = true;
      return true;
    }
    if (!claims_.taken(base)) return false;
    pack::Graft& graft = grafts[base];
    graft.raw_base_id = store_.objects().name(base).id().raw();
    graft.ranks.push_back(loss->rank);
    return true;
  });
  if (grafts.empty()) return progress;
  std::vector<pack::Graft> list;
  list.reserve(grafts.size());
  for (auto& [base, graft] : grafts) list.push_back(std::move(graft));
  const pack::ReadGraftBase read_base = [&](unsigned worker,
                                            const pack::Graft& graft) -> std::optional<pack::GraftBase> {
    const auto base = readers[worker].read(store_.objects().find(ObjectName::from_bytes(graft.raw_base_id.data())));
    if (!base || base->stream != nullptr) return std::nullopt;
    return to_graft_base(*base);
  };
  Visitor visitor(*this, place);
  pack::walk_grafts(*store_.places()[place].pack, list, read_base, options(), visitor);
  return true;
}

std::string ObjectPass::why(const Loss& loss) const {
  const pack::PackFile* pack = store_.places()[loss.place].pack.get();
  if (pack == nullptr || loss.rank == pack::kNoRank) return loss.what;
  const pack::PackFile::Origin origin = pack->origin(loss.rank);
  if (origin.base_id.empty()) return loss.what;
  const ObjectName base = ObjectName::from_bytes(origin.base_id.data());
  const bool known = store_.objects().find(base) != kNoObject;
  return "its delta base " + base.hex() + (known ? " cannot be read" : " is not in the repository");
}

void ObjectPass::name_lost() {
  std::stable_sort(losses_.begin(), losses_.end(), [](const Loss& a, const Loss& b) {
    return std::tie(a.object, a.place) < std::tie(b.object, b.place);
  });
  ObjectNumber last = kNoObject;
  for (const Loss& loss : losses_) {
    if (loss.object == last || claims_.taken(loss.object) || !is_of_this_pass(loss.object)) continue;
    last = loss.object;
    sink_.skip(0, loss.reason, store_.objects().name(loss.object).hex(), why(loss));
  }
}

void ObjectPass::salvage() {
  for (std::size_t place = 0; place < store_.places().size(); ++place) {
    if (store_.places()[place].pack != nullptr) add_strays(place);
  }
  std::vector<Loss> walked = take_losses();
  std::move(walked.begin(), walked.end(), std::back_inserter(losses_));
  if (!losses_.empty()) store_.set_damaged();
  std::erase_if(losses_, [this](const Loss& loss) { return loss.object == kNoObject || claims_.taken(loss.object); });
  if (losses_.empty() || sink_.cancelled()) return;
  mark_trees();
  read_loose_copies();
  std::vector<std::vector<Loss*>> pending(store_.places().size());
  for (Loss& loss : losses_) {
    if (loss.rank != pack::kNoRank) pending[loss.place].push_back(&loss);
  }
  std::vector<ObjectReader> readers;
  for (unsigned i = 0; i < threads_; ++i) readers.emplace_back(store_, kMaxWork);
  bool progress = true;
  for (int round = 0; round < kMaxRounds && progress; ++round) {
    progress = false;
    for (std::size_t place = 0; place < store_.places().size() && !sink_.cancelled(); ++place) {
      if (!pending[place].empty()) progress = graft(place, pending[place], readers) || progress;
    }
  }
  // What was lost again was lost before, or hangs below what was.
  (void)take_losses();
  if (!sink_.cancelled()) name_lost();
}

}  // namespace keytrail::git
