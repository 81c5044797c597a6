#include "scanner/base/digest.h"

#include <nettle/sha1.h>
#include <nettle/sha2.h>

#include <cstdint>

namespace keytrail {
namespace {

const std::uint8_t* unsigned_bytes(std::string_view bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

}  // namespace

struct Digest::State {
  bool is_sha1 = true;
  sha1_ctx sha1{};
  sha256_ctx sha256{};
};

Digest::Digest(std::size_t size) : state_(std::make_unique<State>()) {
  state_->is_sha1 = size == SHA1_DIGEST_SIZE;
  sha1_init(&state_->sha1);
  sha256_init(&state_->sha256);
}

Digest::Digest(Digest&&) noexcept = default;
Digest::~Digest() = default;

void Digest::add(std::string_view bytes) {
  if (state_->is_sha1) {
    sha1_update(&state_->sha1, bytes.size(), unsigned_bytes(bytes));
  } else {
    sha256_update(&state_->sha256, bytes.size(), unsigned_bytes(bytes));
  }
}

std::string Digest::finish() {
  std::string digest(state_->is_sha1 ? SHA1_DIGEST_SIZE : SHA256_DIGEST_SIZE, '\0');
  auto* out = reinterpret_cast<std::uint8_t*>(digest.data());
  if (state_->is_sha1) {
    sha1_digest(&state_->sha1, digest.size(), out);
  } else {
    sha256_digest(&state_->sha256, digest.size(), out);
  }
  return digest;
}

}  // namespace keytrail
