// Listings of secret managers, which tell of secrets and not their values: HashiCorp Vault, AWS, Google Cloud, Azure.
//
// Formats: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-metadata,
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html,
// https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets,
// https://learn.microsoft.com/rest/api/keyvault/secrets/get-secrets.
#include "scanner/inventory/field_text.h"
#include "scanner/inventory/import_reader.h"

namespace keytrail::inventory {
namespace {

void set_tags(JsonView tags, ImportReader& reader) {
  for (JsonView tag = tags.first(); tag.exists(); tag = tag.next()) reader.set_tag(tag.key(), tag);
}

void set_environment(ImportedToken& token, std::string_view path, ImportReader& reader) {
  if (!token.has(Field::environment)) reader.set(Field::environment, environment_of_path(path));
}

// "projects/123/secrets/name" -> "name"
std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// Of the version that is current, and of the first that is still listed.
void set_vault_dates(JsonView data, ImportedToken& token, ImportReader& reader) {
  reader.set(Field::created, data["created_time"]);
  const JsonView current = data["versions"][data["current_version"].text()];
  // Reads and changes of metadata touch updated_time in some versions: the current version's own time is certain.
  const std::string_view number = data["current_version"].text();
  if (number.empty() || number == "0" || number == "1") return;
  reader.set(Field::last_rotated, current.exists() ? current["created_time"] : data["updated_time"]);
  static_cast<void>(token);
}

void read_vault_secret(std::string_view path, JsonView answer, ImportReader& reader) {
  const JsonView data = answer["data"].is_object() ? answer["data"] : answer;
  while (path.starts_with('/')) path.remove_prefix(1);
  ImportedToken& token = reader.begin("vault:" + std::string(path), answer);
  set_tags(data["custom_metadata"], reader);
  set_vault_dates(data, token, reader);
  set_environment(token, path, reader);
  reader.set(Field::storage, "vault:" + std::string(path));
  reader.end();
}

}  // namespace

void read_vault(JsonView root, ImportReader& reader) {
  const auto is_answer = [](JsonView item) {
    return item.has("current_version") || item["data"].has("current_version") || item.has("custom_metadata");
  };
  if (root.is_object() && !is_answer(root)) {
    // {"secret/billing/stripe": <answer>, …}
    for (JsonView item = root.first(); item.exists(); item = item.next()) {
      if (is_answer(item)) read_vault_secret(item.key(), item, reader);
    }
    return;
  }
  ImportReader::each(root, [&](JsonView item) {
    for (const char* name : {"path", "name", "key"}) {
      if (item[name].is_string()) return read_vault_secret(item[name].text(), item, reader);
    }
    reader.problem(ImportReader::place_of(item),
                   "Vault's answer does not name its path: add one, {\"path\": …, \"data\": …}");
  });
}

void read_aws_secrets(JsonView root, ImportReader& reader) {
  ImportReader::each(root.has("SecretList") ? root["SecretList"] : root, [&](JsonView item) {
    const std::string_view name = item["Name"].text();
    ImportedToken& token = reader.begin("aws-sm:" + std::string(name), item);
    for (JsonView tag = item["Tags"].first(); tag.exists(); tag = tag.next()) {
      reader.set_tag(tag["Key"].text(), tag["Value"]);
    }
    reader.set(Field::purpose, item["Description"]);
    reader.set(Field::created, item["CreatedDate"]);
    // LastChangedDate also moves when a tag is edited: it proves no rotation.
    reader.set(Field::last_rotated, item["LastRotatedDate"]);
    reader.set(Field::last_used, item["LastAccessedDate"]);
    if (item["RotationEnabled"].is_true()) {
      reader.set(Field::rotation_days, item["RotationRules"]["AutomaticallyAfterDays"]);
    }
    reader.set(Field::storage, "aws-sm:" + std::string(item["ARN"].text()));
    reader.identify("arn", item["ARN"].text());
    set_environment(token, name, reader);
    reader.end();
  });
}

void read_gcp_secrets(JsonView root, ImportReader& reader) {
  ImportReader::each(root, [&](JsonView item) {
    const std::string_view name = item["name"].text();
    ImportedToken& token = reader.begin("gcp-sm:" + std::string(name), item);
    set_tags(item["labels"], reader);
    set_tags(item["annotations"], reader);
    reader.set(Field::created, item["createTime"]);
    reader.set(Field::expires, item["expireTime"]);
    reader.set(Field::rotation_days, item["rotation"]["rotationPeriod"]);
    reader.set(Field::storage, "gcp-sm:" + std::string(name));
    set_environment(token, last_part(name), reader);
    reader.end();
  });
}

void read_azure_secrets(JsonView root, ImportReader& reader) {
  ImportReader::each(root.has("value") ? root["value"] : root, [&](JsonView item) {
    // "https://team.vault.azure.net/secrets/name", with a version behind it or without.
    const std::string_view id = item["id"].text();
    std::string_view place = id.substr(id.find("//") == std::string_view::npos ? 0 : id.find("//") + 2);
    if (item["managed"].is_true()) return reader.left_out("keys of certificates, which Azure keeps itself");
    ImportedToken& token = reader.begin("azure-kv:" + std::string(place), item);
    const JsonView attributes = item["attributes"];
    set_tags(item["tags"], reader);
    reader.set(Field::purpose, item["contentType"]);
    reader.set(Field::created, attributes["created"]);
    reader.set(Field::expires, attributes.has("expires") ? attributes["expires"] : attributes["exp"]);
    reader.set(Field::storage, id);
    set_environment(token, item["name"].exists() ? item["name"].text() : last_part(place), reader);
    reader.end();
  });
}

}  // namespace keytrail::inventory
