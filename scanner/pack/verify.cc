#include "scanner/pack/verify.h"

#include <algorithm>
#include <atomic>

#include "scanner/base/thread.h"
#include "scanner/pack/inflater.h"

namespace keytrail::pack {
namespace {

constexpr Rank kSlice = 4096;

}  // namespace

bool has_right_checksums(const PackFile& pack, unsigned threads) {
  std::atomic<Rank> next{0};
  std::atomic<bool> right{true};
  run_workers(std::max(1U, threads), [&](unsigned) {
    while (right.load(std::memory_order_relaxed)) {
      const Rank begin = next.fetch_add(kSlice, std::memory_order_relaxed);
      if (begin >= pack.count()) return;
      for (Rank rank = begin; rank < std::min(pack.count(), begin + kSlice); ++rank) {
        const auto crc = pack.crc(rank);
        if (crc && *crc == fast_crc32(pack.packed(rank))) continue;
        right.store(false, std::memory_order_relaxed);
        return;
      }
    }
  });
  return right.load();
}

}  // namespace keytrail::pack
