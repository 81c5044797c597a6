#include "scanner/base/buffer.h"

#include <algorithm>
#include <bit>

namespace keytrail {
namespace {

constexpr std::size_t kSmallest = 4096;

std::size_t class_of(std::size_t capacity) { return static_cast<std::size_t>(std::bit_width(capacity) - 1); }

}  // namespace

Buffer BufferPool::take(std::size_t size) {
  const std::size_t capacity = std::bit_ceil(std::max(size, kSmallest));
  const std::size_t wanted = class_of(capacity);
  if (wanted < kClasses && !free_[wanted].empty()) {
    Buffer buffer = std::move(free_[wanted].back());
    free_[wanted].pop_back();
    kept_bytes_ -= buffer.capacity();
    return buffer;
  }
  return Buffer(capacity);
}

void BufferPool::give(Buffer buffer) {
  const std::size_t capacity = buffer.capacity();
  if (capacity == 0 || kept_bytes_ + capacity > kMaxKeptBytes) return;
  kept_bytes_ += capacity;
  free_[class_of(capacity)].push_back(std::move(buffer));
}

}  // namespace keytrail
