#include "scanner/fs/streams.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace keytrail::fs {
namespace {

// How long an interrupt may stay unnoticed while nothing comes.
constexpr int kPollMilliseconds = 200;

}  // namespace

bool DescriptorStream::wait_for_bytes() const {
  pollfd request{fd_, POLLIN, 0};
  while (true) {
    if (sink_ != nullptr && sink_->cancelled()) return false;
    const int ready = ::poll(&request, 1, kPollMilliseconds);
    // An error of poll is left to read, which names it.
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
  }
}

Result<std::size_t> DescriptorStream::read(char* buffer, std::size_t capacity) {
  std::size_t done = 0;
  while (done < capacity && !at_end_) {
    if (sink_ != nullptr && !wait_for_bytes()) {
      at_end_ = true;
      break;
    }
    const ssize_t got = ::read(fd_, buffer + done, capacity - done);
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (got == 0) {
      // A terminal would ask again.
      at_end_ = true;
    } else if (errno == EAGAIN) {
      // Whoever shares the descriptor has made it non-blocking.
      at_end_ = !wait_for_bytes();
    } else if (errno != EINTR) {
      return errno_error(errno, "read", subject_);
    }
  }
  return done;
}

std::string_view PeekStream::head() {
  if (!filled_) {
    filled_ = true;
    auto got = inner_.read(bytes_.data(), bytes_.size());
    if (got) {
      end_ = *got;
    } else {
      failure_ = std::move(got).error();
    }
  }
  return {bytes_.data() + begin_, end_ - begin_};
}

Result<std::size_t> PeekStream::read(char* buffer, std::size_t capacity) {
  if (failure_) return *failure_;
  const std::size_t count = std::min(capacity, end_ - begin_);
  if (count > 0) std::memcpy(buffer, bytes_.data() + begin_, count);
  begin_ += count;
  if (count == capacity) return count;
  auto more = inner_.read(buffer + count, capacity - count);
  if (!more) {
    failure_ = std::move(more).error();
    if (count > 0) return count;
    return *failure_;
  }
  return count + *more;
}

}  // namespace keytrail::fs
