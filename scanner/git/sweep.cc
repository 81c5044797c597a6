#include "scanner/git/sweep.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "scanner/base/thread.h"
#include "scanner/git/raw_objects.h"
#include "scanner/pack/pack_walk.h"

namespace keytrail::git {
namespace {

constexpr std::size_t kSlice = 256;

// Calls work(i) for each i below `count`, in slices that threads take one after the other, so that each thread reads
// runs of neighbours in a pack.
template <typename Work>
void in_slices(std::size_t count, std::atomic<std::size_t>& next, const core::Sink& sink, Work work) {
  while (!sink.cancelled()) {
    const std::size_t begin = next.fetch_add(kSlice);
    if (begin >= count) return;
    for (std::size_t i = begin; i < std::min(begin + kSlice, count); ++i) work(i);
  }
}

void report(const Error& error, unsigned worker, core::Sink& sink) {
  core::Skip skip = skip_of(error);
  sink.skip(worker, skip.reason, std::move(skip.path), std::move(skip.detail));
}

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
    core::BlobOrigin origin;
    origin.kind = kind;
    origin.object = store_.objects().name(object).id();
    return sink_.derived_blob(worker_, {bytes, &origin}, derivation);
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

// Objects of one pack, as the pack walk brings them.
class WalkVisitor : public pack::ObjectVisitor {
 public:
  WalkVisitor(ObjectStore& store, std::size_t place, core::Sink& sink,
              std::vector<std::unique_ptr<Deliverer>>& deliverers)
      : store_(store), place_(place), sink_(sink), deliverers_(deliverers) {}

  std::unique_ptr<core::BlobState> visit(unsigned worker, const pack::WalkedObject& walked) override {
    const ObjectNumber object = store_.number_of(place_, walked);
    // What an earlier place has too is delivered there; here it is a base at most.
    if (object == kNoObject) return nullptr;
    return deliverers_[worker]->deliver(object, to_type(walked.type), walked.bytes,
                                        {walked.base, walked.base_size, walked.copies, walked.is_base});
  }
  void lost(unsigned worker, std::string_view raw_id, bool over_limit, const std::string& what) override {
    report_lost(store_, place_, raw_id, over_limit, what, worker, sink_);
  }
  bool cancelled() const override { return sink_.cancelled(); }

 private:
  static ObjectType to_type(pack::ObjectType type) {
    switch (type) {
      case pack::ObjectType::commit:
        return ObjectType::commit;
      case pack::ObjectType::tree:
        return ObjectType::tree;
      case pack::ObjectType::tag:
        return ObjectType::tag;
      default:
        return ObjectType::blob;
    }
  }

  ObjectStore& store_;
  std::size_t place_;
  core::Sink& sink_;
  std::vector<std::unique_ptr<Deliverer>>& deliverers_;
};

}  // namespace

void report_lost(const ObjectStore& store, std::size_t place, std::string_view raw_id, bool over_limit,
                 const std::string& what, unsigned worker, core::Sink& sink) {
  const ObjectName name = ObjectName::from_bytes(raw_id.data());
  const ObjectNumber object = store.objects().find(name);
  if (object == kNoObject || store.place_of(object) != place) return;
  sink.skip(worker, over_limit ? core::SkipReason::budget : core::SkipReason::corrupt_object, name.hex(), what);
}

CommitLog sweep(ObjectStore& store, const std::vector<ObjectName>& shallow, core::Sink& sink, unsigned threads) {
  std::vector<std::unique_ptr<Deliverer>> deliverers;
  for (unsigned i = 0; i < threads; ++i) deliverers.push_back(std::make_unique<Deliverer>(store, shallow, sink, i));
  std::vector<bool> walked(store.places().size());
  for (std::size_t place = 0; place < walked.size(); ++place) {
    if (!store.places()[place].walkable()) continue;
    walked[place] = true;
    sink.expect(objects_to_walk(*store.places()[place].pack), 0);
    WalkVisitor visitor(store, place, sink, deliverers);
    pack::WalkOptions options;
    options.threads = threads;
    options.commits = options.blobs = options.tags = true;
    pack::walk_pack(*store.places()[place].pack, options, visitor);
  }
  std::atomic<std::size_t> next{0};
  run_workers(threads, [&](unsigned worker) {
    ObjectReader reader(store);
    in_slices(store.readable_objects(), next, sink, [&](std::size_t i) {
      const auto object = static_cast<ObjectNumber>(i);
      if (walked[store.place_of(object)]) return;
      const Result<ObjectReader::Object> read = reader.read(object);
      if (!read) return report(read.error(), worker, sink);
      (void)deliverers[worker]->deliver(object, read->type, read->bytes, {});
    });
  });
  CommitLog log;
  for (const auto& deliverer : deliverers) log.merge(std::move(deliverer->log()));
  log.finish();
  return log;
}

}  // namespace keytrail::git
