#include "scanner/fs/walk_queue.h"

#include <algorithm>

namespace keytrail::fs {
namespace {

// Few enough that the last files of a tree are spread over all workers, many enough that the lock costs nothing.
constexpr std::size_t kFilesPerTask = 32;

}  // namespace

void WalkQueue::push(WalkTask folders, WalkTask files) {
  const MutexLock lock(mutex_);
  if (stopped_) return;
  for (WalkTask* task : {&folders, &files}) {
    if (task->begin < task->end) stack_.push_back(std::move(*task));
  }
  changed_.notify_all();
}

bool WalkQueue::take(WalkTask& task) {
  // What the last task held open is closed outside of the lock.
  task = {};
  const MutexLock lock(mutex_);
  while (stack_.empty() && active_ > 0 && !stopped_) changed_.wait(mutex_);
  if (stack_.empty() || stopped_) return false;
  WalkTask& top = stack_.back();
  const std::size_t count = std::min(top.folders ? 1 : kFilesPerTask, top.end - top.begin);
  if (top.begin + count == top.end) {
    task = std::move(top);
    stack_.pop_back();
  } else {
    task = top;
    task.end = task.begin + count;
    top.begin += count;
  }
  ++active_;
  return true;
}

void WalkQueue::done() {
  const MutexLock lock(mutex_);
  --active_;
  if (active_ == 0 && stack_.empty()) changed_.notify_all();
}

void WalkQueue::stop() {
  const MutexLock lock(mutex_);
  stopped_ = true;
  stack_.clear();
  changed_.notify_all();
}

}  // namespace keytrail::fs
