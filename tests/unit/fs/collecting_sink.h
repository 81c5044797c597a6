// A sink that keeps what it is given, and bytes to give it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/base/thread.h"
#include "scanner/core/source.h"

namespace keytrail::test {

class CollectingSink : public core::Sink {
 public:
  // Reads no more than this of a stream, as a sink with a limit does.
  std::uint64_t max_stream_bytes = UINT64_MAX;
  // Keeps the number of a stream's bytes and not the bytes.
  bool keep_streams = true;
  // Says that it is cancelled after so many deliveries.
  std::uint64_t cancel_after = UINT64_MAX;

  void blob(unsigned worker, const core::Blob& blob) override { add(worker, *blob.origin, std::string(blob.bytes)); }

  void stream(unsigned worker, const core::BlobOrigin& origin, core::ByteStream& bytes) override {
    std::string all;
    std::string buffer(std::size_t{64} << 10, '\0');
    std::uint64_t size = 0;
    while (size < max_stream_bytes) {
      const auto got = bytes.read(buffer.data(), buffer.size());
      if (!got) {
        skip(worker, core::SkipReason::unreadable, origin.path, got.error().message);
        break;
      }
      size += *got;
      if (keep_streams) all.append(buffer, 0, *got);
      if (*got < buffer.size()) break;
    }
    {
      const MutexLock lock(mutex_);
      streamed[origin.path] = size;
    }
    add(worker, origin, std::move(all));
  }

  void skip(unsigned worker, core::SkipReason reason, std::string path, std::string detail) override {
    const MutexLock lock(mutex_);
    max_worker = std::max(max_worker, worker);
    skips.push_back({reason, std::move(path), std::move(detail)});
  }

  void expect(std::uint64_t blobs, std::uint64_t) override {
    const MutexLock lock(mutex_);
    expected += blobs;
  }

  bool cancelled() const override { return deliveries_ >= cancel_after; }

  // "reason path", sorted.
  std::vector<std::string> skip_lines() const {
    std::vector<std::string> lines;
    for (const core::Skip& one : skips) lines.push_back(std::string(to_string(one.reason)) + " " + one.path);
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  std::vector<std::string> paths() const {
    std::vector<std::string> out;
    for (const auto& [path, bytes] : delivered) out.push_back(path);
    return out;
  }
  std::string detail_of(std::string_view path) const {
    for (const core::Skip& one : skips) {
      if (one.path == path) return one.detail;
    }
    return "(no skip)";
  }
  std::uint64_t deliveries() const { return deliveries_; }

  // Read when nobody writes any more.
  std::multimap<std::string, std::string> delivered;
  std::map<std::string, std::uint64_t> streamed;
  std::vector<core::BlobOrigin> origins;
  std::vector<core::Skip> skips;
  std::uint64_t expected = 0;
  unsigned max_worker = 0;

 private:
  void add(unsigned worker, const core::BlobOrigin& origin, std::string bytes) {
    const MutexLock lock(mutex_);
    max_worker = std::max(max_worker, worker);
    delivered.emplace(origin.path, std::move(bytes));
    origins.push_back(origin);
    ++deliveries_;
  }

  Mutex mutex_;
  std::atomic<std::uint64_t> deliveries_{0};
};

using Lines = std::vector<std::string>;

}  // namespace keytrail::test
