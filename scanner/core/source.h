// Sources produce blobs; the sink scans them. Sources know nothing of rules.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/blob.h"
#include "scanner/core/skip.h"

namespace keytrail::core {

// What a sink learned of a blob, for blobs that are made from it. Belongs to the source while it needs it.
class BlobState {
 public:
  BlobState() = default;
  BlobState(const BlobState&) = delete;
  BlobState& operator=(const BlobState&) = delete;
  virtual ~BlobState() = default;
};

// How a blob came to be: from a base of which runs were copied.
struct Derivation {
  const BlobState* base = nullptr;  // what derived_blob() returned for the base; null: nothing
  std::uint64_t base_size = 0;
  const std::vector<Copy>* copies = nullptr;  // ascending; null: the blob is made from nothing
  bool keep = false;                          // others are made from this one: return what was learned
};

// Where a source puts what it finds. Methods with a `worker` may be called from several threads at once, each with a
// number of its own below the number of threads that the source was given.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  // Scans bytes that are in memory. Opens them when they are an archive.
  virtual void blob(unsigned worker, const Blob& blob) = 0;
  // The same, with less work where `derivation` tells what has been scanned already. The result does not depend on it.
  virtual std::unique_ptr<BlobState> derived_blob(unsigned worker, const Blob& blob, const Derivation& derivation) {
    (void)derivation;
    this->blob(worker, blob);
    return nullptr;
  }
  // Scans bytes of any number in bounded memory. An error of the stream is reported as `unreadable` by the sink.
  virtual void stream(unsigned worker, const BlobOrigin& origin, ByteStream& bytes) = 0;
  // Says that something was seen and not scanned.
  virtual void skip(unsigned worker, SkipReason reason, std::string path, std::string detail) = 0;

  // Adds to what is known to come, for the progress display; zero when unknown.
  virtual void expect(std::uint64_t blobs, std::uint64_t bytes) = 0;
  // True once the user has interrupted: return soon, keeping what was found.
  virtual bool cancelled() const = 0;
};

class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  // Produces everything into `sink` from up to `threads` threads (workers 0 … threads - 1) and returns when all is
  // done. An error means that the source as a whole could not be read; anything smaller is a skip.
  virtual Status run(Sink& sink, unsigned threads) = 0;
};

// Takes containers apart. One instance serves all threads.
class Expander {
 public:
  Expander() = default;
  Expander(const Expander&) = delete;
  Expander& operator=(const Expander&) = delete;
  virtual ~Expander() = default;

  // Whether bytes that begin like this (at least the first kHeadBytes, or all there are) are an archive. Cheap: it is
  // asked for every blob.
  virtual bool recognises(std::string_view head) const = 0;
  static constexpr std::size_t kHeadBytes = 512;

  // Hands every member to `sink` as a stream or blob with the path "<origin.path>!/<member>", members of members too,
  // within its limits. What it could not open or had to cut is reported as a skip.
  virtual void expand(unsigned worker, const BlobOrigin& origin, ByteStream& bytes, Sink& sink) const = 0;
};

}  // namespace keytrail::core
