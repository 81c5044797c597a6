#include "scanner/base/hash.h"

#include <nettle/hmac.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

#include <cstring>

namespace keytrail {
namespace {

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? value >> 1 ^ 0xEDB88320U : value >> 1;
    table[i] = value;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

const std::uint8_t* unsigned_bytes(std::string_view bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

}  // namespace

Sha1Digest sha1(std::string_view bytes) {
  Sha1Digest digest{};
  sha1_ctx context{};
  sha1_init(&context);
  sha1_update(&context, bytes.size(), unsigned_bytes(bytes));
  sha1_digest(&context, digest.size(), digest.data());
  return digest;
}

Sha256Digest sha256(std::string_view bytes) {
  Sha256Digest digest{};
  sha256_ctx context{};
  sha256_init(&context);
  sha256_update(&context, bytes.size(), unsigned_bytes(bytes));
  sha256_digest(&context, digest.size(), digest.data());
  return digest;
}

struct Sha256::State {
  sha256_ctx context{};
};

Sha256::Sha256() : state_(std::make_unique<State>()) { sha256_init(&state_->context); }
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) { sha256_update(&state_->context, bytes.size(), unsigned_bytes(bytes)); }

Sha256Digest Sha256::digest() {
  Sha256Digest digest{};
  sha256_digest(&state_->context, digest.size(), digest.data());
  return digest;
}

Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256Digest digest{};
  hmac_sha256_ctx context{};
  hmac_sha256_set_key(&context, key.size(), unsigned_bytes(key));
  hmac_sha256_update(&context, bytes.size(), unsigned_bytes(bytes));
  hmac_sha256_digest(&context, digest.size(), digest.data());
  return digest;
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t value = 0xFFFFFFFFU;
  for (const char c : bytes) value = kCrcTable[(value ^ static_cast<std::uint8_t>(c)) & 0xFFU] ^ value >> 8;
  return value ^ 0xFFFFFFFFU;
}

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  // The multiply-fold of wyhash, eight bytes at a step.
  constexpr std::uint64_t kFirst = 0xa0761d6478bd642fULL;
  constexpr std::uint64_t kSecond = 0xe7037ed1a0b428dbULL;
  const auto fold = [](std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  std::uint64_t value = seed ^ kFirst ^ bytes.size();
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    value = fold(value ^ word, kSecond);
    bytes.remove_prefix(8);
  }
  std::uint64_t word = 0;
  if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
  return fold(value ^ word ^ kSecond, kFirst);
}

std::string to_hex(const std::uint8_t* bytes, std::size_t count) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(count * 2);
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

std::string to_hex(std::string_view bytes) { return to_hex(unsigned_bytes(bytes), bytes.size()); }

}  // namespace keytrail
