#include "scanner/base/secret_string.h"

#include <string.h>

#include <algorithm>
#include <cstring>

#include "scanner/base/file.h"

namespace keytrail {

void wipe(void* data, std::size_t bytes) {
  if (bytes > 0) explicit_bzero(data, bytes);
}

void wipe(std::string& text) {
  // A std::string keeps its bytes behind its size; up to its capacity they may be old text.
  text.resize(text.capacity());
  wipe(text.data(), text.size());
  text.clear();
}

SecretString& SecretString::operator=(SecretString&& other) noexcept {
  if (this != &other) {
    clear();
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
  }
  return *this;
}

void SecretString::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  capacity = std::max({capacity, capacity_ * 2, std::size_t{64}});
  auto larger = std::make_unique<char[]>(capacity);
  if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
  wipe(bytes_.get(), capacity_);
  bytes_ = std::move(larger);
  capacity_ = capacity;
}

void SecretString::append(std::string_view text) {
  if (text.empty()) return;
  reserve(size_ + text.size());
  std::memcpy(bytes_.get() + size_, text.data(), text.size());
  size_ += text.size();
}

void SecretString::trim_line_end() {
  if (size_ > 0 && bytes_[size_ - 1] == '\n') --size_;
  if (size_ > 0 && bytes_[size_ - 1] == '\r') --size_;
}

void SecretString::clear() {
  wipe(bytes_.get(), capacity_);
  bytes_.reset();
  size_ = 0;
  capacity_ = 0;
}

Result<SecretString> read_secret(int fd, std::size_t max_bytes, const std::string& subject) {
  SecretString text;
  std::size_t step = std::size_t{64} << 10;
  while (true) {
    const std::size_t wanted = std::min(step, max_bytes + 1 - text.size_);
    text.reserve(text.size_ + wanted);
    const auto got = read_fully(fd, text.bytes_.get() + text.size_, wanted, subject);
    if (!got) return got.error();
    text.size_ += *got;
    if (text.size_ > max_bytes) {
      return make_error(ErrorCode::limit_exceeded, "larger than " + std::to_string(max_bytes) + " bytes", subject);
    }
    if (*got < wanted) return text;
    step = std::max(step, text.size_);
  }
}

}  // namespace keytrail
