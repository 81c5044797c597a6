#include "scanner/ruleset/gitleaks_ids.h"

#include <algorithm>

namespace keytrail::ruleset {
namespace {

struct Row {
  std::string_view theirs;
  std::string_view ours;  // ids, or "provider-*" for all that begin so; what there is not is left out
};
// Sorted by theirs. Ids that are the same on both sides need no row.
constexpr Row kRows[] = {
    {"1password-secret-key", "onepassword-secret-key onepassword-account-secret-key"},
    {"1password-service-account-token", "onepassword-service-token"},
    {"airtable-api-key", "airtable-api-key-legacy airtable-token"},
    {"airtable-personnal-access-token", "airtable-access-token airtable-token"},
    {"algolia-api-key", "algolia-admin-key"},
    {"alibaba-secret-key", "alibaba-access-key-secret"},
    {"anthropic-admin-api-key", "anthropic-admin-key"},
    {"artifactory-api-key", "jfrog-api-key"},
    {"artifactory-reference-token", "jfrog-reference-token"},
    {"aws-access-token", "aws-access-key-id aws-temporary-key-id"},
    {"aws-amazon-bedrock-api-key-long-lived", "aws-bedrock-api-key"},
    {"aws-amazon-bedrock-api-key-short-lived", "aws-bedrock-short-term-key"},
    {"azure-ad-client-secret", "azure-entra-client-secret"},
    {"cisco-meraki-api-key", "meraki-api-key"},
    {"cloudflare-api-key", "cloudflare-api-token cloudflare-api-token-legacy"},
    {"cloudflare-global-api-key", "cloudflare-global-key"},
    {"cohere-api-token", "cohere-api-key"},
    {"confluent-secret-key", "confluent-api-secret confluent-secret-legacy"},
    {"contentful-delivery-api-token", "contentful-delivery-token contentful-access-token"},
    {"curl-auth-header", "generic-* http-*"},
    {"curl-auth-user", "curl-user-password"},
    {"databricks-api-token", "databricks-access-token"},
    {"datadog-access-token", "datadog-api-key datadog-app-key"},
    {"defined-networking-api-token", "definednet-api-token"},
    {"digitalocean-access-token", "digitalocean-oauth-token"},
    {"digitalocean-pat", "digitalocean-access-token"},
    {"discord-api-token", "discord-client-secret discord-bot-token"},
    {"doppler-api-token", "doppler-token"},
    {"dropbox-api-token", "dropbox-app-secret"},
    {"dropbox-long-lived-api-token", "dropbox-long-lived-token"},
    {"dropbox-short-lived-api-token", "dropbox-access-token"},
    {"easypost-api-token", "easypost-api-key"},
    {"easypost-test-api-token", "easypost-test-key"},
    {"facebook-page-access-token", "facebook-access-token"},
    {"facebook-secret", "facebook-app-secret"},
    {"gcp-api-key", "google-api-key google-gemini-key"},
    {"generic-api-key", "generic-*"},
    {"github-app-token", "github-app-installation-token github-app-user-token"},
    {"github-fine-grained-pat", "github-fine-grained-token"},
    {"github-oauth", "github-oauth-token"},
    {"github-pat", "github-personal-access-token"},
    {"gitlab-cicd-job-token", "gitlab-job-token"},
    {"gitlab-feature-flag-client-token", "gitlab-feature-flags-token"},
    {"gitlab-kubernetes-agent-token", "gitlab-agent-token"},
    {"gitlab-oauth-app-secret", "gitlab-oauth-secret"},
    {"gitlab-pat", "gitlab-personal-access-token"},
    {"gitlab-pat-routable", "gitlab-routable-token gitlab-personal-access-token"},
    {"gitlab-ptt", "gitlab-pipeline-trigger-token"},
    {"gitlab-rrt", "gitlab-runner-registration-token"},
    {"gitlab-runner-authentication-token", "gitlab-runner-token"},
    {"gitlab-runner-authentication-token-routable", "gitlab-runner-token-routable"},
    {"gocardless-api-token", "gocardless-access-token gocardless-sandbox-access-token"},
    {"grafana-cloud-api-token", "grafana-cloud-token"},
    {"grafana-service-account-token", "grafana-service-token"},
    {"harness-api-key", "harness-access-token"},
    {"hashicorp-tf-api-token", "terraform-cloud-token"},
    {"heroku-api-key", "heroku-api-key-legacy heroku-api-key"},
    {"heroku-api-key-v2", "heroku-api-key"},
    {"huggingface-organization-api-token", "huggingface-organization-token"},
    {"infracost-api-token", "infracost-api-key"},
    {"intercom-api-key", "intercom-access-token intercom-api-token"},
    {"jfrog-identity-token", "jfrog-reference-token jfrog-api-key"},
    {"jwt", "jwt-token"},
    {"jwt-base64", "jwt-token"},
    {"kraken-access-token", "kraken-api-key kraken-api-secret"},
    {"kubernetes-secret-yaml", "kubernetes-secret-*"},
    {"lob-pub-api-key", "lob-pub-api-key-*"},
    {"mailgun-private-api-token", "mailgun-api-key mailgun-api-key-legacy"},
    {"mapbox-api-token", "mapbox-secret-token"},
    {"messagebird-api-token", "messagebird-access-key"},
    {"new-relic-browser-api-token", "newrelic-browser-key"},
    {"new-relic-insert-key", "newrelic-insights-key"},
    {"new-relic-user-api-key", "newrelic-user-key newrelic-personal-api-key"},
    {"notion-api-token", "notion-integration-token notion-integration-token-legacy"},
    {"okta-access-token", "okta-api-token"},
    {"openai-api-key", "openai-*"},
    {"openshift-user-token", "openshift-token"},
    {"plaid-api-token", "plaid-access-token"},
    {"plaid-secret-key", "plaid-secret"},
    {"planetscale-api-token", "planetscale-token"},
    {"planetscale-oauth-token", "planetscale-token"},
    {"planetscale-password", "planetscale-token"},
    {"postman-api-token", "postman-api-key"},
    {"private-key", "private-key-*"},
    {"pulumi-api-token", "pulumi-access-token"},
    {"pypi-upload-token", "pypi-api-token"},
    {"rapidapi-access-token", "rapidapi-key rapidapi-key-legacy"},
    {"readme-api-token", "readme-api-key"},
    {"rubygems-api-token", "rubygems-api-key"},
    {"sendgrid-api-token", "sendgrid-api-key"},
    {"sendinblue-api-token", "brevo-api-key"},
    {"sentry-access-token", "sentry-token-legacy"},
    {"settlemint-application-access-token", "settlemint-access-token"},
    {"settlemint-personal-access-token", "settlemint-access-token"},
    {"settlemint-service-access-token", "settlemint-access-token"},
    {"shopify-custom-access-token", "shopify-access-token"},
    {"shopify-private-app-access-token", "shopify-access-token"},
    {"sidekiq-secret", "sidekiq-gem-credential"},
    {"sidekiq-sensitive-url", "sidekiq-gem-credential"},
    {"slack-config-access-token", "slack-configuration-token"},
    {"slack-config-refresh-token", "slack-refresh-token slack-configuration-token"},
    {"slack-legacy-bot-token", "slack-bot-token"},
    {"slack-legacy-workspace-token", "slack-legacy-token"},
    {"stripe-access-token", "stripe-*"},
    {"sumologic-access-token", "sumologic-access-key"},
    {"telegram-bot-api-token", "telegram-bot-token"},
    {"travisci-access-token", "travis-ci-access-token travis-ci-token"},
    {"twitter-api-key", "twitter-consumer-key"},
    {"typeform-api-token", "typeform-access-token typeform-api-key"},
    {"yandex-access-token", "yandex-cloud-token"},
    {"yandex-api-key", "yandex-cloud-token"},
    {"zendesk-secret-key", "zendesk-api-token"},
};

bool fits(std::string_view word, std::string_view id) {
  if (!word.ends_with('*')) return word == id;
  word.remove_suffix(1);
  return id.starts_with(word);
}

}  // namespace

std::vector<std::string> ids_for_gitleaks(std::string_view gitleaks_id, const RuleSet& rules) {
  std::vector<std::string> ids;
  const auto* row = std::lower_bound(std::begin(kRows), std::end(kRows), gitleaks_id,
                                     [](const Row& r, std::string_view id) { return r.theirs < id; });
  const bool is_known = row != std::end(kRows) && row->theirs == gitleaks_id;
  for (std::string_view words = is_known ? row->ours : std::string_view(); !words.empty();) {
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(word.size() + 1, words.size()));
    for (const Rule& rule : rules.rules()) {
      if (fits(word, rule.id)) ids.push_back(rule.id);
    }
    if (const Rule* renamed = rules.find(word); renamed != nullptr) ids.push_back(renamed->id);
  }
  // The same name on both sides, where the table knows no better.
  if (const Rule* same = rules.find(gitleaks_id); ids.empty() && same != nullptr) ids.push_back(same->id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::string imported_id(std::string_view gitleaks_id) {
  constexpr std::size_t kMaxBytes = 100;
  std::string id;
  for (const char c : gitleaks_id.substr(0, kMaxBytes)) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if ((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9')) {
      id += low;
    } else if (!id.empty() && id.back() != '-') {
      id += '-';
    }
  }
  while (!id.empty() && id.back() == '-') id.pop_back();
  if (id.empty()) id = "rule";
  return id.find('-') == std::string::npos ? "custom-" + id : id;
}

}  // namespace keytrail::ruleset
