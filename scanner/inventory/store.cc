#include "scanner/inventory/store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "scanner/base/file.h"
#include "scanner/inventory/schema.h"
#include "scanner/inventory/store_state.h"

namespace keytrail::inventory {
namespace {

constexpr int kBusyMilliseconds = 10'000;
// A store up to this size is checked whole whenever it is opened for writing, 16 MiB take about 30 ms; one that was
// left open, by who reads it too. A larger one only by who writes to one that was left open: a kill is what can damage
// it.
constexpr std::int64_t kMaxCheckedBytes = std::int64_t{16} << 20;

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

Error damaged(const std::string& path, const std::string& what) {
  return make_error(ErrorCode::corrupt, "the inventory is damaged (" + what + "): restore it from a backup", path);
}

// The header and the schema: what can be told without reading the tables.
Status check_head(const Database& database, const std::string& path) {
  const auto application = database.number("PRAGMA application_id");
  if (!application) return application.error();
  const auto version = database.number("PRAGMA user_version");
  if (!version) return version.error();
  const auto tables = database.number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  // init was killed before its first transaction.
  if (*application == 0 && *version == 0 && *tables == 0) {
    return make_error(ErrorCode::not_found, "the inventory is empty: run keytrail inventory init again", path);
  }
  if (*application != kApplicationId) {
    return make_error(ErrorCode::unsupported, "this SQLite file is no inventory of keytrail's", path);
  }
  if (*version > schema_version()) {
    return make_error(ErrorCode::unsupported, "a newer keytrail made this inventory: update keytrail", path);
  }
  return check_schema(database, path);
}

Status quick_check(const Database& database, const std::string& path) {
  const auto answer = database.word("PRAGMA quick_check(1)");
  if (!answer) return answer.error();
  return *answer == "ok" ? Status() : Status(damaged(path, *answer));
}

Status check_size(const Database& database, const std::string& path) {
  const auto pages = database.number("PRAGMA page_count");
  if (!pages) return pages.error();
  const auto page_bytes = database.number("PRAGMA page_size");
  if (!page_bytes) return page_bytes.error();
  return *pages * *page_bytes <= kMaxCheckedBytes ? quick_check(database, path) : Status();
}

// Only its owner reads it: who uses which token where is worth something too.
Status make_file(const std::string& path) {
  const std::string folder = folder_of(path);
  if (!folder.empty()) {
    if (Status made = make_directories(folder, 0700); !made) return made;
  }
  const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return errno_error(errno, "create the inventory", path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return errno_error(errno, "stat", path);
  // One that is empty was left by an init that was killed.
  if (info.st_size > 0) return make_error(ErrorCode::invalid_argument, "the inventory is there already", path);
  return {};
}

// A log that nobody has folded in: somebody is at work, or was killed.
bool was_left_open(const std::string& path) {
  struct stat info {};
  return ::stat((path + "-wal").c_str(), &info) == 0 && info.st_size > 0;
}

Status begin_use(const Database& database, Store::Access access, const std::string& path, bool left_open) {
  // The default cache is 2 MB; an import of many tokens touches more.
  if (Status set =
          database.execute("PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON; PRAGMA cache_size = -32768");
      !set) {
    return set;
  }
  if (Status head = check_head(database, path); !head) return head;
  const auto version = database.number("PRAGMA user_version");
  if (!version) return version.error();
  if (*version < schema_version()) {
    if (Status migrated = migrate(database); !migrated) return migrated;
  }
  if (access == Store::Access::write) return left_open ? quick_check(database, path) : check_size(database, path);
  if (Status only = database.execute("PRAGMA query_only = ON"); !only) return only;
  return left_open ? check_size(database, path) : Status();
}

}  // namespace

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::create(const std::string& path) {
  if (Status made = make_file(path); !made) return made.error();
  auto database = Database::open(path, kBusyMilliseconds);
  if (!database) return database.error();
  // The mode stays in the file. Changing it wants nobody else at work, and nobody else knows the file yet.
  const auto mode = database->word("PRAGMA journal_mode = WAL");
  if (!mode) return mode.error();
  if (Status migrated = migrate(*database); !migrated) return migrated.error();
  return open(path, Access::write);
}

Result<Store> Store::open(const std::string& path, Access access) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return make_error(ErrorCode::not_found, "there is no inventory: keytrail inventory init makes one", path);
    }
    return errno_error(errno, "open the inventory", path);
  }
  if (!S_ISREG(info.st_mode)) return make_error(ErrorCode::invalid_argument, "the inventory is no file", path);
  const bool left_open = was_left_open(path);
  auto database = Database::open(path, kBusyMilliseconds);
  if (!database) return database.error();
  if (Status begun = begin_use(*database, access, path, left_open); !begun) {
    // SQLite's own errors name the path as it sees it.
    Error error = begun.error();
    error.subject = path;
    return error;
  }
  auto state = std::make_unique<State>();
  state->path = path;
  state->access = access;
  state->database = std::move(*database);
  state->log = AuditLog(AuditLog::log_path(path));
  if (access == Access::write) {
    if (Status flushed = state->flush_outbox(); !flushed) return flushed.error();
  }
  return Store(std::move(state));
}

const std::string& Store::path() const { return state_->path; }
const AuditLog& Store::audit_log() const { return state_->log; }

Status Store::check() const {
  const auto integrity = state_->database.word("PRAGMA integrity_check(1)");
  if (!integrity) return integrity.error();
  if (*integrity != "ok") return damaged(state_->path, *integrity);
  auto keys = state_->database.prepare("PRAGMA foreign_key_check");
  if (!keys) return keys.error();
  const auto broken = keys->step();
  if (!broken) return broken.error();
  if (*broken) return damaged(state_->path, "a row refers to one that is not there");
  const auto missing = state_->database.number(
      "SELECT count(*) FROM tokens WHERE (has_value > 0) <> EXISTS(SELECT 1 FROM token_values WHERE token = tokens.row "
      "AND "
      "position = 0)");
  if (!missing) return missing.error();
  return *missing == 0 ? Status() : Status(damaged(state_->path, "a token has lost its fingerprint"));
}

// ---- transactions

Result<Transaction> Store::begin() {
  if (Status begun = state_->database.execute("BEGIN IMMEDIATE"); !begun) return begun.error();
  return Transaction(state_.get());
}

Transaction::~Transaction() {
  if (state_ != nullptr) state_->roll_back();
}

Status Transaction::commit() {
  Store::State* state = std::exchange(state_, nullptr);
  if (state == nullptr) return make_error(ErrorCode::internal, "this transaction is over");
  if (Status done = state->database.execute("COMMIT"); !done) {
    state->roll_back();
    return done;
  }
  const Status flushed = state->flush_outbox();
  if (flushed) return {};
  Error error = flushed.error();
  error.message += " (the change is stored; its line in the audit log will be written with the next one)";
  return error;
}

void Store::State::roll_back() {
  // Nothing can be done where this fails: closing the database does the same.
  if (database.in_transaction()) static_cast<void>(database.execute("ROLLBACK"));
}

}  // namespace keytrail::inventory
