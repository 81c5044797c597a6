#include "scanner/inventory/sqlite.h"

#include <sqlite3.h>

namespace keytrail::inventory {
namespace {

// What a code of SQLite means for the user. Messages of SQLite name tables and columns, never bound values.
Error sqlite_error(int code, const char* message, const std::string& subject) {
  const std::string detail = message == nullptr ? std::string() : std::string(message);
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return make_error(ErrorCode::limit_exceeded, "another process is writing to the inventory: try again", subject);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return make_error(ErrorCode::corrupt, "the inventory is damaged (" + detail + "): restore it from a backup",
                        subject);
    case SQLITE_CANTOPEN:
      return make_error(ErrorCode::not_found, "the inventory cannot be opened", subject);
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return make_error(ErrorCode::permission_denied, "the inventory may not be written", subject);
    case SQLITE_FULL:
      return make_error(ErrorCode::limit_exceeded, "no space is left for the inventory", subject);
    case SQLITE_TOOBIG:
      return make_error(ErrorCode::limit_exceeded, "a text is too large for the inventory", subject);
    case SQLITE_CONSTRAINT:
      return make_error(ErrorCode::invalid_argument, "the inventory does not take this: " + detail, subject);
    default:
      return make_error(ErrorCode::internal, "the inventory: " + detail, subject);
  }
}

Error error_of(sqlite3* database) {
  const char* path = sqlite3_db_filename(database, "main");
  return sqlite_error(sqlite3_extended_errcode(database), sqlite3_errmsg(database), path == nullptr ? "" : path);
}

Error error_of(sqlite3_stmt* statement) { return error_of(sqlite3_db_handle(statement)); }

// A file that somebody else made is only read as what it should be: no functions run from its schema, no writes to its
// internals, cells are checked.
void harden(sqlite3* database) {
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, 16 << 20);
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
void Database::Close::operator()(sqlite3* database) const noexcept { sqlite3_close(database); }

Statement& Statement::bind(int parameter, std::string_view text) {
  // A null pointer would bind NULL.
  const char* data = text.data() == nullptr ? "" : text.data();
  sqlite3_bind_text(handle_.get(), parameter, data, static_cast<int>(text.size()), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind(int parameter, std::int64_t number) {
  sqlite3_bind_int64(handle_.get(), parameter, number);
  return *this;
}

Statement& Statement::bind(int parameter, std::optional<std::int64_t> number) {
  if (number) return bind(parameter, *number);
  sqlite3_bind_null(handle_.get(), parameter);
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  sqlite3_bind_blob(handle_.get(), parameter, data, static_cast<int>(bytes.size()), SQLITE_STATIC);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return error_of(handle_.get());
}

Status Statement::run() {
  const auto row = step();
  Status status = row ? Status() : Status(row.error());
  reset();
  return status;
}

void Statement::reset() {
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
}

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  return text == nullptr
             ? std::string_view()
             : std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)));
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }

std::optional<std::int64_t> Statement::maybe_integer(int column) const {
  if (sqlite3_column_type(handle_.get(), column) == SQLITE_NULL) return std::nullopt;
  return integer(column);
}

std::string_view Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  return bytes == nullptr
             ? std::string_view()
             : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)));
}

Result<Database> Database::open(const std::string& path, int busy_milliseconds) {
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Database database;
  database.handle_.reset(raw);
  if (code != SQLITE_OK) return sqlite_error(code, raw == nullptr ? nullptr : sqlite3_errmsg(raw), path);
  sqlite3_busy_timeout(raw, busy_milliseconds);
  harden(raw);
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return error_of(handle_.get());
  Statement statement;
  statement.handle_.reset(raw);
  return statement;
}

Status Database::ensure(Statement& statement, std::string_view sql) const {
  if (statement.is_prepared()) return {};
  auto prepared = prepare(sql);
  if (!prepared) return prepared.error();
  statement = std::move(*prepared);
  return {};
}

Status Database::execute(const char* sql) const {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error_of(handle_.get());
  return {};
}

Result<std::int64_t> Database::number(const char* sql) const {
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  const auto row = statement->step();
  if (!row) return row.error();
  return *row ? statement->integer(0) : 0;
}

Result<std::string> Database::word(const char* sql) const {
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  const auto row = statement->step();
  if (!row) return row.error();
  return *row ? std::string(statement->text(0)) : std::string();
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

}  // namespace keytrail::inventory
