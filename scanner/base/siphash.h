// SipHash-2-4 with 64 bits of output: a keyed hash that is cheap for short texts and, without its key, tells nothing of
// them. J.-P. Aumasson, D. J. Bernstein: SipHash: a fast short-input PRF (2012). Pure.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace keytrail {

struct SipKey {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

inline std::uint64_t siphash24(const SipKey& key, std::string_view text) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t v0 = key.first ^ 0x736f6d6570736575ULL;
  std::uint64_t v1 = key.second ^ 0x646f72616e646f6dULL;
  std::uint64_t v2 = key.first ^ 0x6c7967656e657261ULL;
  std::uint64_t v3 = key.second ^ 0x7465646279746573ULL;
  const auto round = [&] {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  };
  const auto word = [&](std::uint64_t message) {
    v3 ^= message;
    round();
    round();
    v0 ^= message;
  };
  const std::size_t size = text.size();
  while (text.size() >= 8) {
    std::uint64_t message = 0;
    std::memcpy(&message, text.data(), 8);
    word(message);
    text.remove_prefix(8);
  }
  std::uint64_t last = static_cast<std::uint64_t>(size) << 56;
  for (std::size_t i = 0; i < text.size(); ++i) {
    last |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(text[i])) << (8 * i);
  }
  word(last);
  v2 ^= 0xFF;
  for (int i = 0; i < 4; ++i) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

}  // namespace keytrail
