// Mutex and guards that clang's -Wthread-safety checks: libstdc++'s own are not annotated.
// See https://clang.llvm.org/docs/ThreadSafetyAnalysis.html for the attributes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

#if defined(__clang__)
#define KEYTRAIL_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define KEYTRAIL_THREAD_ATTRIBUTE(x)
#endif
#define GUARDED_BY(x) KEYTRAIL_THREAD_ATTRIBUTE(guarded_by(x))
#define REQUIRES(x) KEYTRAIL_THREAD_ATTRIBUTE(requires_capability(x))
#define EXCLUDES(x) KEYTRAIL_THREAD_ATTRIBUTE(locks_excluded(x))

namespace keytrail {

class KEYTRAIL_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() KEYTRAIL_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() KEYTRAIL_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class KEYTRAIL_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) KEYTRAIL_THREAD_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() KEYTRAIL_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits for something that a Mutex guards. Call wait() with the mutex held, in a loop over the condition.
class Condition {
 public:
  void wait(Mutex& mutex) REQUIRES(mutex) { condition_.wait(mutex); }
  void wait_for(Mutex& mutex, std::chrono::milliseconds time) REQUIRES(mutex) { condition_.wait_for(mutex, time); }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable_any condition_;
};

// Runs work(0) … work(count - 1), each on a thread of its own, and returns when all have returned. The calling thread
// is number 0, so that one worker costs no thread. Throws std::system_error, with no work begun, when the system gives
// no more threads.
void run_workers(unsigned count, const std::function<void(unsigned)>& work);

// The number of processors this process may use.
unsigned available_processors();

}  // namespace keytrail
