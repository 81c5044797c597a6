// Store: from a filter to SQL, and what may be due.
#include <algorithm>

#include "scanner/inventory/store_state.h"

namespace keytrail::inventory {
namespace {

// What tiers, dates and lists look at.
constexpr std::string_view kDueColumns =
    "id, service, provider, environment, owner, state, expires, last_rotated, access, scopes, reaches_production, "
    "regulated, can_write, compliance, rotation_days, value_made";

void narrow_text(Query& query, const char* column, const std::string& text) {
  if (text.empty()) return;
  query.texts.push_back(text);
  narrow(query, std::string(column) + " = ?" + std::to_string(query.texts.size()) + " COLLATE NOCASE");
}

void read_due(const Statement& row, core::Token& token) {
  token.id = row.text(0);
  token.service = row.text(1);
  token.provider = row.text(2);
  token.environment = row.text(3);
  token.owner = row.text(4);
  token.state = state_of(row, 5);
  token.expires = row.maybe_integer(6);
  token.last_rotated = row.maybe_integer(7);
  token.access = list_of_column(row.text(8));
  token.scopes = list_of_column(row.text(9));
  token.reaches_production = maybe_bool(row, 10);
  token.regulated = maybe_bool(row, 11);
  token.can_write = maybe_bool(row, 12);
  token.compliance = row.text(13);
  const auto days = row.maybe_integer(14);
  token.rotation_days = days ? std::optional<std::uint32_t>(static_cast<std::uint32_t>(*days)) : std::nullopt;
  token.values.resize(1);
  token.values.front().valid_from = row.maybe_integer(15);
}

}  // namespace

std::optional<bool> maybe_bool(const Statement& row, int column) {
  const auto number = row.maybe_integer(column);
  return number ? std::optional<bool>(*number != 0) : std::nullopt;
}

core::TokenState state_of(const Statement& row, int column) {
  return static_cast<core::TokenState>(std::clamp<std::int64_t>(row.integer(column), 0, 4));
}

void narrow(Query& query, const std::string& condition) {
  query.sql += query.sql.empty() ? " WHERE " : " AND ";
  query.sql += condition;
}

Query conditions_of(const TokenFilter& filter) {
  Query query;
  narrow_text(query, "service", filter.service);
  narrow_text(query, "provider", filter.provider);
  narrow_text(query, "environment", filter.environment);
  narrow_text(query, "owner", filter.owner);
  narrow_text(query, "kind", filter.kind);
  if (filter.never_rotated) narrow(query, "last_rotated IS NULL");
  if (filter.no_owner) narrow(query, "owner = ''");
  std::string states;
  for (const core::TokenState state : filter.states) {
    states += (states.empty() ? "" : ",") + std::to_string(static_cast<int>(state));
  }
  if (!states.empty()) narrow(query, "state IN (" + states + ")");
  std::string ids;
  for (const std::string& id : filter.ids) {
    query.texts.push_back(id);
    ids += (ids.empty() ? "?" : ",?") + std::to_string(query.texts.size());
  }
  if (!ids.empty()) narrow(query, "id IN (" + ids + ")");
  return query;
}

Result<Statement> run_query(const Database& database, std::string_view columns, const Query& query) {
  auto statement = database.prepare("SELECT " + std::string(columns) + " FROM tokens" + query.sql);
  if (!statement) return statement.error();
  for (std::size_t i = 0; i < query.texts.size(); ++i) statement->bind(static_cast<int>(i) + 1, query.texts[i]);
  return statement;
}

Status Store::each_due(const TokenFilter& filter, const DueBound& bound, core::Token& token,
                       const std::function<void()>& visit) const {
  Query query = conditions_of(filter);
  narrow(query, "state NOT IN (" + std::to_string(static_cast<int>(core::TokenState::revoked)) + "," +
                    std::to_string(static_cast<int>(core::TokenState::expired)) + ")");
  narrow(query, "(value_made IS NULL OR value_made + 86400 * min(coalesce(nullif(rotation_days, 0), " +
                    std::to_string(bound.rotate_days) + "), " + std::to_string(bound.lifetime_days) + ") <= " +
                    std::to_string(bound.rotate_until) + " OR expires <= " + std::to_string(bound.expire_until) + ")");
  auto rows = run_query(state_->database, kDueColumns, query);
  if (!rows) return rows.error();
  return each_row(*rows, [&] {
    read_due(*rows, token);
    visit();
    return Status();
  });
}

}  // namespace keytrail::inventory
