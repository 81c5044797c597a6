#include "scanner/inventory/audit_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "scanner/base/dates.h"
#include "scanner/base/file.h"
#include "scanner/inventory/audit_json.h"

namespace keytrail::inventory {
namespace {

// An event that was written and whose outbox row stayed stands among the lines of the writers since.
constexpr std::size_t kTailBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxLogBytes = std::size_t{4} << 30;
const std::string kNoHash(64, '0');

struct LogFile {
  FileDescriptor file;
  std::size_t size = 0;
};

Status wait_for_lock(int fd, const std::string& path) {
  while (::flock(fd, LOCK_EX) != 0) {
    if (errno != EINTR) return errno_error(errno, "lock the audit log", path);
  }
  return {};
}

// The log with its lock. Who pruned it while we waited has put another file in its place.
Result<LogFile> open_locked(const std::string& path) {
  while (true) {
    LogFile log;
    log.file = FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!log.file.is_open()) return errno_error(errno, "open the audit log", path);
    if (Status locked = wait_for_lock(log.file.get(), path); !locked) return locked.error();
    struct stat mine {};
    struct stat there {};
    if (::fstat(log.file.get(), &mine) != 0) return errno_error(errno, "stat the audit log", path);
    log.size = static_cast<std::size_t>(mine.st_size);
    if (::stat(path.c_str(), &there) == 0 && there.st_ino == mine.st_ino && there.st_dev == mine.st_dev) return log;
  }
}

Result<std::string> read_tail(const LogFile& log, std::size_t bytes, const std::string& path) {
  std::string tail(std::min(bytes, log.size), '\0');
  std::size_t done = 0;
  while (done < tail.size()) {
    const ssize_t got = ::pread(log.file.get(), tail.data() + done, tail.size() - done,
                                static_cast<off_t>(log.size - tail.size() + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return errno_error(errno, "read the audit log", path);
    done += static_cast<std::size_t>(got);
  }
  return tail;
}

Status write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno_error(errno, "write the audit log", path);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Status sync_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const FileDescriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle.is_open() || ::fsync(handle.get()) != 0) return errno_error(errno, "write to disk", folder);
  return {};
}

template <typename Visit>
void each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return;
    if (!visit(text.substr(0, end))) return;
    text.remove_prefix(end + 1);
  }
}

// What the end of a log says: where the chain stands, and the ids that need not be written again.
struct Tail {
  AuditPosition last{0, kNoHash};
  std::set<std::string> ids;
  std::size_t partial_bytes = 0;
};

Result<Tail> look_at_tail(const LogFile& log, const std::string& path) {
  auto text = read_tail(log, kTailBytes, path);
  if (!text) return text.error();
  std::string_view lines = *text;
  Tail tail;
  tail.partial_bytes = lines.size() - (lines.rfind('\n') == std::string_view::npos ? 0 : lines.rfind('\n') + 1);
  // The first line is not whole where the tail is not the file.
  if (lines.size() < log.size) lines.remove_prefix(std::min(lines.size() - 1, lines.find('\n')) + 1);
  bool good = true;
  each_line(lines, [&](std::string_view line) {
    const auto link = parse_link(line);
    good = link.has_value();
    if (!good) return true;
    if (link->is_cut) {
      tail.last = {link->cut.through, link->cut.hash};
      return true;
    }
    tail.last = {link->sequence, line_hash(line)};
    tail.ids.insert(link->id);
    return true;
  });
  // A last line that nobody can read: going on behind it would hide that.
  if (!good) {
    return make_error(ErrorCode::corrupt, "the last line of the audit log is damaged: keytrail audit verify tells more",
                      path);
  }
  return tail;
}

Status cut_partial(LogFile& log, const Tail& tail, const std::string& path) {
  if (tail.partial_bytes == 0) return {};
  log.size -= tail.partial_bytes;
  if (::ftruncate(log.file.get(), static_cast<off_t>(log.size)) != 0) return errno_error(errno, "mend", path);
  return {};
}

// The rest of a file whose lines before `before` go.
struct Kept {
  std::string_view lines;
  AuditCut cut;
  std::uint64_t removed = 0;
};

