// `kubectl get secrets -A -o json`: the values are there, in base64; they are fingerprinted and forgotten. Each key of
// a secret is a token. Format:
// https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/.
#include <algorithm>
#include <array>

#include "scanner/inventory/field_text.h"
#include "scanner/inventory/fingerprint.h"
#include "scanner/inventory/import_reader.h"

namespace keytrail::inventory {
namespace {

// What stands in secrets and is none: certificates, names, states of deployments.
bool is_public(std::string_view type, std::string_view key) {
  constexpr std::array<std::string_view, 6> kKeys = {"tls.crt", "ca.crt", "namespace", "username", "user", "host"};
  return type == "helm.sh/release.v1" || type == "bootstrap.kubernetes.io/token" ||
         std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

void set_metadata(ImportedToken& token, JsonView metadata, std::string_view space, std::string_view name,
                  ImportReader& reader) {
  // The annotation that kubectl keeps the last applied text in holds the values: only what names a field is read.
  for (const char* tags : {"labels", "annotations"}) {
    for (JsonView tag = metadata[tags].first(); tag.exists(); tag = tag.next()) reader.set_tag(tag.key(), tag);
  }
  reader.set(Field::created, metadata["creationTimestamp"]);
  if (!token.has(Field::service)) {
    const JsonView app = metadata["labels"]["app.kubernetes.io/name"];
    reader.set(Field::service, app.exists() ? app.text() : name);
  }
  if (!token.has(Field::environment)) reader.set(Field::environment, environment_of_path(space));
}

void read_key(JsonView secret, JsonView entry, bool encoded, ImportReader& reader) {
  const std::string space(secret["metadata"]["namespace"].text());
  const std::string name(secret["metadata"]["name"].text());
  const std::string id =
      "k8s:" + (space.empty() ? std::string("default") : space) + "/" + name + "/" + std::string(entry.key());
  ImportedToken& token = reader.begin(id, entry);
  set_metadata(token, secret["metadata"], space, name, reader);
  reader.set(Field::storage, id);
  if (encoded) {
    auto value = decode_base64(entry.text());
    if (!value) {
      reader.problem(ImportReader::place_of(entry) + " (data." + std::string(entry.key()) + ")", "this is no base64");
    } else {
      value->trim_line_end();
      reader.set_value(value->view(), false);
    }
  } else {
    reader.set_value(entry.text(), false);
  }
  reader.end();
}

void read_secret_object(JsonView secret, ImportReader& reader) {
  if (secret["kind"].text() != "Secret" && secret["kind"].exists())
    return reader.left_out("objects that are no secrets");
  const std::string_view type = secret["type"].text();
  for (const char* part : {"data", "stringData"}) {
    for (JsonView entry = secret[part].first(); entry.exists(); entry = entry.next()) {
      if (is_public(type, entry.key())) {
        reader.left_out("keys that hold no credential (certificates, names, Helm releases)");
      } else {
        read_key(secret, entry, std::string_view(part) == "data", reader);
      }
    }
  }
}

}  // namespace

void read_kubernetes(JsonView root, ImportReader& reader) {
  ImportReader::each(root["items"].is_array() ? root["items"] : root,
                     [&](JsonView secret) { read_secret_object(secret, reader); });
}

}  // namespace keytrail::inventory
