#include "scanner/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace keytrail {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

void FileDescriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<std::size_t> read_fully(int fd, char* buffer, std::size_t capacity, const std::string& subject) {
  std::size_t done = 0;
  while (done < capacity) {
    const ssize_t got = ::read(fd, buffer + done, capacity - done);
    if (got == 0) break;
    if (got < 0) {
      if (errno == EINTR) continue;
      return errno_error(errno, "read", subject);
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return errno_error(errno, "open", path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return errno_error(errno, "stat", path);
  if (S_ISDIR(info.st_mode)) return errno_error(EISDIR, "read", path);
  std::string bytes;
  // Pipes and files of /proc say a size of nothing: read until the end in any case.
  std::size_t step = info.st_size > 0 ? static_cast<std::size_t>(info.st_size) + 1 : std::size_t{64} << 10;
  while (true) {
    if (bytes.size() > max_bytes) {
      return make_error(ErrorCode::limit_exceeded, "larger than " + std::to_string(max_bytes) + " bytes", path);
    }
    const std::size_t before = bytes.size();
    bytes.resize(before + std::min(step, max_bytes + 1 - before));
    const auto got = read_fully(file.get(), bytes.data() + before, bytes.size() - before, path);
    if (!got) return got.error();
    const bool at_end = *got < bytes.size() - before;
    bytes.resize(before + *got);
    if (at_end) return bytes;
    step = std::size_t{1} << 20;
  }
}

Status write_file_atomically(const std::string& path, std::string_view bytes, unsigned mode) {
  const std::string temporary = path + ".tmp." + std::to_string(::getpid());
  const FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!file.is_open()) return errno_error(errno, "write", path);
  std::string_view left = bytes;
  while (!left.empty()) {
    const ssize_t put = ::write(file.get(), left.data(), left.size());
    if (put < 0) {
      if (errno == EINTR) continue;
      const int failure = errno;
      ::unlink(temporary.c_str());
      return errno_error(failure, "write", path);
    }
    left.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int failure = errno;
    ::unlink(temporary.c_str());
    return errno_error(failure, "write", path);
  }
  return {};
}

Status make_directories(const std::string& path, unsigned mode) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (::mkdir(part.c_str(), mode) != 0 && errno != EEXIST) return errno_error(errno, "create folder", part);
    if (slash == std::string::npos) return {};
  }
}

}  // namespace keytrail
