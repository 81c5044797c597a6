// Store: from what a scan found to tokens.
#include <cstring>
#include <unordered_map>

#include "scanner/inventory/fingerprint.h"
#include "scanner/inventory/store_state.h"

namespace keytrail::inventory {

Result<std::vector<core::TokenLink>> Store::find_value(std::string_view scheme, std::string_view fingerprint) const {
  const auto digest = parse_hex_digest(fingerprint);
  std::vector<core::TokenLink> links;
  if (!digest) return links;
  auto rows = state_->database.prepare(
      "SELECT id, position FROM token_values JOIN tokens ON tokens.row = token "
      "LEFT JOIN schemes ON schemes.row = scheme WHERE fingerprint = ?1 AND coalesce(name, ?3) = ?2 "
      "ORDER BY position, id");
  if (!rows) return rows.error();
  rows->bind_blob(1, {reinterpret_cast<const char*>(digest->data()), digest->size()})
      .bind(2, scheme)
      .bind(3, kOwnScheme);
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return links;
    core::TokenLink link;
    link.token = rows->text(0);
    link.value = static_cast<std::uint32_t>(rows->integer(1));
    link.joined_by = "value";
    links.push_back(std::move(link));
  }
}

Result<std::vector<std::string>> Store::find_identifier(std::string_view name, std::string_view value) const {
  auto rows = state_->database.prepare(
      "SELECT id FROM identifiers JOIN tokens ON tokens.row = token WHERE name = ?1 AND value = ?2 ORDER BY id");
  if (!rows) return rows.error();
  rows->bind(1, name).bind(2, value);
  std::vector<std::string> ids;
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return ids;
    ids.emplace_back(rows->text(0));
  }
}

Result<std::vector<HashScheme>> Store::schemes() const {
  auto rows = state_->database.prepare(
      "SELECT name, algorithm, base64, hash_prefix, value_prefix, min_length, max_length, retired_key_check FROM "
      "schemes "
      "ORDER BY row");
  if (!rows) return rows.error();
  std::vector<HashScheme> schemes;
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return schemes;
    HashScheme& scheme = schemes.emplace_back();
    scheme.name = rows->text(0);
    scheme.algorithm = rows->integer(1) == 0 ? HashScheme::Algorithm::sha256 : HashScheme::Algorithm::hmac_sha256;
    scheme.base64 = rows->integer(2) != 0;
    scheme.hash_prefix = rows->text(3);
    scheme.value_prefix = rows->text(4);
    scheme.min_length = static_cast<std::uint32_t>(rows->integer(5));
    scheme.max_length = static_cast<std::uint32_t>(rows->integer(6));
    scheme.retired_key_check = rows->text(7);
  }
}

Result<std::vector<KnownValue>> Store::known_values() const {
  auto names = state_->database.prepare("SELECT row FROM schemes ORDER BY row");
  if (!names) return names.error();
  std::unordered_map<std::int64_t, std::uint32_t> places;
  for (std::uint32_t place = 1;; ++place) {
    const auto row = names->step();
    if (!row) return row.error();
    if (!*row) break;
    places[names->integer(0)] = place;
  }
  auto rows = state_->database.prepare(
      "SELECT token, position, scheme, fingerprint, length, probe FROM token_values "
      "WHERE length(fingerprint) = 32");
  if (!rows) return rows.error();
  std::vector<KnownValue> known;
  while (true) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return known;
    KnownValue& value = known.emplace_back();
    value.token = rows->integer(0);
    value.value = static_cast<std::uint32_t>(rows->integer(1));
    const auto scheme = rows->maybe_integer(2);
    value.scheme = scheme ? places[*scheme] : 0;
    const std::string_view digest = rows->blob(3);
    std::memcpy(value.fingerprint.data(), digest.data(), std::min(digest.size(), value.fingerprint.size()));
    value.length = static_cast<std::uint32_t>(rows->integer(4));
    value.probe = static_cast<std::uint64_t>(rows->integer(5));
  }
}

Result<std::string> Store::token_id(std::int64_t token) const {
  auto statement = state_->database.prepare("SELECT id FROM tokens WHERE row = ?1");
  if (!statement) return statement.error();
  const auto row = statement->bind(1, token).step();
  if (!row) return row.error();
  if (!*row) return make_error(ErrorCode::not_found, "the token was removed meanwhile", state_->path);
  return std::string(statement->text(0));
}

}  // namespace keytrail::inventory
