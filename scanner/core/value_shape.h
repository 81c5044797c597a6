// What a value looks like, in 42 bits that can be told of a run of text without hashing it: which kinds of characters
// it has (small and capital letters, digits, each of the 32 ASCII signs, bytes of 128 and more) and how many of them
// are separators, which is all but letters and digits. The known-token scan (engine/known.h) asks this before it
// hashes. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "scanner/base/siphash.h"

namespace keytrail::core {

inline constexpr unsigned kShapeBits = 42;
inline constexpr unsigned kCountBit = 36;
inline constexpr std::uint64_t kShapeMask = (std::uint64_t{1} << kShapeBits) - 1;
inline constexpr std::uint64_t kKindMask = (std::uint64_t{1} << kCountBit) - 1;
inline constexpr std::uint64_t kManySeparators = 63;  // so many or more
inline constexpr std::uint64_t kHighBit = std::uint64_t{1} << 32U;
inline constexpr std::uint64_t kSmallBit = std::uint64_t{1} << 33U;
inline constexpr std::uint64_t kCapitalBit = std::uint64_t{1} << 34U;
inline constexpr std::uint64_t kDigitBit = std::uint64_t{1} << 35U;
inline constexpr std::uint64_t kLetterBits = kSmallBit | kCapitalBit | kDigitBit;

// The bit of each byte's kind; 0: white space and control characters, which have none.
inline constexpr std::array<std::uint64_t, 256> kKindOf = [] {
  std::array<std::uint64_t, 256> kinds{};
  unsigned sign = 0;
  for (unsigned byte = 0x21; byte < 256; ++byte) {
    if (byte >= 'a' && byte <= 'z') {
      kinds[byte] = kSmallBit;
    } else if (byte >= 'A' && byte <= 'Z') {
      kinds[byte] = kCapitalBit;
    } else if (byte >= '0' && byte <= '9') {
      kinds[byte] = kDigitBit;
    } else if (byte >= 128) {
      kinds[byte] = kHighBit;
    } else if (byte != 127) {
      kinds[byte] = std::uint64_t{1} << sign++;
    }
  }
  return kinds;
}();

inline std::uint64_t kind_of(char c) { return kKindOf[static_cast<std::uint8_t>(c)]; }
inline bool is_separator(char c) { return (kind_of(c) & kLetterBits) == 0; }

// 0: it holds white space or control characters.
inline std::uint64_t shape_of(std::string_view value) {
  std::uint64_t kinds = 0;
  std::uint64_t separators = 0;
  for (const char c : value) {
    const std::uint64_t kind = kind_of(c);
    if (kind == 0) return 0;
    kinds |= kind;
    separators += std::uint64_t{(kind & kLetterBits) == 0};
  }
  return kinds | std::min(separators, kManySeparators) << kCountBit;
}

// The shape and, above it, 22 bits of SipHash-2-4.
inline std::uint64_t probe_of(std::uint64_t shape, const SipKey& key, std::string_view value) {
  return shape == 0 ? 0 : shape | siphash24(key, value) << kShapeBits;
}

}  // namespace keytrail::core
