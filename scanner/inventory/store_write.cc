#include "scanner/inventory/fingerprint.h"
#include "scanner/inventory/policy.h"
#include "scanner/inventory/store_state.h"

namespace keytrail::inventory {
namespace {

constexpr std::string_view kPut =
    "INSERT INTO tokens(id, service, provider, environment, owner, state, created, expires, last_rotated, last_used, "
    "last_four, has_value, identifier_count, kind, purpose, backup_owner, access, scopes, reaches_production, "
    "regulated, can_write, compliance, storage, approver, rotation_days, dependents, labels, value_made) VALUES(?1, "
    "?2, ?3, ?4, "
    "?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, "
    "?28) "
    "ON CONFLICT(id) DO UPDATE SET service = ?2, provider = ?3, environment = ?4, owner = ?5, state = ?6, created = "
    "?7, "
    "expires = ?8, last_rotated = ?9, last_used = ?10, last_four = ?11, has_value = ?12, identifier_count = ?13, "
    "kind = ?14, purpose = ?15, backup_owner = ?16, access = ?17, scopes = ?18, reaches_production = ?19, "
    "regulated = ?20, can_write = ?21, compliance = ?22, storage = ?23, approver = ?24, rotation_days = ?25, "
    "dependents = ?26, labels = ?27, value_made = ?28 RETURNING row";

std::optional<std::int64_t> number_of(std::optional<bool> truth) {
  return truth ? std::optional<std::int64_t>(*truth ? 1 : 0) : std::nullopt;
}

// The row of the token.
Result<std::int64_t> put_row(Statement& put, const core::Token& token) {
  const StatementScope scope(put);
  const std::string access = to_column(token.access);
  const std::string scopes = to_column(token.scopes);
  const std::string dependents = to_column(token.dependents);
  const std::string labels = to_column(token.labels);
  const std::string last_four = token.values.empty() ? std::string() : token.values.front().last_four;
  const auto days = token.rotation_days ? std::optional<std::int64_t>(*token.rotation_days) : std::nullopt;
  put.bind(1, token.id).bind(2, token.service).bind(3, token.provider).bind(4, token.environment).bind(5, token.owner);
  put.bind(6, static_cast<std::int64_t>(token.state)).bind(7, token.created).bind(8, token.expires);
  put.bind(9, token.last_rotated).bind(10, token.last_used).bind(11, last_four);
  put.bind(12, std::int64_t{token.values.empty() ? 0 : token.values.front().fingerprint.empty() ? 1 : 2});
  put.bind(13, static_cast<std::int64_t>(token.identifiers.size())).bind(14, token.kind).bind(15, token.purpose);
  put.bind(16, token.backup_owner).bind(17, access).bind(18, scopes).bind(19, number_of(token.reaches_production));
  put.bind(20, number_of(token.regulated)).bind(21, number_of(token.can_write)).bind(22, token.compliance);
  put.bind(23, token.storage).bind(24, token.approver).bind(25, days).bind(26, dependents).bind(27, labels);
  put.bind(28, value_created(token));
  const auto row = put.step();
  if (!row) return row.error();
  const std::int64_t number = put.integer(0);
  // RETURNING gives its row before the statement is over.
  const auto rest = put.step();
  if (!rest) return rest.error();
  return number;
}

Result<std::optional<std::int64_t>> scheme_row(const Database& database, const std::string& name) {
  if (name == kOwnScheme) return std::optional<std::int64_t>();
  auto statement = database.prepare("SELECT row FROM schemes WHERE name = ?1");
  if (!statement) return statement.error();
  const auto row = statement->bind(1, name).step();
  if (!row) return row.error();
  if (!*row) return make_error(ErrorCode::invalid_argument, "no such hash scheme", name);
  return std::optional<std::int64_t>(statement->integer(0));
}

}  // namespace

Status Store::put_values(std::int64_t row, const TokenRecord& record) {
  State& state = *state_;
  if (Status ready = state.database.ensure(
          state.put_value,
          "INSERT INTO token_values(token, position, scheme, fingerprint, length, last_four, valid_from, valid_until, "
          "probe) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
      !ready) {
    return ready;
  }
  for (std::size_t i = 0; i < record.token.values.size(); ++i) {
    const core::TokenValue& value = record.token.values[i];
    const auto digest = parse_hex_digest(value.fingerprint);
    if (!digest && !value.fingerprint.empty())
      return make_error(ErrorCode::invalid_argument, "a fingerprint is no SHA-256", record.token.id);
    const auto scheme = scheme_row(state.database, value.scheme);
    if (!scheme) return scheme.error();
    const std::uint64_t probe = i < record.probes.size() ? record.probes[i] : 0;
    state.put_value.bind(1, row).bind(2, static_cast<std::int64_t>(i)).bind(3, *scheme);
    // One of which the last four characters alone are known has no fingerprint.
    const std::string_view bytes =
        digest ? std::string_view(reinterpret_cast<const char*>(digest->data()), digest->size()) : std::string_view();
    state.put_value.bind_blob(4, bytes);
    state.put_value.bind(5, std::int64_t{value.length}).bind(6, value.last_four).bind(7, value.valid_from);
    state.put_value.bind(8, value.valid_until).bind(9, static_cast<std::int64_t>(probe));
    if (Status put = state.put_value.run(); !put) return put;
  }
  return {};
}

Status Store::put_identifiers(std::int64_t row, const core::Token& token) {
  State& state = *state_;
  if (Status ready =
          state.database.ensure(state.put_identifier, "INSERT INTO identifiers(token, name, value) VALUES(?1, ?2, ?3)");
      !ready) {
    return ready;
  }
  for (const auto& [name, value] : token.identifiers) {
    if (Status put = state.put_identifier.bind(1, row).bind(2, name).bind(3, value).run(); !put) return put;
  }
  return {};
}

Status Store::put(const TokenRecord& record) {
  State& state = *state_;
  Status ready = state.database.ensure(state.put, kPut);
  if (ready) ready = state.database.ensure(state.drop_values, "DELETE FROM token_values WHERE token = ?1");
  if (ready) ready = state.database.ensure(state.drop_identifiers, "DELETE FROM identifiers WHERE token = ?1");
  if (!ready) return ready;
  if (record.token.id.empty()) return make_error(ErrorCode::invalid_argument, "a token needs an id");
  const auto row = put_row(state.put, record.token);
  if (!row) return row.error();
  Status status = state.drop_values.bind(1, *row).run();
  if (status) status = state.drop_identifiers.bind(1, *row).run();
  if (status) status = put_values(*row, record);
  if (status) status = put_identifiers(*row, record.token);
  return status;
}

Result<bool> Store::remove(std::string_view id) {
  auto statement = state_->database.prepare("DELETE FROM tokens WHERE id = ?1 RETURNING row");
  if (!statement) return statement.error();
  const auto row = statement->bind(1, id).step();
  if (!row) return row.error();
  if (!*row) return false;
  const auto rest = statement->step();
  if (!rest) return rest.error();
  return true;
}

Status Store::put_scheme(const HashScheme& scheme) {
  auto statement = state_->database.prepare(
      "INSERT INTO schemes(name, algorithm, base64, hash_prefix, value_prefix, min_length, max_length, "
      "retired_key_check) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(name) DO UPDATE SET algorithm = ?2, "
      "base64 = ?3, hash_prefix = ?4, value_prefix = ?5, min_length = ?6, max_length = ?7, retired_key_check = ?8");
  if (!statement) return statement.error();
  statement->bind(1, scheme.name).bind(2, static_cast<std::int64_t>(scheme.algorithm));
  statement->bind(3, std::int64_t{scheme.base64 ? 1 : 0}).bind(4, scheme.hash_prefix).bind(5, scheme.value_prefix);
  statement->bind(6, std::int64_t{scheme.min_length}).bind(7, std::int64_t{scheme.max_length});
  return statement->bind(8, scheme.retired_key_check).run();
}

Result<bool> Store::note_once(std::string_view name) {
  auto statement =
      state_->database.prepare("INSERT INTO meta(name, value) VALUES(?1, '') ON CONFLICT(name) DO NOTHING RETURNING 1");
  if (!statement) return statement.error();
  const auto row = statement->bind(1, name).step();
  if (!row) return row.error();
  if (!*row) return false;
  const auto rest = statement->step();
  return rest ? Result<bool>(true) : Result<bool>(rest.error());
}

// ---- approvals

Status Store::add_due_approval(const DueApproval& approval) {
  auto statement = state_->database.prepare(
      "INSERT INTO due_approvals(token, action, requester, operator, reason, at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
  if (!statement) return statement.error();
  statement->bind(1, approval.token).bind(2, approval.action).bind(3, approval.requester);
  return statement->bind(4, approval.operator_name).bind(5, approval.reason).bind(6, approval.at).run();
}

Result<bool> Store::settle_approval(std::string_view token) {
  auto statement = state_->database.prepare("DELETE FROM due_approvals WHERE token = ?1 RETURNING row");
  if (!statement) return statement.error();
  statement->bind(1, token);
  bool found = false;
  while (true) {
    const auto row = statement->step();
    if (!row) return row.error();
    if (!*row) return found;
    found = true;
  }
}

Result<std::vector<DueApproval>> Store::due_approvals() const {
  auto rows = state_->database.prepare(
      "SELECT token, action, requester, operator, reason, at FROM due_approvals ORDER BY at, row");
  if (!rows) return rows.error();
  std::vector<DueApproval> due;
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return due;
    DueApproval& approval = due.emplace_back();
    approval.token = rows->text(0);
    approval.action = rows->text(1);
    approval.requester = rows->text(2);
    approval.operator_name = rows->text(3);
    approval.reason = rows->text(4);
    approval.at = rows->integer(5);
  }
}

}  // namespace keytrail::inventory
