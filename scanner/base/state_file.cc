#include "scanner/base/state_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include "scanner/base/file.h"

namespace keytrail {
namespace {

constexpr std::string_view kMagic = "KTSTATE1";
constexpr std::string_view kSuffix = ".state";
constexpr std::string_view kTemporary = ".tmp.";
constexpr std::size_t kHead = kMagic.size() + sizeof(Sha256Digest) + sizeof(std::uint64_t);
constexpr std::size_t kTail = sizeof(Sha256Digest);
constexpr std::uint64_t kMaxFile = std::uint64_t{4} << 30;
constexpr std::time_t kDay = std::time_t{24} * 3600;
constexpr std::time_t kUnfinished = 3600;

std::string_view bytes_of(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string head_of(const Sha256Digest& key, std::uint64_t size) {
  std::string head(kMagic);
  head += bytes_of(key);
  head.append(reinterpret_cast<const char*>(&size), sizeof size);
  return head;
}

Status write_all(int file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno_error(errno, "write", path);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

// Processes of other machines that share the folder may have the same number: the time tells them apart.
std::string temporary_beside(const std::string& path) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return path + std::string(kTemporary) + std::to_string(::getpid()) + "." + std::to_string(now.tv_nsec);
}

Status write_file(const std::string& temporary, std::string_view head, std::string_view content) {
  const FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return errno_error(errno, "write", temporary);
  Sha256 hash;
  hash.update(head);
  hash.update(content);
  const Sha256Digest digest = hash.digest();
  for (const std::string_view part : {head, content, bytes_of(digest)}) {
    if (Status written = write_all(file.get(), part, temporary); !written) return written;
  }
  return {};
}

struct Entry {
  std::string path;
  std::time_t used = 0;
  std::uint64_t bytes = 0;
};

std::vector<Entry> entries_of(const std::string& folder) {
  struct Close {
    void operator()(DIR* open) const noexcept { ::closedir(open); }
  };
  std::vector<Entry> entries;
  const std::unique_ptr<DIR, Close> open(::opendir(folder.c_str()));
  if (!open) return entries;
  while (const dirent* entry = ::readdir(open.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of this thread
    const std::string_view name(entry->d_name);
    if (!name.ends_with(kSuffix) && name.find(kTemporary) == std::string_view::npos) continue;
    struct stat info {};
    std::string path = folder + "/" + std::string(name);
    if (::lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    entries.push_back({std::move(path), info.st_mtime, static_cast<std::uint64_t>(info.st_size)});
  }
  return entries;
}

}  // namespace

std::string_view StateReader::take(std::uint64_t count) {
  if (!ok_ || count > bytes_.size()) {
    ok_ = false;
    return {};
  }
  const std::string_view taken = bytes_.substr(0, count);
  bytes_.remove_prefix(count);
  return taken;
}

std::uint64_t StateReader::count(std::size_t bytes_each) {
  const std::uint64_t value = u64();
  if (value > bytes_.size() / bytes_each) ok_ = false;
  return ok_ ? value : 0;
}

// Read, not mapped: what another process cuts short meanwhile must be no fault.
std::optional<StateFile> StateFile::load(const std::string& path, const Sha256Digest& key) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat info {};
  if (!file.is_open() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size < kHead + kTail || size > kMaxFile) return std::nullopt;
  const std::string wanted = head_of(key, size - kHead - kTail);
  std::string head(kHead, '\0');
  const auto got = read_fully(file.get(), head.data(), head.size(), path);
  if (!got || head != wanted) return std::nullopt;
  StateFile state;
  const std::size_t rest = size - kHead;
  state.bytes_.reset(new char[rest]);
  const auto body = read_fully(file.get(), state.bytes_.get(), rest, path);
  if (!body || *body != rest) return std::nullopt;
  state.content_ = {state.bytes_.get(), rest - kTail};
  Sha256 hash;
  hash.update(head);
  hash.update(state.content_);
  const Sha256Digest digest = hash.digest();
  if (std::memcmp(digest.data(), state.bytes_.get() + rest - kTail, kTail) != 0) return std::nullopt;
  // Used: once a day is enough for prune_states().
  if (std::time(nullptr) - info.st_mtime > kDay) ::futimens(file.get(), nullptr);
  return state;
}

Status save_state(const std::string& path, const Sha256Digest& key, std::string_view content) {
  const std::size_t slash = path.rfind('/');
  if (slash != std::string::npos) {
    if (Status made = make_directories(path.substr(0, slash), 0700); !made) return made;
  }
  const std::string temporary = temporary_beside(path);
  Status written = write_file(temporary, head_of(key, content.size()), content);
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0) written = errno_error(errno, "write", path);
  if (!written) ::unlink(temporary.c_str());
  return written;
}

void touch_state(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return;
  if (std::time(nullptr) - info.st_mtime > kDay) ::utimensat(AT_FDCWD, path.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
}

void prune_states(const std::string& folder, std::time_t now, const StateLimits& limits) {
  std::vector<Entry> kept;
  std::uint64_t total = 0;
  for (Entry& entry : entries_of(folder)) {
    const bool temporary = !entry.path.ends_with(kSuffix);
    if (now - entry.used > (temporary ? kUnfinished : limits.unused_seconds)) {
      ::unlink(entry.path.c_str());
    } else {
      total += entry.bytes;
      if (!temporary) kept.push_back(std::move(entry));
    }
  }
  std::sort(kept.begin(), kept.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
  for (const Entry& entry : kept) {
    if (total <= limits.total_bytes) return;
    ::unlink(entry.path.c_str());
    total -= entry.bytes;
  }
}

}  // namespace keytrail
