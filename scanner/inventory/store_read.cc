#include <algorithm>
#include <array>
#include <cstring>

#include "scanner/inventory/store_state.h"

namespace keytrail::inventory {
namespace {

constexpr std::string_view kColumns =
    "row, id, service, provider, environment, owner, state, created, expires, last_rotated, last_used, has_value, "
    "identifier_count, kind, purpose, backup_owner, access, scopes, reaches_production, regulated, can_write, "
    "compliance, storage, approver, rotation_days, dependents, labels";
constexpr std::string_view kListColumns =
    "id, service, provider, environment, owner, state, created, expires, last_rotated, last_used, has_value, last_four";

core::Token read_token(const Statement& row) {
  core::Token token;
  token.id = row.text(1);
  token.service = row.text(2);
  token.provider = row.text(3);
  token.environment = row.text(4);
  token.owner = row.text(5);
  token.state = state_of(row, 6);
  token.created = row.maybe_integer(7);
  token.expires = row.maybe_integer(8);
  token.last_rotated = row.maybe_integer(9);
  token.last_used = row.maybe_integer(10);
  token.kind = row.text(13);
  token.purpose = row.text(14);
  token.backup_owner = row.text(15);
  token.access = list_of_column(row.text(16));
  token.scopes = list_of_column(row.text(17));
  token.reaches_production = maybe_bool(row, 18);
  token.regulated = maybe_bool(row, 19);
  token.can_write = maybe_bool(row, 20);
  token.compliance = row.text(21);
  token.storage = row.text(22);
  token.approver = row.text(23);
  if (const auto days = row.maybe_integer(24)) token.rotation_days = static_cast<std::uint32_t>(*days);
  token.dependents = list_of_column(row.text(25));
  token.labels = map_of_column(row.text(26));
  return token;
}

// The column that an order goes by; empty: there is no such order.
std::string sort_column(const std::string& sort) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kOrders = {{{"id", "id"},
                                                                                      {"service", "service"},
                                                                                      {"provider", "provider"},
                                                                                      {"environment", "environment"},
                                                                                      {"owner", "owner"},
                                                                                      {"state", "state"},
                                                                                      {"created", "created"},
                                                                                      {"expires", "expires"},
                                                                                      {"rotated", "last_rotated"},
                                                                                      {"used", "last_used"}}};
  for (const auto& [name, column] : kOrders) {
    if (name == sort) return std::string(column);
  }
  return {};
}

Result<Query> make_query(const TokenFilter& filter) {
  Query query = conditions_of(filter);
  const std::string column = sort_column(filter.sort);
  if (column.empty()) {
    return make_error(
        ErrorCode::invalid_argument,
        "cannot sort by this: id, service, provider, environment, owner, state, created, expires, rotated "
        "or used",
        filter.sort);
  }
  const std::string direction = filter.descending ? " DESC" : "";
  // What has no date comes last, whichever the direction.
  query.sql += " ORDER BY " + column + direction + " NULLS LAST" + (column == "id" ? "" : ", id");
  return query;
}

Status read_values(const Database& database, Statement& statement, std::int64_t token, TokenRecord& record) {
  if (Status ready = database.ensure(
          statement,
          "SELECT coalesce(name, ''), fingerprint, length, last_four, valid_from, valid_until, probe FROM token_values "
          "LEFT JOIN schemes ON schemes.row = scheme WHERE token = ?1 ORDER BY position");
      !ready) {
    return ready;
  }
  const StatementScope scope(statement);
  statement.bind(1, token);
  return each_row(statement, [&] {
    core::TokenValue value;
    value.scheme = statement.text(0).empty() ? kOwnScheme : statement.text(0);
    value.fingerprint = to_hex(statement.blob(1));
    value.length = static_cast<std::uint32_t>(statement.integer(2));
    value.last_four = statement.text(3);
    value.valid_from = statement.maybe_integer(4);
    value.valid_until = statement.maybe_integer(5);
    record.token.values.push_back(std::move(value));
    record.probes.push_back(static_cast<std::uint64_t>(statement.integer(6)));
    return Status();
  });
}

Status read_identifiers(const Database& database, Statement& statement, std::int64_t token, core::Token& out) {
  if (Status ready = database.ensure(statement, "SELECT name, value FROM identifiers WHERE token = ?1"); !ready) {
    return ready;
  }
  const StatementScope scope(statement);
  statement.bind(1, token);
  return each_row(statement, [&] {
    out.identifiers.emplace(statement.text(0), statement.text(1));
    return Status();
  });
}

}  // namespace

