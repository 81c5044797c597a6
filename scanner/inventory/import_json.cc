// Our own JSON: {"tokens":[{"id":…,"service":…}]}, a bare array of such objects, or one a line.
#include "scanner/inventory/import_reader.h"
#include "scanner/inventory/token_values.h"

namespace keytrail::inventory {
namespace {

void read_map_member(JsonView member, std::map<std::string, std::string>& out, Field field, ImportedToken& token,
                     ImportReader& reader) {
  const std::string place = ImportReader::place_of(member) + " (" + std::string(field_name(field)) + ")";
  if (!member.is_object()) return reader.problem(place, "an object of texts is due here");
  for (JsonView item = member.first(); item.exists(); item = item.next()) {
    if (item.is_object() || item.is_array() || !check_text(item.key()) || !check_text(item.text())) {
      return reader.problem(place, "an object of texts is due here");
    }
    out[std::string(item.key())] = item.text();
  }
  token.mark(field);
}

void read_list_member(JsonView member, Field field, ImportReader& reader) {
  std::vector<std::string> list;
  for (JsonView item = member.first(); item.exists(); item = item.next()) {
    if (!item.is_string()) {
      return reader.problem(ImportReader::place_of(item) + " (" + std::string(member.key()) + ")",
                            "an array of texts is due here");
    }
    list.emplace_back(item.text());
  }
  reader.set_list(field, std::move(list));
}

void read_member(JsonView member, ImportedToken& token, ImportReader& reader) {
  const auto field = find_field(member.key());
  if (!field) {
    // A name that is not ours may be a misspelt one of ours: left out in silence it would be lost.
    return reader.problem(ImportReader::place_of(member),
                          "no field is called \"" + std::string(member.key().substr(0, 100)) + "\"");
  }
  if (*field == Field::id || member.is_null()) return;
  if (*field == Field::identifiers) return read_map_member(member, token.token.identifiers, *field, token, reader);
  if (*field == Field::labels) return read_map_member(member, token.token.labels, *field, token, reader);
  if (*field == Field::values) {
    return read_values(member, token, reader, ImportReader::place_of(member) + ", values");
  }
  if (member.is_array()) return read_list_member(member, *field, reader);
  if (member.is_object()) return reader.problem(ImportReader::place_of(member), "a text is due here");
  reader.set(*field, member.text(), std::string(field_name(*field)));
}

HashScheme read_scheme(JsonView item) {
  HashScheme scheme;
  scheme.name = item["name"].text();
  scheme.algorithm =
      item["algorithm"].text() == "sha256" ? HashScheme::Algorithm::sha256 : HashScheme::Algorithm::hmac_sha256;
  scheme.base64 = item["encoding"].text() == "base64";
  scheme.hash_prefix = item["hash_prefix"].text();
  scheme.value_prefix = item["value_prefix"].text();
  scheme.retired_key_check = item["retired_key_check"].text();
  return scheme;
}

}  // namespace

void read_own_json(JsonView root, ImportReader& reader) {
  for (JsonView item = root["schemes"].first(); item.exists(); item = item.next()) {
    const HashScheme scheme = read_scheme(item);
    if (scheme.name.empty() || scheme.name == kOwnScheme || !check_id(scheme.name)) {
      reader.problem(ImportReader::place_of(item), "a hash scheme needs a name");
    } else {
      reader.batch().schemes.push_back(scheme);
    }
  }
  const JsonView list = root.has("tokens") ? root["tokens"] : root;
  ImportReader::each(list, [&](JsonView item) {
    if (!item.is_object()) return reader.problem(ImportReader::place_of(item), "an object is due here");
    ImportedToken& token = reader.begin(std::string(item["id"].text()), item);
    for (JsonView member = item.first(); member.exists(); member = member.next()) read_member(member, token, reader);
    reader.end();
  });
}

}  // namespace keytrail::inventory
