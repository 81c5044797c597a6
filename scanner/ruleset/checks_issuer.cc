// Checksums that issuers put into their tokens, beyond those of checks_crc.cc: which one follows from the token's
// prefix. Most were told by the issuer's own code or found by recomputing published samples, so a match is certain and
// a mismatch says nothing: there may be forms that nobody has described.
//
// CRC-32 is that of zlib. Bech32: BIP 173. Base58Check: https://en.bitcoin.it/wiki/Base58Check_encoding. NATS seeds:
// https://github.com/nats-io/nkeys. Stellar seeds: SEP 23.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "scanner/base/hash.h"
#include "scanner/base/text.h"
#include "scanner/ruleset/checks_families.h"
#include "scanner/ruleset/checks_text.h"

namespace keytrail::ruleset {
namespace {

constexpr std::string_view kDigits62LowerFirst = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits16 = "0123456789abcdef";

std::string little_endian(std::uint32_t value) {
  std::string bytes;
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift & 0xFFU);
  return bytes;
}

// What the checksum is over: the token but for the checksum, without what stands before `from`.
bool ends_in_crc(std::string_view token, std::size_t from, std::size_t digits, std::string_view alphabet) {
  if (token.size() <= from + digits) return false;
  const std::string_view covered = token.substr(from, token.size() - digits - from);
  const std::string_view written = token.substr(token.size() - digits);
  const std::string made = digits_of(crc32(covered), alphabet, digits);
  return alphabet.size() == 16 ? made == lower(written) : made == written;
}

std::size_t behind_last_bar(std::string_view token) { return token.rfind('_') + 1; }

bool body_in_base62(std::string_view token) { return ends_in_crc(token, behind_last_bar(token), 6, kDigits62); }
bool whole_in_base62(std::string_view token) { return ends_in_crc(token, 0, 6, kDigits62); }
bool whole_in_lower_base62(std::string_view token) { return ends_in_crc(token, 0, 6, kDigits62LowerFirst); }
bool body_in_hex(std::string_view token) { return ends_in_crc(token, behind_last_bar(token), 8, kDigits16); }
bool whole_in_hex(std::string_view token) { return ends_in_crc(token, 0, 8, kDigits16); }

// zpka_ + 32 digits + "_" + checksum of the digits.
bool zuplo(std::string_view token) {
  if (token.size() != 46 || token[37] != '_') return false;
  return digits_of(crc32(token.substr(5, 32)), kDigits16, 8) == token.substr(38);
}

// cflt + 54 characters + six of the base64 of four bytes.
bool confluent(std::string_view token) {
  if (token.size() != 64) return false;
  return encode_base64(little_endian(crc32(token.substr(4, 54))), false).substr(0, 6) == token.substr(58);
}

// The sign before the checksum may be escaped: "\=", "%3D".
bool atlassian(std::string_view token) {
  std::string plain(token);
  for (const std::string_view escape : {"\\=", "%3D", "%3d"}) {
    const std::size_t at = plain.find(escape);
    if (at != std::string::npos) plain.replace(at, escape.size(), "=");
  }
  return whole_in_hex(plain);
}

std::optional<std::string> decode_base32(std::string_view text, std::string_view alphabet) {
  std::string bytes;
  std::uint64_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 5U | value) & 0xFFFU;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFFU);
  }
  return bytes;
}

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kBase32Lower = "abcdefghijklmnopqrstuvwxyz234567";

// github_pat_ + 22 + "_" + 43 + eight characters of the base32 of the SHA-256 of all that + eight others.
bool github_fine_grained(std::string_view token) {
  if (token.size() != 93) return false;
  const Sha256Digest digest = sha256(token.substr(0, 77));
  std::string made;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 5; ++i) bits = bits << 8U | digest[i];
  for (unsigned shift = 40; shift != 0; shift -= 5) made += kBase32[bits >> (shift - 5) & 31U];
  return token.substr(77, 8) == made;
}

// 32 bytes, of which four, spread among the others, are the CRC-32 of the rest under a mask: one for users' tokens and
// one for applications' secrets.
bool azure_devops(std::string_view token) {
  const auto bytes = decode_base32(token, kBase32Lower);
  if (token.size() != 52 || !bytes || bytes->size() != 32) return false;
  std::string rest;
  for (const std::size_t i : {0U, 1U, 3U, 4U, 5U, 6U}) rest += (*bytes)[i];
  rest += bytes->substr(9, 13) + bytes->substr(23, 9);
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<std::uint8_t>((*bytes)[i])); };
  const std::uint32_t held = byte(22) | byte(8) << 8U | byte(7) << 16U | byte(2) << 24U;
  const std::uint32_t crc = crc32(rest);
  return held == (crc ^ 0xE0B9692DU) || held == (crc ^ 0x1019F92EU);
}

bool bech32(std::string_view token) {
  constexpr std::string_view kLetters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  constexpr std::array<std::uint32_t, 5> kGenerators = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
  const std::string low = lower(token);
  const std::size_t one = low.rfind('1');
  if (one == std::string::npos || one == 0 || low.size() < one + 7) return false;
  std::uint32_t sum = 1;
  const auto add = [&](std::uint32_t value) {
    const std::uint32_t top = sum >> 25U;
    sum = (sum & 0x1FFFFFFU) << 5U ^ value;
    for (std::size_t i = 0; i < kGenerators.size(); ++i) {
      if ((top >> i & 1U) != 0) sum ^= kGenerators[i];
    }
  };
  const std::string_view human = std::string_view(low).substr(0, one);
  for (const char c : human) add(static_cast<std::uint32_t>(c) >> 5U);
  add(0);
  for (const char c : human) add(static_cast<std::uint32_t>(c) & 31U);
  for (const char c : std::string_view(low).substr(one + 1)) {
    const std::size_t value = kLetters.find(c);
    if (value == std::string_view::npos) return false;
    add(static_cast<std::uint32_t>(value));
  }
  return sum == 1;
}

