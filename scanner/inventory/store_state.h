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

// Lists as they stand in a column: JSON, empty for an empty list.
std::string to_column(const std::vector<std::string>& list);
std::string to_column(const std::map<std::string, std::string>& texts);
std::vector<std::string> list_of_column(std::string_view column);
std::map<std::string, std::string> map_of_column(std::string_view column);

}  // namespace keytrail::inventory
