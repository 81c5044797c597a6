#include "scanner/inventory/token_values.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "scanner/base/dates.h"
#include "scanner/base/text.h"
#include "scanner/inventory/field_text.h"
#include "scanner/inventory/fingerprint.h"

namespace keytrail::inventory {
namespace {

constexpr std::size_t kMaxValues = 1000;

std::optional<std::uint64_t> read_probe(std::string_view text) {
  if (text.size() != 16 || text.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  return std::strtoull(std::string(text).c_str(), nullptr, 16);
}

std::string probe_text(std::uint64_t probe) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>(probe >> (56 - 8 * i) & 0xFFU);
  return keytrail::to_hex(bytes);
}

// What is wrong with it; null: nothing.
const char* read_value(JsonView item, ImportedToken& token, core::Instant now) {
  core::TokenValue value;
  std::uint64_t probe = 0;
  if (!item.is_object()) return "an object is due here";
  for (JsonView member = item.first(); member.exists(); member = member.next()) {
    const std::string_view text = member.text();
    if (member.key() == "scheme") value.scheme = text;
    if (member.key() == "fingerprint") value.fingerprint = text;
    if (member.key() == "last_four") value.last_four = text.substr(0, 4);
    if (member.key() == "length") value.length = read_days(text).value_or(0);
    if (member.key() == "key_check") token.key_check = text;
    if (member.key() == "probe") {
      const auto read = read_probe(text);
      if (!read) return "the probe is no 16 hexadecimal digits";
      probe = *read;
    }
    if (member.key() == "valid_from" || member.key() == "valid_until") {
      const auto date = read_date(text, now);
      if (!date) return "a date cannot be read";
      (member.key() == "valid_from" ? value.valid_from : value.valid_until) = *date;
    }
  }
  if (value.scheme.empty()) value.scheme = kOwnScheme;
  if (!value.fingerprint.empty() && !parse_hex_digest(value.fingerprint)) return "the fingerprint is no SHA-256";
  if (!check_text(value.scheme) || !check_text(value.last_four)) return "a text is not UTF-8";
  token.token.values.push_back(std::move(value));
  token.probes.push_back(probe);
  return nullptr;
}

}  // namespace

std::string values_text(const TokenRecord& record, const std::string& key_check) {
  auto list = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < record.token.values.size(); ++i) {
    const core::TokenValue& value = record.token.values[i];
    nlohmann::ordered_json item;
    item["scheme"] = value.scheme;
    if (!value.fingerprint.empty()) item["fingerprint"] = value.fingerprint;
    if (value.scheme == kOwnScheme && !key_check.empty()) item["key_check"] = key_check;
    if (i < record.probes.size() && record.probes[i] != 0) item["probe"] = probe_text(record.probes[i]);
    if (value.length != 0) item["length"] = value.length;
    if (!value.last_four.empty()) item["last_four"] = value.last_four;
    if (value.valid_from) item["valid_from"] = utc_time(*value.valid_from);
    if (value.valid_until) item["valid_until"] = utc_time(*value.valid_until);
    list.push_back(std::move(item));
  }
  return list.empty() ? std::string() : list.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void read_values(JsonView list, ImportedToken& token, ImportReader& reader, const std::string& column) {
  const std::string place = token.place + " (" + column + ")";
  if (!list.is_array()) return reader.problem(place, "an array of fingerprints is due here");
  for (JsonView item = list.first(); item.exists(); item = item.next()) {
    if (token.token.values.size() >= kMaxValues) return reader.problem(place, "more than 1,000 values");
    if (const char* wrong = read_value(item, token, reader.options().now)) return reader.problem(place, wrong);
  }
  if (!token.token.values.empty()) token.mark(Field::values);
}

void read_values_cell(std::string_view cell, ImportedToken& token, ImportReader& reader, const std::string& column) {
  if (trimmed(cell).empty()) return;
  const auto document = JsonDocument::parse(SecretString(cell), column);
  if (!document) return reader.problem(token.place + " (" + column + ")", "an array of fingerprints is due here");
  read_values(document->root(), token, reader, column);
}

}  // namespace keytrail::inventory
