#include "tests/unit/ticket/situations.h"

#include <stdexcept>

#include "scanner/base/hash.h"

namespace keytrail::test {
namespace {

using core::Priority;
using core::VerdictKind;

constexpr core::Instant kDay = 86400;

std::string hex_of(const std::string& words, std::size_t digits) {
  const Sha256Digest digest = sha256(words);
  return to_hex(digest.data(), digest.size()).substr(0, digits);
}

NamedSituation start(const std::string& name) {
  NamedSituation made;
  made.name = name;
  made.settings = ticket::default_settings();
  made.settings.visibility = "private";
  made.request.now = kNow;
  made.situation.mode = "history";
  made.situation.root = "/srv/repositories/billing";
  made.situation.repository = "https://git.example.org/billing.git";
  made.situation.revision = hex_of("tip", 40);
  made.situation.with_inventory = true;
  return made;
}

NamedSituation stripe_leak() {
  NamedSituation made = start("stripe-production-leak");
  core::TokenStatus status = token("stripe-billing-live", "stripe", "billing-api");
  status.token.purpose = "charges customers";
  status.token.scopes = {"read", "write"};
  status.token.reaches_production = true;
  status.token.regulated = true;
  status.token.compliance = "PCI DSS";
  status.token.can_write = true;
  status.token.dependents = {"billing-api", "billing-worker"};
  status.tier_rule = "tier.high[0]: reaches production data";
  core::Verdict leaked = verdict(VerdictKind::leaked, Priority::p0, "a production key stands in text");
  leaked.since = kNow - 40 * kDay;
  leaked.due = kNow + 300;
  status.verdicts = {leaked};
  ticket::Secret found = secret("stripe-secret-key", "Stripe", "stripe");
  found.places = {place("config/production.env", kNow - 40 * kDay, true),
                  place("docs/set|up.md", kNow - 3 * kDay, false)};
  found.places[1].removed_by = hex_of("remover", 40);
  link(found, status.token.id, leaked);
  made.situation.put_token(std::move(status));
  made.situation.secrets = {std::move(found)};
  return made;
}

NamedSituation github_unreachable() {
  NamedSituation made = start("github-unreachable-commit");
  core::TokenStatus status = token("github-release-bot", "github", "release");
  status.token.scopes = {"repo"};
  status.token.can_write = true;
  status.token.reaches_production = false;
  status.token.environment = "build";
  status.token.dependents.clear();
  core::Verdict leaked = verdict(VerdictKind::leaked, Priority::p1, "an active token stands in text");
  status.verdicts = {leaked};
  ticket::Secret found = secret("github-personal-access-token", "GitHub", "github");
  ticket::Place gone = place("ci/release.sh", kNow - 90 * kDay, false);
  gone.reachable = false;
  gone.refs.clear();
  gone.held_by = "main@{5}";
  found.places = {gone};
  link(found, status.token.id, leaked);
  made.situation.put_token(std::move(status));
  made.situation.secrets = {std::move(found)};
  return made;
}

NamedSituation database_never_rotated() {
  NamedSituation made = start("database-never-rotated");
  core::TokenStatus status = token("pg-orders-app", "postgresql", "orders-api");
  status.token.dependents = {"orders-api", "orders-export"};
  status.token.can_write = true;
  status.token.identifiers = {
      {"host", "db1.example.org"}, {"user", "orders_app"}, {"database", "orders"}, {"role", "orders_owner"}};
  status.token.last_rotated.reset();
  status.rotate_by = kNow - 335 * kDay;
  core::Verdict never = verdict(VerdictKind::never_rotated, Priority::p2, "created 365 days ago and never rotated");
  never.due = kNow + kDay;
  status.verdicts = {never};
  made.situation.mode = "files";
  made.situation.put_token(std::move(status));
  return made;
}

NamedSituation superseded() {
  NamedSituation made = start("superseded-in-history");
  core::TokenStatus status = token("sendgrid-mailer", "sendgrid", "mailer");
  status.token.last_rotated = kNow - 10 * kDay;
  ticket::Secret found = secret("sendgrid-api-key", "SendGrid", "sendgrid");
  found.places = {place("mail/send.py", kNow - 60 * kDay, false)};
  link(found, status.token.id,
       verdict(VerdictKind::leaked_superseded, Priority::p3, "the value was rotated after the leak"));
  made.situation.put_token(std::move(status));
  made.situation.secrets = {std::move(found)};
  return made;
}

NamedSituation untracked_aws() {
  NamedSituation made = start("untracked-aws-public");
  made.settings.visibility = "public";
  ticket::Secret found = secret("aws-secret-access-key", "AWS", "aws");
  found.severity = "critical";
  found.facts = {{"account", "123456789012"}};
  found.places = {place("terraform/main.tf", kNow - 2 * kDay, true)};
  core::Verdict untracked = verdict(VerdictKind::untracked, Priority::p1, "no token of the inventory has this value");
  untracked.token.clear();
  found.verdict = untracked;
  made.situation.secrets = {std::move(found)};
  return made;
}

NamedSituation expiring_webhook() {
  NamedSituation made = start("webhook-expiring");
  core::TokenStatus status = token("partner-webhook", "webhook", "partner-gateway");
  status.tier = core::Tier::medium;
  status.token.environment = "staging";
  status.token.reaches_production = false;
  status.token.expires = kNow + 12 * kDay;
  status.token.dependents = {"partner-gateway"};
  status.token.storage.clear();
  core::Verdict expiring = verdict(VerdictKind::expiring, Priority::p2, "expires within 30 days");
  expiring.due = kNow + 12 * kDay;
  status.verdicts = {expiring};
  made.situation.put_token(std::move(status));
  return made;
}

NamedSituation leaver() {
  NamedSituation made = start("shared-token-of-a-leaver");
  core::TokenStatus status = token("slack-alerts", "slack", "alerts");
  status.token.owner = "";
  status.token.access = {"ada@example.org", "grace@example.org", "team:platform"};
  status.token.dependents.clear();
  status.verdicts = {verdict(VerdictKind::shared, Priority::p3, "three can read it"),
                     verdict(VerdictKind::no_owner, Priority::p3, "nobody owns it")};
  made.request.offboard = "grace@example.org";
  made.situation.put_token(std::move(status));
  return made;
}

NamedSituation regulated_staging() {
  NamedSituation made = start("regulated-staging");
  core::TokenStatus status = token("snowflake-staging-etl", "snowflake", "etl");
  status.token.environment = "staging";
  status.token.reaches_production = false;
  status.token.regulated = true;
  status.token.compliance = "HIPAA";
  status.token.last_rotated = kNow - 45 * kDay;
  status.token.rotation_days = 30;
  status.rotate_by = kNow - 15 * kDay;
  status.tier_rule = "tier.high[3]: is under compliance rules";
  status.verdicts = {verdict(VerdictKind::rotation_overdue, Priority::p2, "15 days over its period")};
  made.situation.put_token(std::move(status));
  return made;
}

NamedSituation sandbox_overdue() {
  NamedSituation made = start("sandbox-overdue");
  core::TokenStatus status = token("twilio-sandbox", "twilio", "");
  status.tier = core::Tier::low;
  status.token.environment = "sandbox";
  status.token.reaches_production = false;
  status.token.owner = "";
  status.token.backup_owner = "";
  status.token.storage.clear();
  status.token.dependents.clear();
  status.token.purpose.clear();
  status.token.scopes.clear();
  status.token.last_rotated = kNow - 200 * kDay;
  status.verdicts = {verdict(VerdictKind::rotation_overdue, Priority::p3, "20 days over its period")};
  made.situation.put_token(std::move(status));
  return made;
}

NamedSituation own_key() {
  NamedSituation made = start("own-api-key-leak");
  core::TokenStatus status = token("client-42", "own", "public-api");
  status.token.owner = "Partner team";
  status.token.scopes = {"orders:read"};
  status.token.can_write = false;
  status.token.dependents = {"partner-acme"};
  core::Verdict leaked = verdict(VerdictKind::leaked, Priority::p0, "a production key stands in text");
  leaked.since = kNow - kDay;
  leaked.due = kNow + 300;
  status.verdicts = {leaked};
  ticket::Secret found = secret("known-token", "own", "own");
  found.places = {place("", kNow - kDay, false)};
  found.places[0].kind = "commit-message";
  link(found, status.token.id, leaked);
  made.situation.put_token(std::move(status));
  made.situation.secrets = {std::move(found)};
  return made;
}

NamedSituation hash_secret() {
  NamedSituation made = start("hash-secret-exposed");
  made.request.hash_secret_exposed = true;
  made.situation.put_token(token("client-42", "own", "public-api"));
  made.situation.put_token(token("client-43", "own", "public-api"));
  return made;
}

NamedSituation provider_incident() {
  NamedSituation made = start("provider-incident");
  made.request.provider_incident = "CircleCI";
  core::TokenStatus status = token("circleci-deploy", "circleci", "deploy");
  status.token.dependents = {"aws-deploy"};
  made.situation.put_token(std::move(status));
  made.situation.put_token(token("aws-deploy", "aws", "deploy"));
  return made;
}

}  // namespace

ticket::Place place(const std::string& path, core::Instant date, bool at_tip) {
  ticket::Place made;
  made.path = path;
  made.kind = "git-blob";
  made.line = 12;
  made.blob = hex_of("blob " + path, 40);
  made.commit = hex_of("commit " + path, 40);
  made.author = "Ada Example <ada@example.org>";
  made.date = date;
  made.in_history = true;
  made.at_tip = at_tip;
  made.reachable = true;
  made.refs = {"main"};
  return made;
}

ticket::Secret secret(const std::string& rule, const std::string& provider, const std::string& words) {
  ticket::Secret made;
  made.rule = rule;
  made.rule_name = provider + " credential";
  made.provider = provider;
  made.severity = "high";
  made.fingerprint = hex_of("fingerprint " + words, 32);
  made.masked = "****" + hex_of(words, 4);
  return made;
}

core::TokenStatus token(const std::string& id, const std::string& provider, const std::string& service) {
  core::TokenStatus made;
  made.token.id = id;
  made.token.provider = provider;
  made.token.service = service;
  made.token.environment = "production";
  made.token.purpose = "what " + service + " is for";
  made.token.owner = "Team Billing";
  made.token.backup_owner = "Platform Engineering";
  made.token.storage = "vault:secret/" + id;
  made.token.created = kNow - 365 * kDay;
  made.token.dependents = {service};
  made.tier = core::Tier::high;
  return made;
}

core::Verdict verdict(VerdictKind kind, Priority priority, const std::string& reason) {
  core::Verdict made;
  made.kind = kind;
  made.priority = priority;
  made.reason = reason;
  made.open = kind != VerdictKind::leaked_superseded && kind != VerdictKind::leaked_revoked;
  return made;
}

void link(ticket::Secret& secret, const std::string& token, const core::Verdict& verdict) {
  secret.token = core::TokenLink{token, 0, false, "value"};
  secret.verdict = verdict;
  secret.verdict->token = token;
}

std::vector<NamedSituation> situations() {
  std::vector<NamedSituation> all;
  all.push_back(stripe_leak());
  all.push_back(github_unreachable());
  all.push_back(database_never_rotated());
  all.push_back(superseded());
  all.push_back(untracked_aws());
  all.push_back(expiring_webhook());
  all.push_back(leaver());
  all.push_back(regulated_staging());
  all.push_back(sandbox_overdue());
  all.push_back(own_key());
  all.push_back(hash_secret());
  all.push_back(provider_incident());
  return all;
}

const NamedSituation& situation(const std::vector<NamedSituation>& all, const std::string& name) {
  for (const NamedSituation& one : all) {
    if (one.name == name) return one;
  }
  throw std::runtime_error("no situation " + name);
}

std::vector<ticket::Ticket> tickets_of(const NamedSituation& named) {
  const auto guides = ticket::Guides::builtin().value();
  const auto composer = ticket::Composer::load("en", {});
  if (!composer) throw std::runtime_error(composer.error().describe());
  std::vector<ticket::Ticket> out;
  for (const ticket::Case& one : ticket::plan(named.situation, guides, named.settings, named.request)) {
    out.push_back(composer->compose(one, named.settings));
    out.back().history.push_back({named.request.now, "opened"});
  }
  return out;
}

}  // namespace keytrail::test
