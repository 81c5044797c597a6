// Inflates gzip through zlib: one member after the other, as gzip itself does.
//
// Not through libarchive, which drops up to 64 KiB that it has inflated when the file ends early: with a log that is
// still being written, or was cut, that is often all of it. Owns zlib's state; the input must outlive it. One thread at
// a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "scanner/base/result.h"
#include "scanner/core/blob.h"

namespace keytrail::fs {

class GzipStream : public core::ByteStream {
 public:
  explicit GzipStream(core::ByteStream& input);
  ~GzipStream() override;
  // What was inflated before an error is given first, and the error with the next call. Errors: corrupt, or what the
  // input failed with.
  Result<std::size_t> read(char* buffer, std::size_t capacity) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace keytrail::fs
