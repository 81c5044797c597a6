#include "scanner/inventory/export.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "scanner/inventory/token_fields.h"
#include "scanner/inventory/token_values.h"

namespace keytrail::inventory {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

void set_member(Json& json, const core::Token& token, Field field) {
  const char* name = field_name(field).data();  // literals: each ends with a zero
  switch (field) {
    case Field::access:
      if (!token.access.empty()) json[name] = token.access;
      return;
    case Field::scopes:
      if (!token.scopes.empty()) json[name] = token.scopes;
      return;
    case Field::dependents:
      if (!token.dependents.empty()) json[name] = token.dependents;
      return;
    case Field::identifiers:
      if (!token.identifiers.empty()) json[name] = token.identifiers;
      return;
    case Field::labels:
      if (!token.labels.empty()) json[name] = token.labels;
      return;
    case Field::rotation_days:
      if (token.rotation_days) json[name] = *token.rotation_days;
      return;
    default:
      break;
  }
  const std::string text = field_text(token, field);
  if (text.empty()) return;
  const bool truth = field == Field::reaches_production || field == Field::regulated || field == Field::can_write;
  if (truth) {
    json[name] = text == "true";
  } else {
    json[name] = text;
  }
}

void append_text(std::string_view text, std::string& out) {
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  if (std::all_of(text.begin(), text.end(), is_plain)) {
    out.append(1, '"').append(text).append(1, '"');
  } else {
    out += dump(Json(text), -1);
  }
}

void append_list(const std::vector<std::string>& list, std::string& out) {
  out += '[';
  for (const std::string& text : list) {
    if (&text != &list.front()) out += ',';
    append_text(text, out);
  }
  out += ']';
}

// What set_member() would set, without a document.
void append_member(const core::Token& token, Field field, std::string& out) {
  const std::size_t before = out.size();
  out.append(before == 1 ? "\"" : ",\"").append(field_name(field)).append("\":");
  const std::size_t begin = out.size();
  switch (field) {
    case Field::access:
      if (!token.access.empty()) append_list(token.access, out);
      break;
    case Field::scopes:
      if (!token.scopes.empty()) append_list(token.scopes, out);
      break;
    case Field::dependents:
      if (!token.dependents.empty()) append_list(token.dependents, out);
      break;
    case Field::identifiers:
      if (!token.identifiers.empty()) out += dump(Json(token.identifiers), -1);
      break;
    case Field::labels:
      if (!token.labels.empty()) out += dump(Json(token.labels), -1);
      break;
    case Field::rotation_days:
      if (token.rotation_days) out += std::to_string(*token.rotation_days);
      break;
    case Field::reaches_production:
    case Field::regulated:
    case Field::can_write:
      out += field_text(token, field);
      break;
    default:
      if (const std::string text = field_text(token, field); !text.empty()) append_text(text, out);
  }
  if (out.size() == begin) out.resize(before);
}

Json scheme_json(const HashScheme& scheme) {
  Json json;
  json["name"] = scheme.name;
  json["algorithm"] = scheme.algorithm == HashScheme::Algorithm::sha256 ? "sha256" : "hmac-sha256";
  if (scheme.base64) json["encoding"] = "base64";
  if (!scheme.hash_prefix.empty()) json["hash_prefix"] = scheme.hash_prefix;
  if (!scheme.value_prefix.empty()) json["value_prefix"] = scheme.value_prefix;
  if (!scheme.retired_key_check.empty()) json["retired_key_check"] = scheme.retired_key_check;
  return json;
}

std::string token_line(const TokenRecord& record, const std::string& key_check, bool with_fingerprints) {
  std::string line = "{";
  for (std::size_t i = 0; i < kTokenFields; ++i) append_member(record.token, static_cast<Field>(i), line);
  if (with_fingerprints && !record.token.values.empty()) {
    line.append(line.size() == 1 ? "" : ",").append("\"values\":").append(values_text(record, key_check));
  }
  return line + "}";
}

std::string csv_line(const TokenRecord& record, const std::string& key_check, bool with_fingerprints) {
  std::string line;
  for (std::size_t i = 0; i < kTokenFields; ++i) {
    line += (i == 0 ? "" : ",") + csv_cell(field_text(record.token, static_cast<Field>(i)));
  }
  if (with_fingerprints) line += "," + csv_cell(values_text(record, key_check));
  return line + "\r\n";
}

}  // namespace

std::string csv_cell(std::string_view text) {
  std::string cell(text);
  if (!text.empty() && std::string_view("=+-@\t\r'").find(text.front()) != std::string_view::npos)
    cell.insert(0, 1, '\'');
  if (cell.find_first_of(",;\t\"\r\n") == std::string::npos && !cell.starts_with(' ') && !cell.ends_with(' '))
    return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string token_json(const TokenRecord& record, const std::string& key_check, bool with_fingerprints, int indent) {
  Json json;
  for (std::size_t i = 0; i < kTokenFields; ++i) set_member(json, record.token, static_cast<Field>(i));
  if (with_fingerprints && !record.token.values.empty()) {
    json["values"] = Json::parse(values_text(record, key_check), nullptr, false);
  }
  return dump(json, indent);
}

Result<std::size_t> export_tokens(const Store& store, const ExportOptions& options, std::ostream& out) {
  const auto key_check = store.key_check();
  if (!key_check) return key_check.error();
  const auto schemes = store.schemes();
  if (!schemes) return schemes.error();
  std::size_t count = 0;
  if (options.json) {
    auto list = Json::array();
    for (const HashScheme& scheme : *schemes) list.push_back(scheme_json(scheme));
    out << "{\"keytrail_inventory\":1,\"schemes\":" << dump(list, -1) << ",\"tokens\":[";
  } else {
    for (std::size_t i = 0; i < kTokenFields; ++i) out << (i == 0 ? "" : ",") << field_name(static_cast<Field>(i));
    out << (options.with_fingerprints ? ",values\r\n" : "\r\n");
  }
  const Status written = store.for_each(options.filter, [&](TokenRecord&& record) {
    if (options.keep && !options.keep(record.token)) return Status();
    if (options.json) {
      out << (count == 0 ? "\n" : ",\n") << token_line(record, *key_check, options.with_fingerprints);
    } else {
      out << csv_line(record, *key_check, options.with_fingerprints);
    }
    ++count;
    return out ? Status() : Status(make_error(ErrorCode::internal, "cannot write the export"));
  });
  if (!written) return written.error();
  if (options.json) out << "\n]}\n";
  return count;
}

}  // namespace keytrail::inventory
