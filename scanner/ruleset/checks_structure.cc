// Bytes and bits that every value of a kind has at the same place, where there is no checksum: which follow from how
// the issuer makes it. By the value's beginning; a mismatch makes a value less sure and no more.
#include <algorithm>
#include <cstdint>

#include "scanner/base/hash.h"
#include "scanner/ruleset/checks_families.h"
#include "scanner/ruleset/checks_text.h"

namespace keytrail::ruleset {
namespace {

bool one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// A prefix and a GUID, in base 32: version and variant of the GUID are fixed bits.
bool nuget(std::string_view key) {
  return key.size() == 46 && one_of(key[3], "abcdefghijklmnop") && one_of(key[19], "aq") && one_of(key[31], "eu") &&
         one_of(key[32], "357bdfhjlnprtvxz") && one_of(key[33], "abcdefghijklmnop") && one_of(key[45], "aeimquy4");
}

// Whether the base-36 number `text` is under 256^bytes. Most significant digit first.
bool fits(std::string_view text, std::size_t bytes, std::string& out) {
  out.assign(bytes, '\0');
  for (const char c : text) {
    const std::size_t digit = kDigits36.find(c);
    if (digit == std::string_view::npos) return false;
    auto carry = static_cast<std::uint32_t>(digit);
    for (std::size_t i = bytes; i-- > 0;) {
      carry += static_cast<std::uint32_t>(static_cast<std::uint8_t>(out[i])) * 36U;
      out[i] = static_cast<char>(carry & 0xFFU);
      carry >>= 8U;
    }
    if (carry != 0) return false;
  }
  return true;
}

// A version, the SHA-256 of the certificate of the swarm's authority and 16 secret bytes, both in base 36.
bool swarm(std::string_view token, CheckResult& result) {
  constexpr std::size_t kDigest = 9;  // where it begins
  constexpr std::size_t kDigits = 50;
  if (token.size() < kDigest + kDigits + 2 || token[kDigest + kDigits] != '-') return false;
  std::string digest;
  std::string secret;
  if (!fits(token.substr(kDigest, kDigits), 32, digest)) return false;
  if (!fits(token.substr(kDigest + kDigits + 1), 16, secret)) return false;
  add_fact(result, "cluster", "sha256:" + to_hex(digest));
  return true;
}

// 32 bytes; three bits of the first and two of the last are set by every program that makes one. A key that two peers
// share has none of it.
CheckOutcome wireguard(std::string_view matched, std::string_view key) {
  const auto bytes = decode_base64(key);
  if (!bytes || bytes->size() != 32) return CheckOutcome::failed;
  if (lower(matched).find("preshared") != std::string::npos) return CheckOutcome::unknown;
  const auto first = static_cast<std::uint8_t>(bytes->front());
  const auto last = static_cast<std::uint8_t>(bytes->back());
  return (first & 7U) == 0 && (last & 0xC0U) == 0x40U ? CheckOutcome::passed : CheckOutcome::failed;
}

CheckOutcome holds(bool it_does) { return it_does ? CheckOutcome::passed : CheckOutcome::failed; }

bool intercom(std::string_view token) {
  const auto text = decode_base64(token);
  return text && text->starts_with("tok:") && text->ends_with(":1:0") &&
         std::all_of(text->begin(), text->end(), is_printable);
}

// Base 58 of 54 bytes: letters and digits without 0, O, I and l.
bool artifactory(std::string_view key) {
  return key.size() == 73 && key.find_first_of("0OIl") == std::string_view::npos;
}

// A version of 4 and an HMAC-SHA-256.
bool ses(std::string_view password) {
  const auto bytes = decode_base64(password);
  return bytes && bytes->size() == 33 && bytes->front() == '\4';
}

}  // namespace

CheckResult check_structure(std::string_view matched, std::string_view secret) {
  CheckResult result;
  if (secret.starts_with("oy2")) {
    result.outcome = holds(nuget(secret));
  } else if (secret.starts_with("SWMTKN-1-")) {
    result.outcome = holds(swarm(secret, result));
  } else if (secret.starts_with("dG9rO")) {
    result.outcome = holds(intercom(secret));
  } else if (secret.starts_with("AKCp")) {
    result.outcome = holds(artifactory(secret));
  } else if (secret.size() == 44 && secret.ends_with('=')) {
    result.outcome = wireguard(matched, secret);
  } else if (secret.size() == 44) {
    result.outcome = holds(ses(secret));
  } else {
    result.outcome = CheckOutcome::unknown;
  }
  return result;
}

}  // namespace keytrail::ruleset
