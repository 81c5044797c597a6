#include "scanner/base/thread.h"

#include <sched.h>

#include <thread>
#include <vector>

namespace keytrail {

void run_workers(unsigned count, const std::function<void(unsigned)>& work) {
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (unsigned i = 1; i < count; ++i) threads.emplace_back(work, i);
  work(0);
  for (std::thread& thread : threads) thread.join();
}

unsigned available_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  const int count = CPU_COUNT(&set);
  return count < 1 ? 1 : static_cast<unsigned>(count);
}

}  // namespace keytrail
