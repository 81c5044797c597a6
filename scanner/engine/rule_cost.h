// What each rule costs in stage two, for `--stats`. Times are ticks of the processor's counter: reading a clock around
// every window would cost more than many windows do.
#pragma once

#include <chrono>
#include <cstdint>

namespace keytrail::engine {

struct RuleCost {
  std::uint64_t windows = 0;
  std::uint64_t bytes = 0;  // of the windows
  std::uint64_t pattern_matches = 0;
  std::uint64_t matches = 0;  // before companions and overlaps
  std::uint64_t ticks = 0;

  RuleCost& operator+=(const RuleCost& other) {
    windows += other.windows;
    bytes += other.bytes;
    pattern_matches += other.pattern_matches;
    matches += other.matches;
    ticks += other.ticks;
    return *this;
  }
};

// Ticks at a steady rate; how long one takes is measured over a whole run.
inline std::uint64_t ticks() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  std::uint64_t value;
  asm volatile("mrs %0, cntvct_el0" : "=r"(value));
  return value;
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

}  // namespace keytrail::engine
