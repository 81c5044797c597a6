// The tables of the store and how an older one becomes the newest.
#pragma once

#include <cstdint>

#include "scanner/base/result.h"
#include "scanner/inventory/sqlite.h"

namespace keytrail::inventory {

// What stands in SQLite's application_id of every store: "KTIN".
inline constexpr std::int64_t kApplicationId = 0x4B54494E;
// Of the newest schema (user_version).
std::int64_t schema_version();
// Brings the store to the newest schema, in one transaction; another process may do the same at once.
Status migrate(const Database& database);
// Nothing that this program would not have made: no triggers, no views.
Status check_schema(const Database& database, const std::string& path);

}  // namespace keytrail::inventory
