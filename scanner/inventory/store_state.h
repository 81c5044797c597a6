// What the parts of Store share: store.cc, store_read.cc and store_write.cc include this, nobody else.
#pragma once

#include <string>
#include <vector>

#include "scanner/inventory/sqlite.h"
#include "scanner/inventory/store.h"

namespace keytrail::inventory {

struct Store::State {
  std::string path;
  Access access = Access::read;
  Database database;
  AuditLog log;
  // Prepared when first used.
  Statement find, values, identifiers, put, drop_values, drop_identifiers, put_value, put_identifier;

  // A statement of an open transaction failed halfway, or it was not committed.
  void roll_back();
  // Moves what transactions left in the outbox to the audit log. Holds the write lock meanwhile, so that nobody else
  // does the same; a crash between the log and the store is told by the ids of the last lines.
  Status flush_outbox();
};

// Conditions and an order, with what is bound to them.
struct Query {
  std::string sql;
  std::vector<std::string> texts;
};
void narrow(Query& query, const std::string& condition);
// The conditions of a filter, without its order.
Query conditions_of(const TokenFilter& filter);
Result<Statement> run_query(const Database& database, std::string_view columns, const Query& query);
std::optional<bool> maybe_bool(const Statement& row, int column);
core::TokenState state_of(const Statement& row, int column);

// Lists as they stand in a column: JSON, empty for an empty list.
std::string to_column(const std::vector<std::string>& list);
std::string to_column(const std::map<std::string, std::string>& texts);
std::vector<std::string> list_of_column(std::string_view column);
std::map<std::string, std::string> map_of_column(std::string_view column);

}  // namespace keytrail::inventory
