#include "scanner/base/checked.h"

namespace keytrail {
namespace {

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

}  // namespace

std::optional<std::string_view> ByteReader::take(std::size_t count) {
  if (count > remaining()) return std::nullopt;
  const std::string_view taken = bytes_.substr(position_, count);
  position_ += count;
  return taken;
}

std::optional<std::uint8_t> ByteReader::u8() {
  const auto taken = take(1);
  if (!taken) return std::nullopt;
  return static_cast<std::uint8_t>(taken->front());
}

std::optional<std::uint32_t> ByteReader::u32() {
  const auto taken = take(4);
  if (!taken) return std::nullopt;
  return static_cast<std::uint32_t>(big_endian(*taken));
}

std::optional<std::uint64_t> ByteReader::u64() {
  const auto taken = take(8);
  if (!taken) return std::nullopt;
  return big_endian(*taken);
}

std::optional<std::uint32_t> ByteReader::u32_little() {
  const auto value = u32();
  if (!value) return std::nullopt;
  return __builtin_bswap32(*value);
}

std::optional<std::string_view> ByteReader::until(char delimiter) {
  const std::size_t end = bytes_.find(delimiter, position_);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view taken = bytes_.substr(position_, end - position_);
  position_ = end + 1;
  return taken;
}

}  // namespace keytrail
