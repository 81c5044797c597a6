#include "tests/unit/pack/made_pack.h"

#include <algorithm>
#include <numeric>

#include "scanner/base/digest.h"
#include "scanner/pack/inflater.h"

namespace keytrail::pack::test {
namespace {

constexpr unsigned kOffsetDelta = 6;
constexpr unsigned kNamedDelta = 7;

void add_byte(std::string& out, std::uint64_t byte) { out.push_back(static_cast<char>(byte & 0xFFU)); }

void add_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0) add_byte(out, value >> (8 * bytes));
}

void add_size(std::string& out, std::uint64_t size) {
  for (; size >= 0x80; size >>= 7) add_byte(out, (size & 0x7FU) | 0x80U);
  add_byte(out, size);
}

std::uint32_t adler32(std::string_view bytes) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : bytes) {
    a = (a + static_cast<std::uint8_t>(c)) % 65521U;
    b = (b + a) % 65521U;
  }
  return b << 16 | a;
}

}  // namespace

std::string made_id(std::size_t number) {
  std::string id;
  add_byte(id, number * 83);
  add_byte(id, number >> 16);
  add_byte(id, number >> 8);
  add_byte(id, number);
  id.resize(20, 'i');
  return id;
}

std::string zlib_stored(std::string_view bytes) {
  constexpr std::size_t kMaxBlock = 0xFFFF;
  std::string out = "\x78\x01";
  const std::uint32_t check = adler32(bytes);
  do {
    const std::string_view block = bytes.substr(0, kMaxBlock);
    bytes.remove_prefix(block.size());
    add_byte(out, bytes.empty() ? 1 : 0);
    add_byte(out, block.size());
    add_byte(out, block.size() >> 8);
    add_byte(out, ~block.size());
    add_byte(out, ~block.size() >> 8);
    out += block;
  } while (!bytes.empty());
  add_big_endian(out, check, 4);
  return out;
}

std::string entry_head(unsigned type, std::uint64_t size) {
  std::string out;
  std::uint64_t rest = size >> 4;
  add_byte(out, (rest != 0 ? 0x80U : 0U) | type << 4 | (size & 15U));
  if (rest != 0) add_size(out, rest);
  return out;
}

std::string distance_digits(std::uint64_t distance) {
  std::string out;
  add_byte(out, distance & 0x7FU);
  while ((distance >>= 7) != 0) add_byte(out, 0x80U | (--distance & 0x7FU));
  std::reverse(out.begin(), out.end());
  return out;
}

DeltaWriter::DeltaWriter(std::uint64_t base_size, std::uint64_t result_size) {
  add_size(bytes_, base_size);
  add_size(bytes_, result_size);
}

DeltaWriter& DeltaWriter::copy(std::uint64_t from, std::uint64_t size) {
  constexpr std::uint64_t kMaxCopy = 0xFFFFFF;
  while (size > 0) {
    const std::uint64_t part = std::min(size, kMaxCopy);
    const std::uint64_t coded = part == 0x10000 ? 0 : part;
    std::uint64_t op = 0x80;
    std::string digits;
    for (unsigned i = 0; i < 7; ++i) {
      const std::uint64_t byte = (i < 4 ? from >> (8 * i) : coded >> (8 * (i - 4))) & 0xFFU;
      if (byte == 0) continue;
      op |= std::uint64_t{1} << i;
      add_byte(digits, byte);
    }
    add_byte(bytes_, op);
    bytes_ += digits;
    from += part;
    size -= part;
  }
  return *this;
}

DeltaWriter& DeltaWriter::insert(std::string_view text) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, 127);
    add_byte(bytes_, part.size());
    bytes_ += part;
    text.remove_prefix(part.size());
  }
  return *this;
}

std::size_t MadePack::add_whole(unsigned type, std::string_view bytes) {
  return add_raw(entry_head(type, bytes.size()) + zlib_stored(bytes));
}

std::size_t MadePack::add_offset_delta(std::size_t base, std::string_view delta) {
  return add_raw(entry_head(kOffsetDelta, delta.size()) + distance_digits(next_offset() - offsets_[base]) +
                 zlib_stored(delta));
}

std::size_t MadePack::add_named_delta(std::string_view base_id, std::string_view delta) {
  return add_raw(entry_head(kNamedDelta, delta.size()) + std::string(base_id) + zlib_stored(delta));
}

std::size_t MadePack::add_raw(std::string_view packed) {
  offsets_.push_back(bytes_.size());
  crcs_.push_back(fast_crc32(packed));
  bytes_ += packed;
  return offsets_.size() - 1;
}

std::string MadePack::pack() const { return bytes_ + std::string(20, 'c'); }

std::string MadePack::index() const {
  std::vector<std::size_t> order(offsets_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [this](std::size_t a, std::size_t b) { return made_id(first_id_ + a) < made_id(first_id_ + b); });
  std::string out("\377tOc\0\0\0\2", 8);
  for (unsigned first = 0; first < 256; ++first) {
    const auto count = std::count_if(order.begin(), order.end(), [this, first](std::size_t number) {
      return static_cast<std::uint8_t>(made_id(first_id_ + number).front()) <= first;
    });
    add_big_endian(out, static_cast<std::uint64_t>(count), 4);
  }
  for (const std::size_t number : order) out += made_id(first_id_ + number);
  for (const std::size_t number : order) add_big_endian(out, crcs_[number], 4);
  for (const std::size_t number : order) add_big_endian(out, offsets_[number], 4);
  return with_seal(out + std::string(20, 'c') + std::string(20, 'x'));
}

std::string with_seal(std::string index, std::size_t hash_size) {
  index.resize(index.size() - hash_size);
  Digest digest(hash_size);
  digest.add(index);
  return index + digest.finish();
}

std::string MadePack::write(const keytrail::test::TemporaryFolder& folder, const std::string& name) const {
  folder.write(name + ".pack", pack());
  return folder.write(name + ".idx", index());
}

}  // namespace keytrail::pack::test
