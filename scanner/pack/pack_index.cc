#include "scanner/pack/pack_index.h"

#include <cstring>

#include "scanner/base/digest.h"

namespace keytrail::pack {
namespace {

constexpr std::string_view kMagic = "\377tOc";
constexpr std::size_t kFanoutBytes = std::size_t{256} * 4;

std::uint32_t big_endian32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return __builtin_bswap32(value);
}

std::uint64_t big_endian64(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return __builtin_bswap64(value);
}

}  // namespace

Result<PackIndex> PackIndex::parse(std::string_view bytes, std::size_t hash_size, const std::string& subject) {
  const auto corrupt = [&](const char* what) { return make_error(ErrorCode::corrupt, what, subject); };
  PackIndex index;
  index.bytes_ = bytes;
  index.hash_size_ = hash_size;
  const bool has_magic = bytes.substr(0, 4) == kMagic;
  index.fanout_at_ = has_magic ? 8 : 0;
  const std::size_t trailer = 2 * hash_size;
  if (bytes.size() < index.fanout_at_ + kFanoutBytes + trailer) return corrupt("pack index is too short");
  index.version_ = has_magic ? big_endian32(bytes, 4) : 1;
  if (index.version_ > 2 || (has_magic && index.version_ != 2)) {
    return make_error(ErrorCode::unsupported, "pack index of version " + std::to_string(index.version_), subject);
  }
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < 256; ++i) {
    const std::uint32_t count = big_endian32(bytes, index.fanout_at_ + 4 * i);
    if (count < last) return corrupt("pack index: its fan-out does not ascend");
    last = count;
  }
  index.count_ = last;
  const std::size_t body_at = index.fanout_at_ + kFanoutBytes;
  const std::size_t body = bytes.size() - body_at - trailer;
  const std::size_t count = index.count_;
  const std::size_t entry_bytes = hash_size + (index.version_ == 1 ? 4 : 8);
  if (body / entry_bytes < count) return corrupt("pack index is shorter than its count says");
  index.ids_at_ = index.version_ == 1 ? body_at + 4 : body_at;
  if (index.version_ == 2) {
    index.crcs_at_ = body_at + count * hash_size;
    index.offsets_at_ = index.crcs_at_ + count * 4;
    index.long_offsets_at_ = index.offsets_at_ + count * 4;
    index.long_offsets_ = (bytes.size() - trailer - index.long_offsets_at_) / 8;
  }
  return index;
}

std::string_view PackIndex::raw_id(std::uint32_t position) const {
  const std::size_t step = version_ == 1 ? hash_size_ + 4 : hash_size_;
  return bytes_.substr(ids_at_ + position * step, hash_size_);
}

std::optional<std::uint64_t> PackIndex::offset(std::uint32_t position) const {
  if (version_ == 1) return big_endian32(bytes_, ids_at_ - 4 + position * (hash_size_ + 4));
  const std::uint32_t offset = big_endian32(bytes_, offsets_at_ + std::size_t{4} * position);
  if ((offset & 0x80000000U) == 0) return offset;
  const std::size_t slot = offset & 0x7FFFFFFFU;
  if (slot >= long_offsets_) return std::nullopt;
  return big_endian64(bytes_, long_offsets_at_ + 8 * slot);
}

std::optional<std::uint32_t> PackIndex::crc(std::uint32_t position) const {
  if (version_ == 1) return std::nullopt;
  return big_endian32(bytes_, crcs_at_ + std::size_t{4} * position);
}

std::optional<std::uint32_t> PackIndex::find(std::string_view raw) const {
  const auto first = static_cast<std::uint8_t>(raw.front());
  std::uint32_t low = first == 0 ? 0 : big_endian32(bytes_, fanout_at_ + std::size_t{4} * (first - 1U));
  std::uint32_t high = big_endian32(bytes_, fanout_at_ + std::size_t{4} * first);
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    const int order = std::memcmp(raw_id(middle).data(), raw.data(), hash_size_);
    if (order == 0) return middle;
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return std::nullopt;
}

bool PackIndex::seal_is_right() const {
  Digest digest(hash_size_);
  digest.add(bytes_.substr(0, bytes_.size() - hash_size_));
  return bytes_.ends_with(digest.finish());
}

std::string_view PackIndex::pack_checksum() const { return bytes_.substr(bytes_.size() - 2 * hash_size_, hash_size_); }

}  // namespace keytrail::pack
