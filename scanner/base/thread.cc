#include "scanner/base/thread.h"

#include <sched.h>

#include <future>
#include <thread>
#include <vector>

namespace keytrail {

void run_workers(unsigned count, const std::function<void(unsigned)>& work) {
  // Workers may wait for each other, so none begins before all are there.
  std::promise<bool> all_there;
  const std::shared_future<bool> start = all_there.get_future().share();
  std::vector<std::thread> threads;
  threads.reserve(count);
  try {
    for (unsigned i = 1; i < count; ++i) {
      threads.emplace_back([&work, start, i] {
        if (start.get()) work(i);
      });
    }
  } catch (...) {
    all_there.set_value(false);
    for (std::thread& thread : threads) thread.join();
    throw;
  }
  all_there.set_value(true);
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
