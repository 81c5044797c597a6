// Files: reading whole ones, writing atomically, and owning descriptors.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "scanner/base/result.h"

namespace keytrail {

// Owns a file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { reset(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset();

 private:
  int fd_ = -1;
};

// Reads up to `capacity` bytes, fewer only at the end of the file; retries what a signal interrupted.
Result<std::size_t> read_fully(int fd, char* buffer, std::size_t capacity, const std::string& subject);

// The whole file; limit_exceeded when it is larger than `max_bytes`.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

// Replaces `path` by `bytes` or leaves it as it was: writes a temporary file beside it and renames.
Status write_file_atomically(const std::string& path, std::string_view bytes, unsigned mode = 0644);

// Creates a directory and its parents.
Status make_directories(const std::string& path, unsigned mode = 0755);

}  // namespace keytrail
