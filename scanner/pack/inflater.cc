#include "scanner/pack/inflater.h"

#include <libdeflate.h>

namespace keytrail::pack {

void Inflater::Free::operator()(libdeflate_decompressor* decompressor) const noexcept {
  libdeflate_free_decompressor(decompressor);
}

Inflater::Inflater() : decompressor_(libdeflate_alloc_decompressor()) {}

bool Inflater::inflate(std::string_view packed, char* out, std::size_t size) {
  std::size_t consumed = 0;
  return libdeflate_zlib_decompress_ex(decompressor_.get(), packed.data(), packed.size(), out, size, &consumed,
                                       nullptr) == LIBDEFLATE_SUCCESS;
}

Inflater::Inflated Inflater::inflate_up_to(std::string_view packed, char* out, std::size_t capacity) {
  Inflated inflated;
  const libdeflate_result result = libdeflate_zlib_decompress_ex(decompressor_.get(), packed.data(), packed.size(), out,
                                                                 capacity, &inflated.consumed, &inflated.size);
  if (result == LIBDEFLATE_SUCCESS) inflated.end = Inflated::End::good;
  if (result == LIBDEFLATE_INSUFFICIENT_SPACE) inflated.end = Inflated::End::no_room;
  return inflated;
}

bool plausible_size(std::size_t packed, std::uint64_t size) { return size / 1032 <= packed; }

std::uint32_t fast_crc32(std::string_view bytes) { return libdeflate_crc32(0, bytes.data(), bytes.size()); }

}  // namespace keytrail::pack
