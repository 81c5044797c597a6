// The way of an audit line from the transaction that it tells of to the audit log: a row of the store first, written
// with the change; then the log; then the row goes. A crash between any two of these loses no line and doubles none.
#include "scanner/inventory/audit_json.h"
#include "scanner/inventory/store_state.h"

namespace keytrail::inventory {
namespace {

struct Outbox {
  std::vector<AuditEvent> events;
  std::int64_t last_row = 0;
};

Result<Outbox> read_outbox(const Database& database) {
  auto rows = database.prepare("SELECT row, event FROM outbox ORDER BY row");
  if (!rows) return rows.error();
  Outbox outbox;
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return outbox;
    outbox.last_row = rows->integer(0);
    auto event = parse_event(rows->text(1));
    if (event) outbox.events.push_back(std::move(*event));
  }
}

Status set_meta(const Database& database, std::string_view name, std::string_view value) {
  auto statement = database.prepare("INSERT INTO meta VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value = ?2");
  if (!statement) return statement.error();
  return statement->bind(1, name).bind(2, value).run();
}

Result<std::string> get_meta(const Database& database, std::string_view name) {
  auto statement = database.prepare("SELECT value FROM meta WHERE name = ?1");
  if (!statement) return statement.error();
  const auto row = statement->bind(1, name).step();
  if (!row) return row.error();
  return *row ? std::string(statement->text(0)) : std::string();
}

// With the write lock held.
Status move_lines(const Database& database, const AuditLog& log) {
  const auto outbox = read_outbox(database);
  if (!outbox) return outbox.error();
  if (outbox->last_row == 0) return {};
  const auto position = log.append(outbox->events);
  if (!position) return position.error();
  const std::string drop = "DELETE FROM outbox WHERE row <= " + std::to_string(outbox->last_row);
  if (Status dropped = database.execute(drop.c_str()); !dropped) return dropped;
  if (Status set = set_meta(database, "audit_sequence", std::to_string(position->sequence)); !set) return set;
  return set_meta(database, "audit_hash", position->hash);
}

}  // namespace

Status Store::State::flush_outbox() {
  const auto waiting = database.number("SELECT EXISTS(SELECT 1 FROM outbox)");
  if (!waiting) return waiting.error();
  if (*waiting == 0) return {};
  if (Status begun = database.execute("BEGIN IMMEDIATE"); !begun) return begun;
  if (Status moved = move_lines(database, log); !moved) {
    roll_back();
    return moved;
  }
  return database.execute("COMMIT");
}

Status Store::record(const AuditEvent& event) {
  auto statement = state_->database.prepare("INSERT INTO outbox(event) VALUES(?1)");
  if (!statement) return statement.error();
  AuditEvent whole = event;
  complete_event(whole);
  const std::string text = event_text(whole);
  return statement->bind(1, text).run();
}

Result<std::optional<AuditPosition>> Store::audit_position() const {
  const auto sequence = get_meta(state_->database, "audit_sequence");
  if (!sequence) return sequence.error();
  const auto hash = get_meta(state_->database, "audit_hash");
  if (!hash) return hash.error();
  if (sequence->empty() || hash->empty()) return std::optional<AuditPosition>();
  AuditPosition position;
  position.hash = *hash;
  for (const char c : *sequence) {
    if (c < '0' || c > '9' || position.sequence > (std::uint64_t{1} << 60)) {
      return make_error(ErrorCode::corrupt, "the inventory's memory of the audit log is damaged", state_->path);
    }
    position.sequence = position.sequence * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return std::optional<AuditPosition>(position);
}

Result<std::string> Store::key_check() const { return get_meta(state_->database, "key_check"); }
Status Store::set_key_check(std::string_view check) { return set_meta(state_->database, "key_check", check); }

}  // namespace keytrail::inventory
