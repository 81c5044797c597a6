#include "scanner/inventory/schema.h"

#include <array>
#include <string>

namespace keytrail::inventory {
namespace {

// kMigrations[n] makes version n + 1 of version n. One that was ever released is never changed.
//
// In `tokens` the columns of a list come first: SQLite reads a row only as far as it is asked for. last_four and
// has_value (0: no value is known, 1: its last four characters alone, 2: its fingerprint) repeat what token_values says
// of position 0, so that a list joins nothing.
constexpr std::array<const char*, 3> kMigrations = {R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tokens(
  row INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  service TEXT NOT NULL, provider TEXT NOT NULL, environment TEXT NOT NULL, owner TEXT NOT NULL,
  state INTEGER NOT NULL CHECK(state BETWEEN 0 AND 4),
  created INTEGER, expires INTEGER, last_rotated INTEGER, last_used INTEGER,
  last_four TEXT NOT NULL, has_value INTEGER NOT NULL, identifier_count INTEGER NOT NULL,
  kind TEXT NOT NULL, purpose TEXT NOT NULL, backup_owner TEXT NOT NULL,
  access TEXT NOT NULL, scopes TEXT NOT NULL,
  reaches_production INTEGER, regulated INTEGER, can_write INTEGER,
  compliance TEXT NOT NULL, storage TEXT NOT NULL, approver TEXT NOT NULL,
  rotation_days INTEGER, dependents TEXT NOT NULL, labels TEXT NOT NULL) STRICT;
CREATE TABLE schemes(
  row INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE, algorithm INTEGER NOT NULL, base64 INTEGER NOT NULL,
  hash_prefix TEXT NOT NULL, value_prefix TEXT NOT NULL,
  min_length INTEGER NOT NULL, max_length INTEGER NOT NULL, retired_key_check TEXT NOT NULL) STRICT;
CREATE TABLE token_values(
  token INTEGER NOT NULL REFERENCES tokens(row) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  scheme INTEGER REFERENCES schemes(row),
  fingerprint BLOB NOT NULL CHECK(length(fingerprint) IN (0, 32)),
  length INTEGER NOT NULL, last_four TEXT NOT NULL,
  valid_from INTEGER, valid_until INTEGER, probe INTEGER NOT NULL,
  PRIMARY KEY(token, position)) STRICT, WITHOUT ROWID;
CREATE INDEX values_by_fingerprint ON token_values(fingerprint);
CREATE TABLE identifiers(
  token INTEGER NOT NULL REFERENCES tokens(row) ON DELETE CASCADE,
  name TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY(token, name)) STRICT, WITHOUT ROWID;
CREATE INDEX identifiers_by_value ON identifiers(name, value);
CREATE TABLE due_approvals(
  row INTEGER PRIMARY KEY, token TEXT NOT NULL, action TEXT NOT NULL, requester TEXT NOT NULL,
  operator TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE outbox(row INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL) STRICT;
)sql",
                                                    // A probe was a hash alone. It comes again with the next import.
                                                    "UPDATE token_values SET probe = 0;",
                                                    // value_created() (policy.h), so that what may be due is told by
                                                    // one table.
                                                    R"sql(
ALTER TABLE tokens ADD COLUMN value_made INTEGER;
UPDATE tokens SET value_made = coalesce(
  (SELECT valid_from FROM token_values WHERE token = tokens.row AND position = 0 AND valid_until IS NULL),
  last_rotated, created);
)sql"};

Status apply_missing(const Database& database) {
  const auto version = database.number("PRAGMA user_version");
  if (!version) return version.error();
  for (std::size_t next = static_cast<std::size_t>(*version); next < kMigrations.size(); ++next) {
    if (Status done = database.execute(kMigrations[next]); !done) return done;
  }
  const std::string head = "PRAGMA application_id = " + std::to_string(kApplicationId) +
                           "; PRAGMA user_version = " + std::to_string(kMigrations.size());
  return database.execute(head.c_str());
}

}  // namespace

std::int64_t schema_version() { return static_cast<std::int64_t>(kMigrations.size()); }

Status migrate(const Database& database) {
  if (Status begun = database.execute("BEGIN IMMEDIATE"); !begun) return begun;
  if (Status done = apply_missing(database); !done) {
    static_cast<void>(database.execute("ROLLBACK"));
    return done;
  }
  return database.execute("COMMIT");
}

Status check_schema(const Database& database, const std::string& path) {
  const auto foreign = database.number(
      "SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index') OR sql LIKE '%VIRTUAL%'");
  if (!foreign) return foreign.error();
  if (*foreign == 0) return {};
  return make_error(ErrorCode::corrupt, "the inventory holds what keytrail never made: restore it from a backup", path);
}

}  // namespace keytrail::inventory
