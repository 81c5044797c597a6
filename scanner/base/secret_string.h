// Text that must not stay in memory: keys and token values. Moved, never copied; overwritten when it goes and whenever
// it moves to a larger buffer. Core files are forbidden elsewhere (cli/environment.h); what the system swaps out is its
// own.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "scanner/base/result.h"

namespace keytrail {

// Overwrites memory that is about to go, where the compiler would leave a write out.
void wipe(void* data, std::size_t bytes);
void wipe(std::string& text);  // and makes it empty

class SecretString {
 public:
  SecretString() = default;
  explicit SecretString(std::string_view text) { append(text); }
  SecretString(SecretString&& other) noexcept
      : bytes_(std::move(other.bytes_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  SecretString& operator=(SecretString&& other) noexcept;
  SecretString(const SecretString&) = delete;
  SecretString& operator=(const SecretString&) = delete;
  ~SecretString() { clear(); }

  std::string_view view() const { return {bytes_.get(), size_}; }
  char* data() { return bytes_.get(); }  // size() bytes that may be written
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  void append(std::string_view text);
  void push_back(char c) { append({&c, 1}); }
  // Cuts one line end off, as a shell's `echo` or an editor adds it.
  void trim_line_end();
  void clear();

 private:
  friend Result<SecretString> read_secret(int fd, std::size_t max_bytes, const std::string& subject);
  void reserve(std::size_t capacity);
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// Everything that `fd` gives; limit_exceeded when that is more than `max_bytes`.
Result<SecretString> read_secret(int fd, std::size_t max_bytes, const std::string& subject);

}  // namespace keytrail
