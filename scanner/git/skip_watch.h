// A sink that passes everything on and remembers what was skipped: what a source said itself, apart from what the sink
// finds out about the blobs that it is given.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scanner/base/thread.h"
#include "scanner/core/source.h"

namespace keytrail::git {

class SkipWatch : public core::Sink {
 public:
  // `skips` are appended to, from any thread, while this is in use.
  SkipWatch(core::Sink& inner, std::vector<core::Skip>& skips) : inner_(inner), skips_(skips) {}

  void blob(unsigned worker, const core::Blob& blob) override { inner_.blob(worker, blob); }
  std::unique_ptr<core::BlobState> derived_blob(unsigned worker, const core::Blob& blob,
                                                const core::Derivation& derivation) override {
    return inner_.derived_blob(worker, blob, derivation);
  }
  void stream(unsigned worker, const core::BlobOrigin& origin, core::ByteStream& bytes) override {
    inner_.stream(worker, origin, bytes);
  }
  void skip(unsigned worker, core::SkipReason reason, std::string path, std::string detail) override EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      skips_.push_back({reason, path, detail});
    }
    inner_.skip(worker, reason, std::move(path), std::move(detail));
  }
  void expect(std::uint64_t blobs, std::uint64_t bytes) override { inner_.expect(blobs, bytes); }
  bool cancelled() const override { return inner_.cancelled(); }

 private:
  core::Sink& inner_;
  Mutex mutex_;
  std::vector<core::Skip>& skips_;
};

}  // namespace keytrail::git
