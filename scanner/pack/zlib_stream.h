// A zlib stream as a stream of bytes: for what is too large to be inflated at once, in bounded memory, and for looking
// at the begin of what has not said its size yet. libdeflate, which does all the rest, is faster but wants the whole
// result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "scanner/core/blob.h"

namespace keytrail::pack {

class ZlibStream : public core::ByteStream {
 public:
  // `packed` must outlive it; bytes behind the stream are left alone.
  ZlibStream(std::string_view packed, std::uint64_t size);
  ~ZlibStream() override;

  // Damage ends the bytes like their end does, once all before it has been handed out; failure() tells them apart.
  Result<std::size_t> read(char* buffer, std::size_t capacity) override;
  // Damage, or more or less than `size` bytes; nothing when reading has not come to it.
  const std::optional<Error>& failure() const;
  // Bytes of `packed` that were read: once the end is reached, the length of the stream.
  std::size_t consumed() const;
  bool at_end() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace keytrail::pack
