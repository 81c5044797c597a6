// Listings of tokens: GitHub's secret-scanning alerts and fine-grained tokens, GitLab's tokens; Doppler; 1Password.
//
// Formats: https://docs.github.com/rest/secret-scanning, https://docs.github.com/rest/orgs/personal-access-tokens,
// https://docs.gitlab.com/ee/api/personal_access_tokens.html (and project, group and deploy tokens),
// https://docs.doppler.com/reference/secrets-list,
// https://developer.1password.com/docs/cli/reference/management-commands/item.
#include <algorithm>
#include <array>

#include "scanner/inventory/field_text.h"
#include "scanner/inventory/import_reader.h"

namespace keytrail::inventory {
namespace {

// "https://github.com/acme/app/security/…" -> "acme/app"
std::string repository_of(JsonView alert) {
  if (const std::string_view name = alert["repository"]["full_name"].text(); !name.empty()) return std::string(name);
  std::string_view url = alert["html_url"].text();
  const std::size_t host = url.find("://");
  if (host == std::string_view::npos) return {};
  url.remove_prefix(host + 3);
  url.remove_prefix(std::min(url.size(), url.find('/') + 1));
  const std::size_t owner = url.find('/');
  const std::size_t end = owner == std::string_view::npos ? owner : url.find('/', owner + 1);
  return std::string(url.substr(0, end));
}

void set_alert_state(JsonView alert, ImportReader& reader) {
  const bool revoked = alert["resolution"].text() == "revoked" || alert["validity"].text() == "inactive";
  reader.set(Field::state, revoked ? "revoked" : "compromised");
}

}  // namespace

void read_github_alerts(JsonView root, ImportReader& reader) {
  ImportReader::each(root, [&](JsonView alert) {
    const std::string_view resolution = alert["resolution"].text();
    if (resolution == "false_positive" || resolution == "used_in_tests") {
      return reader.left_out("alerts resolved as false positives or tests");
    }
    const std::string repository = repository_of(alert);
    reader.begin("github-alert:" + repository + "#" + std::string(alert["number"].text()), alert);
    std::string_view type = alert["secret_type"].text();
    reader.set(Field::provider, type.substr(0, type.find('_')));
    reader.set(Field::purpose,
               alert["secret_type_display_name"].exists() ? alert["secret_type_display_name"] : alert["secret_type"]);
    set_alert_state(alert, reader);
    reader.identify("url", alert["html_url"].text());
    reader.set_value(alert["secret"].text(), false);
    reader.end();
  });
}

void read_github_tokens(JsonView root, ImportReader& reader) {
  ImportReader::each(root, [&](JsonView item) {
    ImportedToken& token = reader.begin("github-token:" + std::string(item["token_id"].text()), item);
    reader.set(Field::provider, "github");
    reader.set(Field::kind, "github-fine-grained-token");
    reader.set(Field::purpose, item["token_name"]);
    reader.set(Field::owner, item["owner"]["login"]);
    reader.set(Field::created, item["access_granted_at"]);
    reader.set(Field::expires, item["token_expires_at"]);
    reader.set(Field::last_used, item["token_last_used_at"]);
    if (item["token_expired"].is_true()) reader.set(Field::state, "expired");
    std::vector<std::string> scopes;
    bool writes = false;
    for (JsonView part = item["permissions"].first(); part.exists(); part = part.next()) {
      for (JsonView scope = part.first(); scope.exists(); scope = scope.next()) {
        scopes.push_back(std::string(part.key()) + "." + std::string(scope.key()) + ":" + std::string(scope.text()));
        writes = writes || scope.text() == "write" || scope.text() == "admin";
      }
    }
    if (!scopes.empty()) reader.set(Field::can_write, writes ? "true" : "false");
    reader.set_list(Field::scopes, std::move(scopes));
    reader.identify("key-id", item["token_id"].text());
    static_cast<void>(token);
    reader.end();
  });
}

void read_gitlab_tokens(JsonView root, ImportReader& reader) {
  ImportReader::each(root, [&](JsonView item) {
    const bool deploy = item.has("username");
    reader.begin((deploy ? "gitlab-deploy-token:" : "gitlab-token:") + std::string(item["id"].text()), item);
    reader.set(Field::provider, "gitlab");
    reader.set(Field::kind, deploy ? "gitlab-deploy-token" : "gitlab-personal-access-token");
    reader.set(Field::purpose, item["name"]);
    reader.set(Field::created, item["created_at"]);
    reader.set(Field::expires, item["expires_at"]);
    reader.set(Field::last_used, item["last_used_at"]);
    if (item["user_id"].is_number()) reader.identify("user-id", item["user_id"].text());
    reader.identify("key-id", item["id"].text());
    if (item["expired"].is_true()) reader.set(Field::state, "expired");
    if (item["revoked"].is_true()) reader.set(Field::state, "revoked");
    std::vector<std::string> scopes;
    bool writes = false;
    for (JsonView scope = item["scopes"].first(); scope.exists(); scope = scope.next()) {
      scopes.emplace_back(scope.text());
      const std::string_view name = scope.text();
      writes = writes || name == "api" || name.starts_with("write_") || name == "sudo" || name.starts_with("create_");
    }
    if (!scopes.empty()) reader.set(Field::can_write, writes ? "true" : "false");
    reader.set_list(Field::scopes, std::move(scopes));
    reader.end();
  });
}

// `doppler configs tokens --json`, or `doppler secrets --json`, which holds the values.
void read_doppler(JsonView root, ImportReader& reader) {
  if (root.is_array()) {
    return ImportReader::each(root, [&](JsonView item) {
      reader.begin("doppler-token:" + std::string(item["slug"].text()), item);
      reader.set(Field::provider, "doppler");
      reader.set(Field::purpose, item["name"]);
      reader.set(Field::service, item["project"]);
      reader.set(Field::environment, item["environment"]);
      reader.set(Field::created, item["created_at"]);
      reader.set(Field::expires, item["expires_at"]);
      reader.set(Field::can_write, item["access"].text() == "read/write" ? "true" : "false");
      reader.end();
    });
  }
  const auto named = [&](const char* name) { return std::string(root[name]["computed"].text()); };
  const std::string project = named("DOPPLER_PROJECT");
  const std::string config = named("DOPPLER_CONFIG");
  for (JsonView item = root.first(); item.exists(); item = item.next()) {
    if (item.key().starts_with("DOPPLER_")) continue;
    const std::string id =
        std::string("doppler:").append(project).append("/").append(config).append("/").append(item.key());
    reader.begin(id, item);
    reader.set(Field::service, project);
    reader.set(Field::environment, named("DOPPLER_ENVIRONMENT"));
    reader.set(Field::storage, id);
    if (item["computed"].is_string()) reader.set_value(item["computed"].text(), false);
    reader.end();
  }
}

void read_one_password(JsonView root, ImportReader& reader) {
  constexpr std::array<std::string_view, 6> kCategories = {"API_CREDENTIAL", "DATABASE", "SSH_KEY",
                                                           "SERVER",         "PASSWORD", "SECURE_NOTE"};
  ImportReader::each(root, [&](JsonView item) {
    if (std::find(kCategories.begin(), kCategories.end(), item["category"].text()) == kCategories.end()) {
      return reader.left_out("items that are no credentials of services (logins, cards, documents)");
    }
    const std::string vault(item["vault"]["name"].text());
    const std::string id(item["id"].text());
    ImportedToken& token = reader.begin("1password:" + id, item);
    reader.set(Field::purpose, item["title"]);
    reader.set(Field::created, item["created_at"]);
    reader.set(Field::storage, "op://" + vault + "/" + id);
    reader.set(Field::environment, environment_of_path(vault));
    // Tags like "owner=payments".
    for (JsonView tag = item["tags"].first(); tag.exists(); tag = tag.next()) {
      const std::string_view text = tag.text();
      const std::size_t equals = text.find_first_of("=:/");
      const auto field = equals == std::string_view::npos ? std::nullopt : guess_field(text.substr(0, equals));
      if (field && *field != Field::id && *field < Field::identifiers && !token.has(*field)) {
        reader.set(*field, text.substr(equals + 1));
      }
    }
    reader.end();
  });
}

}  // namespace keytrail::inventory
