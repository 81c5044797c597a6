#include "scanner/fs/file_reader.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>

#include "scanner/fs/streams.h"

namespace keytrail::fs {
namespace {

// Holds nearly every source file in one read, and stays in the second-level cache while it is scanned.
constexpr std::size_t kFirstReadBytes = std::size_t{128} << 10;

}  // namespace

FileReader::FileReader(std::uint64_t whole_file_bytes)
    : whole_file_bytes_(static_cast<std::size_t>(
          std::min<std::uint64_t>(whole_file_bytes, std::numeric_limits<std::size_t>::max() / 4))) {}

void FileReader::grow(std::size_t capacity) {
  if (capacity > allocated_) {
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(larger.get(), buffer_.get(), size_);
    buffer_ = std::move(larger);
    allocated_ = capacity;
  }
  capacity_ = capacity;
}

int FileReader::fill(int fd, bool short_read_is_end) {
  while (size_ < capacity_) {
    const std::size_t wanted = capacity_ - size_;
    const ssize_t got = ::read(fd, buffer_.get() + size_, wanted);
    if (got < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    size_ += static_cast<std::size_t>(got);
    at_end_ = got == 0 || (short_read_is_end && static_cast<std::size_t>(got) < wanted);
    if (at_end_) break;
  }
  return 0;
}

void FileReader::deliver(int fd, bool short_read_is_end, unsigned worker, const core::BlobOrigin& origin,
                         core::Sink& sink) {
  size_ = 0;
  at_end_ = false;
  grow(std::min(kFirstReadBytes, whole_file_bytes_ + 1));
  int failure = fill(fd, short_read_is_end);
  if (failure == 0 && !at_end_) {
    struct stat info {};
    std::size_t said = 0;
    if (::fstat(fd, &info) == 0 && info.st_size > 0) said = static_cast<std::size_t>(info.st_size);
    if (said > whole_file_bytes_) return deliver_stream(fd, worker, origin, sink);
    // One byte more than it should have shows that it has not grown.
    while (failure == 0 && !at_end_ && size_ <= whole_file_bytes_) {
      grow(std::min(std::max(said + 1, capacity_ * 2), whole_file_bytes_ + 1));
      failure = fill(fd, short_read_is_end);
    }
  }
  if (failure != 0) {
    sink.skip(worker, core::SkipReason::unreadable, origin.path, std::generic_category().message(failure));
  }
  // What was read before the failure is scanned all the same.
  if (failure != 0 && size_ == 0) return;
  if (failure == 0 && size_ > whole_file_bytes_) return deliver_stream(fd, worker, origin, sink);
  sink.blob(worker, core::Blob{{buffer_.get(), size_}, &origin});
}

void FileReader::deliver_stream(int fd, unsigned worker, const core::BlobOrigin& origin, core::Sink& sink) {
  DescriptorStream rest(fd, origin.path);
  core::PrefixedStream stream({buffer_.get(), size_}, rest);
  sink.stream(worker, origin, stream);
}

}  // namespace keytrail::fs
