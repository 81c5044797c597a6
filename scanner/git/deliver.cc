#include "scanner/git/deliver.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "scanner/base/thread.h"
#include "scanner/git/object_store.h"
#include "scanner/git/packed_delivery.h"
#include "scanner/git/raw_objects.h"

namespace keytrail::git {
namespace {

// Neighbours are versions of the same files, which stand near each other in a pack.
constexpr std::size_t kSlice = 16;

void report(const Error& error, const Delivery& delivery, unsigned worker, core::Sink& sink) {
  core::Skip skip = skip_of(error);
  if (!delivery.origin.path.empty()) {
    skip.detail = "object " + skip.path + ": " + skip.detail;
    skip.path = delivery.origin.path;
  }
  sink.skip(worker, skip.reason, std::move(skip.path), std::move(skip.detail));
}

void hand_over(Lookup& lookup, const Delivery& delivery, unsigned worker, core::Sink& sink) {
  const bool is_message = delivery.origin.kind == core::BlobKind::commit_message;
  const bool is_tag = delivery.origin.kind == core::BlobKind::tag_message;
  const ObjectType type = is_message ? ObjectType::commit : is_tag ? ObjectType::tag : ObjectType::blob;
  const Result<Lookup::Object> object = lookup.read(delivery.object, type);
  if (!object) return report(object.error(), delivery, worker, sink);
  if (object->stream != nullptr) {
    sink.stream(worker, delivery.origin, *object->stream);
    const std::optional<Error>& failure = object->stream->failure();
    if (failure)
      report(make_error(ErrorCode::corrupt, failure->message, delivery.object.hex()), delivery, worker, sink);
    return;
  }
  std::string_view bytes = object->bytes;
  if (is_message) {
    if (const std::optional<RawCommit> raw = parse_commit(bytes)) bytes = raw->message;
  }
  if (is_tag) {
    if (const std::optional<RawTag> raw = parse_tag(bytes)) bytes = raw->message;
  }
  sink.blob(worker, {bytes, &delivery.origin});
}

}  // namespace

core::BlobOrigin origin_of_blob(const ObjectName& object) { return {core::BlobKind::git_blob, {}, object.id()}; }

core::BlobOrigin origin_of_message(const ObjectName& commit) {
  return {core::BlobKind::commit_message, {}, commit.id()};
}

core::BlobOrigin origin_of_tag(const ObjectName& tag) { return {core::BlobKind::tag_message, {}, tag.id()}; }

void in_slices(Lookup& own, const std::vector<std::string>& folders, std::size_t count, std::size_t slice,
               const core::Sink& sink, unsigned threads, const LookupWork& work) {
  std::vector<Lookup> others;
  while (1 + others.size() < std::min<std::size_t>(threads, (count + slice - 1) / slice)) {
    Result<Lookup> opened = Lookup::open(folders);
    if (!opened) break;  // fewer threads then
    others.push_back(std::move(*opened));
  }
  std::atomic<std::size_t> next{0};
  run_workers(static_cast<unsigned>(1 + others.size()), [&](unsigned worker) {
    Lookup& lookup = worker == 0 ? own : others[worker - 1];
    while (!sink.cancelled()) {
      const std::size_t begin = next.fetch_add(slice);
      if (begin >= count) return;
      for (std::size_t i = begin; i < std::min(begin + slice, count); ++i) work(lookup, worker, i);
    }
  });
}

void deliver(Lookup& own, const std::vector<std::string>& folders, const std::vector<Delivery>& deliveries,
             core::Sink& sink, unsigned threads) {
  if (deliveries.empty()) return;
  sink.expect(deliveries.size(), 0);
  const std::vector<Delivery> left = deliver_packed(folders, deliveries, sink, threads);
  in_slices(own, folders, left.size(), kSlice, sink, threads,
            [&](Lookup& lookup, unsigned worker, std::size_t i) { hand_over(lookup, left[i], worker, sink); });
}

}  // namespace keytrail::git