Kept lines_to_keep(std::string_view text, std::int64_t before) {
  Kept kept;
  kept.lines = text;
  each_line(text, [&](std::string_view line) {
    const auto link = parse_link(line);
    const bool is_last = line.data() + line.size() + 1 == text.data() + text.size();
    if (!link || is_last || (!link->is_cut && link->time >= before)) return false;
    kept.cut = link->is_cut ? link->cut : AuditCut{link->sequence, line_hash(line)};
    kept.removed += link->is_cut ? 0U : 1U;
    kept.lines.remove_prefix(line.size() + 1);
    return true;
  });
  return kept;
}

Status replace_log(const std::string& path, std::string_view first, std::string_view rest) {
  const std::string temporary = path + ".tmp." + std::to_string(::getpid());
  const FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return errno_error(errno, "write the audit log", temporary);
  Status status = write_all(file.get(), first, temporary);
  if (status) status = write_all(file.get(), rest, temporary);
  if (status && ::fsync(file.get()) != 0) status = errno_error(errno, "write to disk", temporary);
  if (status && ::rename(temporary.c_str(), path.c_str()) != 0) status = errno_error(errno, "replace", path);
  if (!status) {
    ::unlink(temporary.c_str());
    return status;
  }
  return sync_folder(path);
}

}  // namespace

std::string AuditLog::log_path(const std::string& store_path) {
  const std::size_t slash = store_path.rfind('/');
  return (slash == std::string::npos ? std::string() : store_path.substr(0, slash + 1)) + "audit.jsonl";
}

Result<AuditPosition> AuditLog::append(const AuditEvent& event) const { return append(std::vector{event}); }

Result<AuditPosition> AuditLog::append(const std::vector<AuditEvent>& events) const {
  auto log = open_locked(path_);
  if (!log) return log.error();
  auto tail = look_at_tail(*log, path_);
  if (!tail) return tail.error();
  if (Status cut = cut_partial(*log, *tail, path_); !cut) return cut.error();
  std::string lines;
  for (AuditEvent event : events) {
    complete_event(event);
    if (!tail->ids.insert(event.id).second) continue;
    const std::string line = audit_line(event, tail->last.sequence + 1, tail->last.hash);
    tail->last = {tail->last.sequence + 1, line_hash(line)};
    lines += line + "\n";
  }
  if (Status put = write_all(log->file.get(), lines, path_); !put) {
    // What was half written would be taken for a crash; better now than by the next one.
    static_cast<void>(::ftruncate(log->file.get(), static_cast<off_t>(log->size)));
    return put.error();
  }
  if (::fsync(log->file.get()) != 0) return errno_error(errno, "write the audit log to disk", path_);
  if (log->size == 0) {
    if (Status synced = sync_folder(path_); !synced) return synced.error();
  }
  return tail->last;
}

Status AuditLog::for_each(const std::function<bool(std::string_view line)>& visit) const {
  const auto text = read_file(path_, kMaxLogBytes);
  if (!text) return text.error();
  each_line(*text, visit);
  return {};
}

Result<std::uint64_t> AuditLog::prune(std::int64_t before, const AuditEvent& event) const {
  if (::access(path_.c_str(), F_OK) != 0) return errno_error(errno, "open the audit log", path_);
  auto log = open_locked(path_);
  if (!log) return log.error();
  const auto tail = look_at_tail(*log, path_);
  if (!tail) return tail.error();
  if (Status cut = cut_partial(*log, *tail, path_); !cut) return cut.error();
  const auto text = read_tail(*log, log->size, path_);
  if (!text) return text.error();
  const Kept kept = lines_to_keep(*text, before);
  if (kept.removed == 0) return kept.removed;
  AuditEvent record = event;
  record.kind = "prune";
  record.details["through"] = std::to_string(kept.cut.through);
  record.details["hash"] = kept.cut.hash;
  record.details["lines"] = std::to_string(kept.removed);
  record.details["before"] = utc_time(before);
  complete_event(record);
  const std::string line = audit_line(record, tail->last.sequence + 1, tail->last.hash) + "\n";
  Status done = replace_log(path_, cut_line(kept.cut) + "\n", std::string(kept.lines) + line);
  return done ? Result<std::uint64_t>(kept.removed) : Result<std::uint64_t>(done.error());
}

}  // namespace keytrail::inventory
