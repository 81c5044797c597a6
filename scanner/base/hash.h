// Hashes and text forms of bytes. SHA-256 and HMAC come from nettle, whose functions need no set-up: libcrypto's look
// for providers and read a configuration at first use, which took a fifth of the time of a small scan. The rest is
// small enough to stand here.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace keytrail {

using Sha256Digest = std::array<std::uint8_t, 32>;

Sha256Digest sha256(std::string_view bytes);
Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes);

// CRC-32 of IEEE 802.3 (reflected 0xEDB88320), as zlib computes it.
std::uint32_t crc32(std::string_view bytes);

// A fast 64-bit hash for tables and cache keys; not for hostile collisions.
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);
std::string to_hex(const std::uint8_t* bytes, std::size_t count);

}  // namespace keytrail
