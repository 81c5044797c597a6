#include "scanner/core/blob.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "scanner/base/hash.h"

namespace keytrail::core {

ObjectId ObjectId::from_bytes(std::string_view raw) {
  ObjectId id;
  id.size = static_cast<std::uint8_t>(std::min(raw.size(), id.bytes.size()));
  std::memcpy(id.bytes.data(), raw.data(), id.size);
  return id;
}

namespace {

// By character; 255 is none. A history has three ids of 40 digits in each of its commits.
constexpr std::array<std::uint8_t, 256> kHexDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(255);
  for (std::uint8_t i = 0; i < 10; ++i) digits[static_cast<std::uint8_t>('0' + i)] = i;
  for (std::uint8_t i = 10; i < 16; ++i) {
    digits[static_cast<std::uint8_t>('a' + i - 10)] = i;
    digits[static_cast<std::uint8_t>('A' + i - 10)] = i;
  }
  return digits;
}();

}  // namespace

std::optional<ObjectId> ObjectId::from_hex(std::string_view hex) {
  if (hex.size() != 40 && hex.size() != 64) return std::nullopt;
  ObjectId id;
  id.size = static_cast<std::uint8_t>(hex.size() / 2);
  for (std::size_t i = 0; i < id.size; ++i) {
    const unsigned high = kHexDigits[static_cast<std::uint8_t>(hex[2 * i])];
    const unsigned low = kHexDigits[static_cast<std::uint8_t>(hex[2 * i + 1])];
    if ((high | low) > 15) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return id;
}

std::string ObjectId::hex() const { return to_hex(bytes.data(), size); }

std::size_t ObjectIdHash::operator()(const ObjectId& id) const noexcept {
  // An object id is a hash already.
  std::size_t value = 0;
  std::memcpy(&value, id.bytes.data(), sizeof value);
  return value;
}

std::string_view to_string(BlobKind kind) {
  switch (kind) {
    case BlobKind::file:
      return "file";
    case BlobKind::standard_input:
      return "standard-input";
    case BlobKind::git_blob:
      return "git-blob";
    case BlobKind::commit_message:
      return "commit-message";
    case BlobKind::tag_message:
      return "tag-message";
  }
  return "file";
}

Result<std::size_t> MemoryStream::read(char* buffer, std::size_t capacity) {
  const std::size_t count = std::min(capacity, bytes_.size());
  std::memcpy(buffer, bytes_.data(), count);
  bytes_.remove_prefix(count);
  return count;
}

Result<std::size_t> PrefixedStream::read(char* buffer, std::size_t capacity) {
  const std::size_t count = head_.copy(buffer, capacity);
  head_.remove_prefix(count);
  if (count == capacity) return count;
  const auto more = rest_.read(buffer + count, capacity - count);
  if (!more) return more.error();
  return count + *more;
}

}  // namespace keytrail::core