// CRC-16/XMODEM of all bytes before the last two, which hold it, least significant first.
bool crc16_in_base32(std::string_view token) {
  const auto bytes = decode_base32(token, kBase32);
  if (!bytes || bytes->size() < 3) return false;
  std::uint32_t crc = 0;
  for (const char c : std::string_view(*bytes).substr(0, bytes->size() - 2)) {
    crc ^= static_cast<std::uint32_t>(static_cast<std::uint8_t>(c)) << 8U;
    for (int bit = 0; bit < 8; ++bit) crc = ((crc & 0x8000U) != 0 ? crc << 1U ^ 0x1021U : crc << 1U) & 0xFFFFU;
  }
  const auto tail = [&](std::size_t back) {
    return static_cast<std::uint32_t>(static_cast<std::uint8_t>((*bytes)[bytes->size() - back]));
  };
  return crc == (tail(2) | tail(1) << 8U);
}

// The last four bytes are the first of the double SHA-256 of the others. `token` is short: the work is quadratic.
bool base58check(std::string_view token) {
  constexpr std::string_view kLetters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  constexpr std::size_t kLongest = 128;
  if (token.size() > kLongest) return false;
  std::string bytes;  // least significant first
  for (const char c : token) {
    const std::size_t digit = kLetters.find(c);
    if (digit == std::string_view::npos) return false;
    std::uint32_t carry = static_cast<std::uint32_t>(digit);
    for (char& byte : bytes) {
      carry += static_cast<std::uint32_t>(static_cast<std::uint8_t>(byte)) * 58U;
      byte = static_cast<char>(carry & 0xFFU);
      carry >>= 8U;
    }
    for (; carry != 0; carry >>= 8U) bytes += static_cast<char>(carry & 0xFFU);
  }
  bytes.append(std::min(token.find_first_not_of('1'), token.size()), '\0');
  std::reverse(bytes.begin(), bytes.end());
  if (bytes.size() < 5) return false;
  const std::string_view body = std::string_view(bytes).substr(0, bytes.size() - 4);
  const Sha256Digest once = sha256(body);
  const Sha256Digest twice = sha256(std::string_view(reinterpret_cast<const char*>(once.data()), once.size()));
  return std::equal(bytes.end() - 4, bytes.end(), twice.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

// sb_secret_ or sb_publishable_ + 22 characters + "_" + the first eight of the base64url of the SHA-256 of the
// project's reference, "|" and all before the checksum. The reference is 20 lower-case letters, told by the host's name
// if at all.
std::string supabase_project(std::string_view token, std::string_view around) {
  constexpr std::size_t kReference = 20;
  constexpr std::size_t kTail = 9;
  if (token.size() < kTail || !(token.starts_with("sb_secret_") || token.starts_with("sb_publishable_"))) return {};
  const auto holds_with = [&](std::string_view reference) {
    const Sha256Digest digest =
        sha256(std::string(reference) + "|" + std::string(token.substr(0, token.size() - kTail)));
    const std::string text =
        encode_base64(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()), true);
    return token[token.size() - kTail] == '_' && token.substr(token.size() - kTail + 1) == text.substr(0, kTail - 1);
  };
  constexpr std::string_view kSelfHosted = "supabase-self-hosted";
  if (holds_with(kSelfHosted)) return std::string(kSelfHosted);
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  for (std::size_t at = 0; at < around.size();) {
    std::size_t end = at;
    while (end < around.size() && is_lower(around[end])) ++end;
    if (end - at == kReference && holds_with(around.substr(at, kReference))) {
      return std::string(around.substr(at, kReference));
    }
    at = end + 1;
  }
  return {};
}

struct Form {
  std::string_view prefix;
  bool (*holds)(std::string_view token);
};

constexpr Form kForms[] = {
    {"vcp_", body_in_base62},
    {"vci_", body_in_base62},
    {"vca_", body_in_base62},
    {"vcr_", body_in_base62},
    {"vck_", body_in_base62},
    {"polar_", body_in_base62},
    {"nbp_", body_in_base62},
    {"tss_", body_in_base62},
    {"salad_cloud_", body_in_base62},
    {"wandb_v1_", whole_in_base62},
    {"apify_api_", whole_in_lower_base62},
    {"cfut_", body_in_hex},
    {"cfat_", body_in_hex},
    {"cfk_", body_in_hex},
    {"zpka_", zuplo},
    {"cnvca", whole_in_hex},
    {"cflt", confluent},
    {"ATATT", atlassian},
    {"ATCTT", atlassian},
    {"ATBB", whole_in_hex},
    {"github_pat_", github_fine_grained},
    {"AGE-SECRET-KEY-1", bech32},
    {"nsec1", bech32},
    {"S", crc16_in_base32},
    {"xprv", base58check},
    {"5", base58check},
    {"K", base58check},
    {"L", base58check},
    {"", azure_devops},
};

}  // namespace

CheckResult check_issuer_checksum(std::string_view secret, std::string_view around) {
  CheckResult result;
  if (const std::string project = supabase_project(secret, around); !project.empty()) {
    add_fact(result, "project", project);
    return result;
  }
  const bool holds = std::any_of(std::begin(kForms), std::end(kForms), [&](const Form& form) {
    return secret.starts_with(form.prefix) && form.holds(secret);
  });
  result.outcome = holds ? CheckOutcome::passed : CheckOutcome::unknown;
  return result;
}

}  // namespace keytrail::ruleset