Result<TokenRecord> Store::read_record(const Statement& row) const {
  TokenRecord record;
  record.token = read_token(row);
  if (row.integer(11) != 0) {
    if (Status read = read_values(state_->database, state_->values, row.integer(0), record); !read) return read.error();
  }
  if (row.integer(12) != 0) {
    if (Status read = read_identifiers(state_->database, state_->identifiers, row.integer(0), record.token); !read) {
      return read.error();
    }
  }
  return record;
}

Result<std::size_t> Store::count() const {
  const auto number = state_->database.number("SELECT count(*) FROM tokens");
  if (!number) return number.error();
  return static_cast<std::size_t>(*number);
}

Result<std::optional<TokenRecord>> Store::find_record(std::string_view id) const {
  if (Status ready =
          state_->database.ensure(state_->find, "SELECT " + std::string(kColumns) + " FROM tokens WHERE id = ?1");
      !ready) {
    return ready.error();
  }
  const StatementScope scope(state_->find);
  const auto row = state_->find.bind(1, id).step();
  if (!row) return row.error();
  if (!*row) return std::optional<TokenRecord>();
  auto record = read_record(state_->find);
  if (!record) return record.error();
  return std::optional<TokenRecord>(std::move(*record));
}

Result<std::optional<core::Token>> Store::find(std::string_view id) const {
  auto record = find_record(id);
  if (!record) return record.error();
  if (!*record) return std::optional<core::Token>();
  return std::optional<core::Token>(std::move((*record)->token));
}

Status Store::for_each(const TokenFilter& filter, const std::function<Status(TokenRecord&&)>& visit) const {
  const auto query = make_query(filter);
  if (!query) return query.error();
  auto rows = run_query(state_->database, kColumns, *query);
  if (!rows) return rows.error();
  return each_row(*rows, [&]() -> Status {
    auto record = read_record(*rows);
    if (!record) return record.error();
    return visit(std::move(*record));
  });
}

Result<std::vector<core::Token>> Store::tokens(const TokenFilter& filter) const {
  std::vector<core::Token> tokens;
  const Status read = for_each(filter, [&](TokenRecord&& record) {
    tokens.push_back(std::move(record.token));
    return Status();
  });
  if (!read) return read.error();
  return tokens;
}

Result<std::vector<TokenSummary>> Store::list(const TokenFilter& filter) const {
  std::vector<TokenSummary> list;
  const Status read = each_summary(filter, [&](const TokenSummary& token) { list.push_back(token); });
  if (!read) return read.error();
  return list;
}

Status Store::each_summary(const TokenFilter& filter, const std::function<void(const TokenSummary&)>& visit) const {
  const auto query = make_query(filter);
  if (!query) return query.error();
  auto rows = run_query(state_->database, kListColumns, *query);
  if (!rows) return rows.error();
  TokenSummary token;
  return each_row(*rows, [&] {
    token.id = rows->text(0);
    token.service = rows->text(1);
    token.provider = rows->text(2);
    token.environment = rows->text(3);
    token.owner = rows->text(4);
    token.state = state_of(*rows, 5);
    token.created = rows->maybe_integer(6);
    token.expires = rows->maybe_integer(7);
    token.last_rotated = rows->maybe_integer(8);
    token.last_used = rows->maybe_integer(9);
    token.has_fingerprint = rows->integer(10) == 2;
    token.last_four = rows->text(11);
    visit(token);
    return Status();
  });
}

}  // namespace keytrail::inventory
