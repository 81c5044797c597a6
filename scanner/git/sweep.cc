#include "scanner/git/sweep.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "scanner/git/object_pass.h"
#include "scanner/git/raw_objects.h"

namespace keytrail::git {
namespace {

// Hands objects over, whoever has read them. One for each thread.
class Deliverer {
 public:
  Deliverer(ObjectStore& store, const std::vector<ObjectName>& shallow, core::Sink& sink, unsigned worker)
      : store_(store), shallow_(shallow), sink_(sink), worker_(worker) {}

  std::unique_ptr<core::BlobState> deliver(ObjectNumber object, ObjectType type, std::string_view bytes,
                                           const core::Derivation& derivation) {
    store_.objects().set_type(object, type);
    switch (type) {
      case ObjectType::commit:
        commit(object, bytes);
        return nullptr;
      case ObjectType::tag:
        tag(object, bytes);
        return nullptr;
      case ObjectType::tree:
        return nullptr;
      default:
        return hand_over(core::BlobKind::git_blob, object, bytes, derivation);
    }
  }

  void deliver_stream(ObjectNumber object, core::ByteStream& bytes) {
    store_.objects().set_type(object, ObjectType::blob);
    sink_.stream(worker_, origin(core::BlobKind::git_blob, object), bytes);
  }

  CommitLog& log() { return log_; }

 private:
  void commit(ObjectNumber object, std::string_view bytes) {
    const std::optional<RawCommit> raw = parse_commit(bytes);
    if (raw) log_.add_commit(object, *raw, store_.objects(), shallow_);
    if (!raw) malformed(object, "not a commit: no tree, or parents that cannot be read");
    hand_over(core::BlobKind::commit_message, object, raw ? raw->message : bytes, {});
  }

  void tag(ObjectNumber object, std::string_view bytes) {
    const std::optional<RawTag> raw = parse_tag(bytes);
    if (raw) log_.add_tag(object, *raw, store_.objects());
    if (!raw) malformed(object, "not a tag: it names no object");
    hand_over(core::BlobKind::tag_message, object, raw ? raw->message : bytes, {});
  }

  void malformed(ObjectNumber object, std::string detail) {
    sink_.skip(worker_, core::SkipReason::corrupt_object, store_.objects().name(object).hex(), std::move(detail));
  }

  std::unique_ptr<core::BlobState> hand_over(core::BlobKind kind, ObjectNumber object, std::string_view bytes,
                                             const core::Derivation& derivation) {
    const core::BlobOrigin where = origin(kind, object);
    return sink_.derived_blob(worker_, {bytes, &where}, derivation);
  }

  core::BlobOrigin origin(core::BlobKind kind, ObjectNumber object) const {
    core::BlobOrigin origin;
    origin.kind = kind;
    origin.object = store_.objects().name(object).id();
    return origin;
  }

  ObjectStore& store_;
  const std::vector<ObjectName>& shallow_;
  core::Sink& sink_;
  unsigned worker_;
  CommitLog log_;
};

// How many objects the walk of a pack will deliver: those that are no trees.
std::uint64_t objects_to_walk(const pack::PackFile& pack) {
  std::uint64_t count = 0;
  std::vector<pack::Rank> pending;
  for (const pack::PackFile::Root& root : pack.roots()) {
    if (root.type != pack::ObjectType::tree) pending.push_back(root.rank);
    while (!pending.empty()) {
      const pack::Rank rank = pending.back();
      pending.pop_back();
      ++count;
      for (pack::Rank child = pack.first_child(rank); child != pack::kNoRank; child = pack.next_sibling(child)) {
        pending.push_back(child);
      }
    }
  }
  return count;
}

class SweepReceiver : public Receiver {
 public:
  explicit SweepReceiver(std::vector<std::unique_ptr<Deliverer>>& deliverers) : deliverers_(deliverers) {}

  std::unique_ptr<core::BlobState> receive(unsigned worker, ObjectNumber object, ObjectType type,
                                           std::string_view bytes, const core::Derivation& derivation) override {
    return deliverers_[worker]->deliver(object, type, bytes, derivation);
  }
  void receive_stream(unsigned worker, ObjectNumber object, core::ByteStream& bytes) override {
    deliverers_[worker]->deliver_stream(object, bytes);
  }

 private:
  std::vector<std::unique_ptr<Deliverer>>& deliverers_;
};

}  // namespace

CommitLog sweep(ObjectStore& store, const std::vector<ObjectName>& shallow, core::Sink& sink, unsigned threads) {
  std::vector<std::unique_ptr<Deliverer>> deliverers;
  for (unsigned i = 0; i < threads; ++i) deliverers.push_back(std::make_unique<Deliverer>(store, shallow, sink, i));
  SweepReceiver receiver(deliverers);
  ObjectPass pass(store, ObjectPass::Kind::all_but_trees, receiver, sink, threads);
  for (std::size_t place = 0; place < store.places().size(); ++place) {
    if (store.places()[place].pack == nullptr) continue;
    sink.expect(objects_to_walk(*store.places()[place].pack), 0);
    pass.walk(place);
  }
  pass.read_others();
  pass.salvage();
  CommitLog log;
  for (const auto& deliverer : deliverers) log.merge(std::move(deliverer->log()));
  log.finish();
  return log;
}

}  // namespace keytrail::git
