// ByteReader: reads integers and runs out of hostile bytes. Every read says whether there was enough left; after a read
// that failed the position has not moved. Big-endian unless the name says otherwise. Owns nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace keytrail {

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  bool at_end() const { return remaining() == 0; }

  std::optional<std::uint8_t> u8();
  std::optional<std::uint32_t> u32();
  std::optional<std::uint64_t> u64();
  std::optional<std::uint32_t> u32_little();
  std::optional<std::string_view> take(std::size_t count);
  // The bytes before the next `delimiter`, which is consumed; nothing when there is none.
  std::optional<std::string_view> until(char delimiter);

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
};

}  // namespace keytrail
