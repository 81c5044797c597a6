// Hashes and text forms of bytes. SHA-256 and HMAC come from nettle, whose functions need no set-up: libcrypto's look
// for providers and read a configuration at first use, which took a fifth of the time of a small scan. The rest is
// small enough to stand here.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace keytrail {

using Sha1Digest = std::array<std::uint8_t, 20>;
using Sha256Digest = std::array<std::uint8_t, 32>;

Sha1Digest sha1(std::string_view bytes);  // what git names and checks things by
Sha256Digest sha256(std::string_view bytes);
// The same of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();
  void update(std::string_view bytes);
  // Of all that came; begins anew.
  Sha256Digest digest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes);

// CRC-32 of IEEE 802.3 (reflected 0xEDB88320), as zlib computes it.
std::uint32_t crc32(std::string_view bytes);

// A fast 64-bit hash for tables and cache keys; not for hostile collisions.
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);
std::string to_hex(const std::uint8_t* bytes, std::size_t count);

}  // namespace keytrail
