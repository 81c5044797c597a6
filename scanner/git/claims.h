// Which objects have been delivered, so that one that stands in several places is delivered by the first of them that
// can read it. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "scanner/git/object_index.h"

namespace keytrail::git {

class Claims {
 public:
  explicit Claims(ObjectNumber objects) : taken_(objects, 0) {}

  // True for the first who asks.
  bool take(ObjectNumber object) {
    return std::atomic_ref<std::uint8_t>(taken_[object]).exchange(1, std::memory_order_relaxed) == 0;
  }
  // Only while nobody takes.
  bool taken(ObjectNumber object) const { return taken_[object] != 0; }

 private:
  std::vector<std::uint8_t> taken_;
};

}  // namespace keytrail::git
