// Memory that is not zeroed, and a pool of it for one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace keytrail {

// Bytes of a fixed capacity; what is in them is whatever was there. Moves, does not copy.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t capacity) : bytes_(new char[capacity]), capacity_(capacity) {}

  char* data() { return bytes_.get(); }
  const char* data() const { return bytes_.get(); }
  std::size_t capacity() const { return capacity_; }
  std::string_view view(std::size_t size) const { return {bytes_.get(), size}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
};

// Keeps buffers for reuse: expanding a pack asks for hundreds of thousands, and fresh pages cost more than the bytes
// written to them. For one thread; buffers may come from another thread's pool.
class BufferPool {
 public:
  // At least `size` bytes.
  Buffer take(std::size_t size);
  void give(Buffer buffer);

 private:
  static constexpr std::size_t kMaxKeptBytes = std::size_t{64} << 20;
  static constexpr std::size_t kClasses = 40;  // by the power of two of the capacity

  std::vector<Buffer> free_[kClasses];
  std::size_t kept_bytes_ = 0;
};

}  // namespace keytrail
