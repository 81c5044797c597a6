// SQLite behind handles: a Database, its Statements, and the one function that turns SQLite's codes into an Error.
//
// A Database and what comes from it belong to one thread. Parameters and columns are numbered as SQLite does it:
// parameters from 1, columns from 0. What is bound must live until the statement is reset; what text() and blob() give
// lives until the next step() or reset(). See https://www.sqlite.org/c3ref/intro.html.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "scanner/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace keytrail::inventory {

class Statement {
 public:
  Statement() = default;
  bool is_prepared() const { return handle_ != nullptr; }

  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, std::int64_t number);
  Statement& bind(int parameter, std::optional<std::int64_t> number);
  Statement& bind_blob(int parameter, std::string_view bytes);

  // true: a row is there; false: done.
  Result<bool> step();
  // For statements without rows: step, reset.
  Status run();
  // Lets go of the row and of what was bound; a statement that is left in the middle keeps a lock.
  void reset();

  std::string_view text(int column) const;
  std::int64_t integer(int column) const;
  std::optional<std::int64_t> maybe_integer(int column) const;
  std::string_view blob(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

// Calls `visit` for each row that is left.
template <typename Visit>
Status each_row(Statement& rows, const Visit& visit) {
  while (true) {
    const auto row = rows.step();
    if (!row) return row.error();
    if (!*row) return {};
    if (Status visited = visit(); !visited) return visited;
  }
}

// Resets a statement at the end of the scope.
class StatementScope {
 public:
  explicit StatementScope(Statement& statement) : statement_(statement) {}
  ~StatementScope() { statement_.reset(); }
  StatementScope(const StatementScope&) = delete;
  StatementScope& operator=(const StatementScope&) = delete;

 private:
  Statement& statement_;
};

class Database {
 public:
  // An existing file. Settings that make a hostile file harmless are on.
  static Result<Database> open(const std::string& path, int busy_milliseconds);

  Result<Statement> prepare(std::string_view sql) const;
  // Prepares `statement` unless that was done.
  Status ensure(Statement& statement, std::string_view sql) const;
  Status execute(const char* sql) const;
  Result<std::int64_t> number(const char* sql) const;
  Result<std::string> word(const char* sql) const;
  // Whether a transaction is open.
  bool in_transaction() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace keytrail::inventory
