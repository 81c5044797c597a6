// What is kept of a value instead of it.
//
// - The fingerprint: HMAC-SHA-256 of the value under the inventory's key. It proves that a text is the value.
// - The probe: the shape of the value (core/value_shape.h), so that a scan need not hash most of what it meets, and 22
//   bits of SipHash-2-4 under a key that is derived from the inventory's; the fingerprint confirms. The shape is no
//   hash: it tells everybody which kinds of characters the value has, which signs, and how many. Beyond that the probe
//   tells nothing that the fingerprint does not: each guess needs a key to be tried with, and who tries keys has the
//   key check already. With the key both fall to guessing alike, which is why short and weak values are refused. 0: the
//   value has white space or control characters, and is not looked for.
// - The key check: 64 bits of an HMAC of a constant, so that a wrong key is noticed before anything is compared with
// it.
//
// Constants that are hashed begin with a zero byte, which no value does: none of them is ever a value's hash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scanner/base/hash.h"
#include "scanner/base/result.h"
#include "scanner/base/secret_string.h"
#include "scanner/base/siphash.h"
#include "scanner/core/token.h"
#include "scanner/core/value_shape.h"

namespace keytrail::inventory {

inline constexpr std::size_t kMinKeyBytes = 32;
inline constexpr std::size_t kMinValueBytes = 8;
inline constexpr std::size_t kMaxValueBytes = 4096;

// What a key file holds, which is for its owner alone (mode 0600 or less).
Result<SecretString> read_key_file(const std::string& path);

// Immutable; for any number of threads.
class Fingerprinter {
 public:
  // invalid_argument, with the remedy, where the key is too short or plainly no random one.
  static Result<Fingerprinter> make(SecretString key);
  // A key file is for its owner alone (mode 0600 or less).
  static Result<Fingerprinter> from_file(const std::string& path);

  const std::string& key_check() const { return key_check_; }
  Sha256Digest fingerprint(std::string_view value) const { return hmac_sha256(key_.view(), value); }
  std::uint64_t probe(std::string_view value) const { return core::probe_of(core::shape_of(value), probe_key_, value); }
  const SipKey& probe_key() const { return probe_key_; }

  // All that is kept of a value; the dates are left open.
  core::TokenValue describe(std::string_view value) const;

 private:
  Fingerprinter() = default;
  SecretString key_;
  SipKey probe_key_;
  std::string key_check_;
};

// Whether this can be a token's value: long enough, not longer than 4,096 bytes, not a word or one character many
// times. What can be guessed can be guessed from its fingerprint by who has the key, and would be "found" in innocent
// text.
Status check_value(std::string_view value);

// The last four characters where at least twelve stay hidden and they can be shown.
std::string last_four(std::string_view value);

std::string to_hex(const Sha256Digest& digest);
std::optional<Sha256Digest> parse_hex_digest(std::string_view text);
// Also upper-case hexadecimal, base64 and base64url, with or without padding.
std::optional<Sha256Digest> parse_digest(std::string_view text, bool base64);

// Bytes of base64 or base64url, padded or not; nothing where it is none.
std::optional<SecretString> decode_base64(std::string_view text);

}  // namespace keytrail::inventory
