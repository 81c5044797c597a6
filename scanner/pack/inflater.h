// zlib streams to bytes, through libdeflate. One for a thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

struct libdeflate_decompressor;

namespace keytrail::pack {

class Inflater {
 public:
  Inflater();

  // Inflates the zlib stream at the begin of `packed`, whose result has exactly `size` bytes, into `out`. Bytes behind
  // the stream are left alone. False when it is damaged (its Adler-32 is checked) or gives another number of bytes.
  bool inflate(std::string_view packed, char* out, std::size_t size);

  // The same for a stream that may give less than `capacity` bytes: how many it gave, and its own length.
  struct Inflated {
    enum class End : std::uint8_t { good, damaged, no_room };
    End end = End::damaged;
    std::size_t size = 0;
    std::size_t consumed = 0;
  };
  Inflated inflate_up_to(std::string_view packed, char* out, std::size_t capacity);

 private:
  struct Free {
    void operator()(libdeflate_decompressor* decompressor) const noexcept;
  };
  std::unique_ptr<libdeflate_decompressor, Free> decompressor_;
};

// Whether a stream of `packed` bytes can give `size`: deflate makes at most 1,032 bytes of one. Asked before memory is.
bool plausible_size(std::size_t packed, std::uint64_t size);

// CRC-32 as in pack indexes (that of zlib), at several bytes a cycle.
std::uint32_t fast_crc32(std::string_view bytes);

}  // namespace keytrail::pack
