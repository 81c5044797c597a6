// Byte streams over descriptors and over other streams. None owns what it reads from, which must outlive it. One thread
// at a time. Streams that only this folder reads may give what they have before an error first, fewer bytes than were
// asked for, and the error with the next call: read them until they give nothing.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "scanner/base/result.h"
#include "scanner/core/blob.h"
#include "scanner/core/source.h"

namespace keytrail::fs {

// Reads a file, a pipe or a terminal. With a `sink` it waits no longer than a moment at a time and ends when the user
// has interrupted; without one a read blocks.
class DescriptorStream : public core::ByteStream {
 public:
  DescriptorStream(int fd, std::string subject, const core::Sink* sink = nullptr)
      : fd_(fd), subject_(std::move(subject)), sink_(sink) {}
  Result<std::size_t> read(char* buffer, std::size_t capacity) override;

 private:
  bool wait_for_bytes() const;  // false once interrupted

  int fd_;
  std::string subject_;
  const core::Sink* sink_;
  bool at_end_ = false;
};

// Lets its user look at the first bytes before reading them. Gives what it has before an error.
class PeekStream : public core::ByteStream {
 public:
  explicit PeekStream(core::ByteStream& inner) : inner_(inner) {}
  // The first Expander::kHeadBytes, fewer at the end or before an error. Legal until the first read.
  std::string_view head();
  Result<std::size_t> read(char* buffer, std::size_t capacity) override;

 private:
  core::ByteStream& inner_;
  std::array<char, core::Expander::kHeadBytes> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool filled_ = false;
  std::optional<Error> failure_;
};

}  // namespace keytrail::fs
