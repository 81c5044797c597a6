#include "scanner/git/sweep.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <utility>

#include "scanner/base/thread.h"
#include "scanner/git/raw_objects.h"

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

// Finds objects by name through a small table of those found last: versions of a tree have most of their entries in
// common, and the whole index does not fit the processor's cache.
class CachedIndex {
 public:
  explicit CachedIndex(const ObjectIndex& objects) : objects_(objects), recent_(kSlots) {}

  bool has(const ObjectName& name) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, name.bytes.data(), sizeof bits);
    ObjectName& slot = recent_[bits & (kSlots - 1)];
    if (slot == name && name != ObjectName{}) return true;
    if (objects_.find(name) == kNoObject) return false;
    slot = name;
    return true;
  }

 private:
  static constexpr std::size_t kSlots = std::size_t{1} << 15;
  const ObjectIndex& objects_;
  std::vector<ObjectName> recent_;
};

class Deliverer {
 public:
  Deliverer(ObjectStore& store, const std::vector<ObjectName>& shallow, core::Sink& sink, unsigned worker)
      : store_(store), shallow_(shallow), sink_(sink), worker_(worker), reader_(store), known_(store.objects()) {}

  void deliver(ObjectNumber object) {
    const Result<ObjectReader::Object> read = reader_.read(object);
    if (!read) return report(read.error(), worker_, sink_);
    store_.objects().set_type(object, read->type);
    switch (read->type) {
      case ObjectType::commit:
        return commit(object, read->bytes);
      case ObjectType::tag:
        return tag(object, read->bytes);
      case ObjectType::tree:
        return tree(object, read->bytes);
      default:
        return hand_over(core::BlobKind::git_blob, object, read->bytes);
    }
  }

  CommitLog& log() { return log_; }

 private:
  void commit(ObjectNumber object, std::string_view bytes) {
    const std::optional<RawCommit> raw = parse_commit(bytes);
    if (raw) log_.add_commit(object, *raw, store_.objects(), shallow_);
    if (!raw) malformed(object, "not a commit: no tree, or parents that cannot be read");
    hand_over(core::BlobKind::commit_message, object, raw ? raw->message : bytes);
  }

  void tag(ObjectNumber object, std::string_view bytes) {
    const std::optional<RawTag> raw = parse_tag(bytes);
    if (raw) log_.add_tag(object, *raw, store_.objects());
    if (!raw) malformed(object, "not a tag: it names no object");
    hand_over(core::BlobKind::tag_message, object, raw ? raw->message : bytes);
  }

  void tree(ObjectNumber object, std::string_view bytes) {
    TreeEntries entries(bytes);
    while (const std::optional<TreeEntry> entry = entries.next()) {
      if (entry->kind == TreeEntry::Kind::submodule || known_.has(entry->object)) continue;
      log_.add_missing(entry->object, object, entry->name);
    }
    if (entries.damaged()) malformed(object, "not a tree to its end");
  }

  void malformed(ObjectNumber object, std::string detail) {
    sink_.skip(worker_, core::SkipReason::corrupt_object, store_.objects().name(object).hex(), std::move(detail));
  }

  void hand_over(core::BlobKind kind, ObjectNumber object, std::string_view bytes) {
    core::BlobOrigin origin;
    origin.kind = kind;
    origin.object = store_.objects().name(object).id();
    sink_.blob(worker_, {bytes, &origin});
  }

  ObjectStore& store_;
  const std::vector<ObjectName>& shallow_;
  core::Sink& sink_;
  unsigned worker_;
  ObjectReader reader_;
  CachedIndex known_;
  CommitLog log_;
};

}  // namespace

CommitLog sweep(ObjectStore& store, const std::vector<ObjectName>& shallow, core::Sink& sink, unsigned threads) {
  std::vector<CommitLog> logs(threads);
  std::atomic<std::size_t> next{0};
  run_workers(threads, [&](unsigned worker) {
    Deliverer deliverer(store, shallow, sink, worker);
    in_slices(store.readable_objects(), next, sink,
              [&](std::size_t i) { deliverer.deliver(static_cast<ObjectNumber>(i)); });
    logs[worker] = std::move(deliverer.log());
  });
  CommitLog log;
  for (CommitLog& part : logs) log.merge(std::move(part));
  log.finish();
  return log;
}

}  // namespace keytrail::git
