#include "scanner/git/ewah.h"

#include <algorithm>
#include <cstdint>

namespace keytrail::git {
namespace {

constexpr std::uint64_t kWordBits = 64;

bool set_run(std::vector<bool>& bits, std::uint64_t begin, std::uint64_t size) {
  if (size > bits.size() || begin > bits.size() - size) return false;
  const auto first = bits.begin() + static_cast<std::ptrdiff_t>(begin);
  std::fill(first, first + static_cast<std::ptrdiff_t>(size), true);
  return true;
}

bool set_word(std::vector<bool>& bits, std::uint64_t begin, std::uint64_t word) {
  for (std::uint64_t bit = 0; bit < kWordBits; ++bit) {
    if ((word >> bit & 1U) != 0 && !set_run(bits, begin + bit, 1)) return false;
  }
  return true;
}

}  // namespace

// A marker word: one bit that the run repeats, 32 bits for how many words it has, 31 for how many follow as they are.
std::optional<std::vector<bool>> read_bitmap(ByteReader& reader, std::size_t count) {
  const auto size = reader.u32();  // in bits
  const auto words = size ? reader.u32() : std::nullopt;
  if (!words || reader.remaining() / sizeof(std::uint64_t) < *words) return std::nullopt;
  std::vector<bool> bits(count);
  std::uint64_t at = 0;
  for (std::uint32_t left = *words; left > 0;) {
    const std::uint64_t marker = reader.u64().value_or(0);
    const std::uint64_t run = (marker >> 1 & 0xFFFFFFFFU) * kWordBits;
    const std::uint64_t literals = marker >> 33;
    --left;
    if (literals > left || ((marker & 1U) != 0 && !set_run(bits, at, run))) return std::nullopt;
    at += run;
    for (std::uint64_t i = 0; i < literals; ++i, at += kWordBits) {
      if (!set_word(bits, at, reader.u64().value_or(0))) return std::nullopt;
    }
    left -= static_cast<std::uint32_t>(literals);
  }
  if (!reader.u32()) return std::nullopt;  // where the last marker stands: for those who write
  return bits;
}

}  // namespace keytrail::git
