#include "scanner/inventory/import.h"

#include <string>

#include "scanner/base/dates.h"
#include "scanner/inventory/fingerprint.h"
#include "scanner/inventory/json_reader.h"
#include "tests/support/catch.h"
#include "tests/support/made_text.h"

using namespace keytrail;
using namespace keytrail::inventory;
using tests::made_text;

namespace {

ImportBatch read(const std::string& text, ImportOptions options = {}) {
  options.now = 1'790'000'000;
  auto batch = read_import(SecretString(text), "file", options);
  if (!batch) UNSCOPED_INFO(batch.error().describe());
  REQUIRE(batch);
  return std::move(*batch);
}

const core::Token& only(const ImportBatch& batch) {
  for (const std::string& problem : batch.problems) UNSCOPED_INFO(problem);
  REQUIRE(batch.tokens.size() == 1);
  return batch.tokens.front().token;
}

std::string day(const std::optional<core::Instant>& at) { return at ? utc_day(*at) : "none"; }

}  // namespace

TEST_CASE("spreadsheets with headers that people write are understood") {
  const std::string value = made_text(30, 1);
  const ImportBatch batch = read(
      "\xEF\xBB\xBFToken Name;Service;Team;Env;Last Rotation Date;Rotation Period;Scopes;Secret\r\n"
      "t1;Billing;Payments;PROD;2026-01-31;quarterly;\"read; write\";" +
      value + "\r\n");
  const core::Token& token = only(batch);
  CHECK(batch.kind == ImportKind::csv);
  CHECK(token.id == "t1");
  CHECK(token.owner == "Payments");
  CHECK(token.environment == "production");
  CHECK(day(token.last_rotated) == "2026-01-31");
  CHECK(token.rotation_days == 90);
  CHECK(token.scopes == std::vector<std::string>{"read", "write"});
  CHECK(batch.tokens.front().value.view() == value);
  CHECK(batch.notes.empty());
}

TEST_CASE("columns that nobody named are not read, since anything may stand in them") {
  ImportOptions options;
  const ImportBatch batch = read("id,mystery\nt1,text\n", options);
  CHECK(only(batch).labels.empty());
  REQUIRE(batch.notes.size() == 1);
  CHECK(batch.notes.front().find("mystery") != std::string::npos);
  options.label_columns["mystery"] = "m";
  CHECK(only(read("id,mystery\nt1,text\n", options)).labels.at("m") == "text");
  options = {};
  options.columns["mystery"] = Field::owner;
  CHECK(only(read("id,mystery,owner\nt1,Ada,Bob\n", options)).owner == "Ada");
}

TEST_CASE("every bad row is named with its line and column, never with its text") {
  const std::string value = made_text(30, 2);
  struct Row {
    const char* name;
    std::string text;
    const char* problem;
  };
  const Row rows[] = {
      {"a date", "id,expires\nt1,2026-01-31\nt2,31/12/26\n", "line 3 (column 2, expires)"},
      {"a state", "id,state\nt1,sleeping\n", "line 2 (column 2, state)"},
      {"too many cells", "id,owner\nt1,a,b\n", "line 2: 3 cells"},
      {"no id", "id,owner\n,ada\n", "line 2: an id is due"},
      {"behind a cell of two lines", "id,purpose,regulated\nt1,\"a\nb\",maybe\n", "line 2 (column 3, regulated)"},
      {"after a cell of two lines", "id,purpose,regulated\nt1,\"a\nb\",no\nt2,,maybe\n",
       "line 4 (column 3, regulated)"},
      {"a weak value", "id,secret\nt1,password\n", "line 2 (column 2, secret)"},
      {"the value in another field too", "id,purpose,secret\nt1,use " + value + "," + value + "\n", "line 2 (purpose)"},
      {"hash without a scheme", "id,key_hash\nt1,abc\n", "line 2 (column 2, key_hash)"},
      {"JSON: an unknown field", "[{\"id\":\"t1\",\n\"ownr\":\"a\"}]", "line 2: no field is called"},
      {"JSON: a wrong date", "[{\"id\":\"t1\",\n\"created\":\"soon\"}]", "line 1 (created)"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const ImportBatch batch = read(row.text);
      REQUIRE(batch.problems.size() == 1);
      CHECK(batch.problems.front().find(row.problem) == 0);
      CHECK(batch.problems.front().find(value) == std::string::npos);
    }
  }
}

TEST_CASE("without ids a token is named by service, provider and environment") {
  CHECK(only(read("Service,Provider,Environment\nBilling API,Stripe,prod\n")).id == "billing-api/stripe/prod");
}

TEST_CASE("hash columns are read in the encoding and with the prefix that are named") {
  ImportOptions options;
  options.scheme = HashScheme();
  options.scheme->name = "keys";
  options.scheme->hash_prefix = "sha256:";
  const std::string hex = inventory::to_hex(sha256("x"));
  const ImportBatch batch = read("id,key_hash\nt1,sha256:" + hex + "\n", options);
  CHECK(batch.tokens.at(0).fingerprint == hex);
  CHECK(read("id,key_hash\nt1," + hex + "\n", options).problems.size() == 1);
}

TEST_CASE("HashiCorp Vault: metadata of KV version 2, one answer a line with its path") {
  const ImportBatch batch = read(
      R"({"path":"secret/prod/billing","data":{"created_time":"2025-03-22T02:24:06.945319214Z","current_version":2,)"
      R"("custom_metadata":{"owner":"Payments"},"updated_time":"2026-02-01T00:00:00.1Z","versions":)"
      R"({"1":{"created_time":"2025-03-22T02:24:06.9Z"},"2":{"created_time":"2026-01-31T10:00:00Z"}}}})"
      "\n"
      R"({"path":"secret/dev/search","data":{"created_time":"2025-03-22T02:24:06Z","current_version":1,"versions":{}}})");
  CHECK(batch.kind == ImportKind::vault);
  REQUIRE(batch.tokens.size() == 2);
  const core::Token& token = batch.tokens[0].token;
  CHECK(token.id == "vault:secret/prod/billing");
  CHECK(token.owner == "Payments");
  CHECK(token.environment == "production");
  CHECK(day(token.created) == "2025-03-22");
  CHECK(day(token.last_rotated) == "2026-01-31");
  CHECK(day(batch.tokens[1].token.last_rotated) == "none");
}

TEST_CASE("AWS Secrets Manager: dates as seconds or text, tags, rotation") {
  const ImportBatch batch = read(
      R"({"SecretList":[{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-1","Name":"prod/db",)"
      R"("CreatedDate":1577836800.123,"LastRotatedDate":"2026-01-31T01:02:03.456000+00:00","RotationEnabled":true,)"
      R"("RotationRules":{"AutomaticallyAfterDays":30},"LastChangedDate":1767225600,)"
      R"("Tags":[{"Key":"Team","Value":"Data"},{"Key":"Value","Value":"no"}]}]})");
  CHECK(batch.kind == ImportKind::aws_secrets_manager);
  const core::Token& token = only(batch);
  CHECK(token.id == "aws-sm:prod/db");
  CHECK(day(token.created) == "2020-01-01");
  CHECK(day(token.last_rotated) == "2026-01-31");
  CHECK(token.rotation_days == 30);
  CHECK(token.owner == "Data");
  CHECK(batch.tokens.front().value.empty());
}

TEST_CASE("AWS IAM credential report: one token for each access key") {
  const ImportBatch batch = read(
      "user,arn,user_creation_time,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
      "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date\n"
      "bot,arn:aws:iam::111122223333:user/bot,2025-01-01T00:00:00+00:00,true,2025-01-01T00:00:05+00:00,N/A,"
      "false,2026-01-31T00:00:00+00:00,no_information\n"
      "idle,arn:aws:iam::111122223333:user/idle,2025-01-01T00:00:00+00:00,false,N/A,N/A,false,N/A,N/A\n");
  CHECK(batch.kind == ImportKind::aws_iam);
  REQUIRE(batch.tokens.size() == 2);
  CHECK(batch.tokens[0].token.state == core::TokenState::active);
  CHECK(batch.tokens[0].token.identifiers.at("account") == "111122223333");
  CHECK(day(batch.tokens[0].token.last_rotated) == "none");
  CHECK(batch.tokens[1].token.state == core::TokenState::revoked);
  CHECK(day(batch.tokens[1].token.last_rotated) == "2026-01-31");
}

TEST_CASE("Google Secret Manager and Azure Key Vault") {
  const core::Token gcp = only(
      read(R"([{"name":"projects/42/secrets/billing-prod","createTime":"2026-01-31T01:02:03.000001Z","replication":{},)"
           R"("labels":{"team":"payments"},"rotation":{"rotationPeriod":"2592000s"}}])"));
  CHECK(gcp.id == "gcp-sm:projects/42/secrets/billing-prod");
  CHECK(gcp.rotation_days == 30);
  CHECK(gcp.owner == "payments");
  CHECK(gcp.environment == "production");
  const core::Token azure = only(read(
      R"([{"attributes":{"created":"2026-01-31T01:02:03+00:00","enabled":true,"expires":"2027-01-31T00:00:00+00:00",)"
      R"("recoveryLevel":"Recoverable"},"contentType":null,"id":"https://team.vault.azure.net/secrets/db","name":"db",)"
      R"("tags":{"environment":"staging"}}])"));
  CHECK(azure.id == "azure-kv:team.vault.azure.net/secrets/db");
  CHECK(day(azure.expires) == "2027-01-31");
  CHECK(azure.environment == "staging");
}

TEST_CASE("Kubernetes: each key of a secret is a token, and what is no credential is left out") {
  // Any 24 letters are base64 of 18 bytes; "bm8=" is that of "no".
  const std::string encoded = made_text(24, 9);
  const ImportBatch batch = read(
      R"({"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Secret","type":"Opaque","metadata":)"
      R"({"name":"app","namespace":"prod","creationTimestamp":"2026-01-31T01:02:03Z","annotations":{"example.com/owner":)"
      R"("Ada"}},"data":{"API_KEY":")" +
      encoded + R"(","FLAG":"bm8=","tls.crt":"bm8="}}]})");
  CHECK(batch.kind == ImportKind::kubernetes);
  REQUIRE(batch.tokens.size() == 2);
  CHECK(batch.tokens[0].token.id == "k8s:prod/app/API_KEY");
  CHECK(batch.tokens[0].token.owner == "Ada");
  CHECK(batch.tokens[0].value.size() == 18);
  CHECK(batch.tokens[1].value.empty());
  CHECK(batch.notes.size() == 2);
}

TEST_CASE("GitHub alerts and fine-grained tokens, GitLab tokens") {
  const std::string value = made_text(40, 3);
  const ImportBatch alerts = read(
      R"([{"number":7,"html_url":"https://github.com/acme/app/security/secret-scanning/7","state":"open",)"
      R"("secret_type":"stripe_api_key","secret_type_display_name":"Stripe key","secret":")" +
      value +
      R"("},)"
      R"({"number":8,"html_url":"https://github.com/acme/app/security/secret-scanning/8","state":"resolved",)"
      R"("resolution":"revoked","secret_type":"x_y"},{"number":9,"resolution":"false_positive","secret_type":"x"}])");
  REQUIRE(alerts.tokens.size() == 2);
  CHECK(alerts.tokens[0].token.id == "github-alert:acme/app#7");
  CHECK(alerts.tokens[0].token.state == core::TokenState::compromised);
  CHECK(alerts.tokens[0].token.provider == "stripe");
  CHECK(alerts.tokens[0].value.view() == value);
  CHECK(alerts.tokens[1].token.state == core::TokenState::revoked);
  // Two pages of one listing.
  const ImportBatch tokens = read(
      R"([{"id":1,"owner":{"login":"ada"},"permissions":{"repository":{"contents":"write","metadata":"read"}},)"
      R"("access_granted_at":"2026-01-31T00:00:00Z","token_expired":false,"token_expires_at":"2027-01-31T00:00:00Z",)"
      R"("token_last_used_at":null,"token_id":98716,"token_name":"ci"}][{"id":2,"token_id":5,"permissions":{}}])");
  CHECK(tokens.kind == ImportKind::github_tokens);
  REQUIRE(tokens.tokens.size() == 2);
  CHECK(tokens.tokens[0].token.can_write == true);
  CHECK(tokens.tokens[0].token.owner == "ada");
  const core::Token gitlab = only(
      read(R"([{"id":4,"name":"deploy","revoked":true,"created_at":"2026-01-31T01:02:03.456Z","scopes":["read_api"],)"
           R"("user_id":24,"last_used_at":null,"active":false,"expires_at":"2026-12-31"}])"));
  CHECK(gitlab.state == core::TokenState::revoked);
  CHECK(gitlab.can_write == false);
}

TEST_CASE("Doppler and 1Password") {
  const std::string value = made_text(30, 4);
  const ImportBatch doppler = read(R"({"DOPPLER_PROJECT":{"computed":"shop"},"DOPPLER_CONFIG":{"computed":"prd"},)"
                                   R"("DOPPLER_ENVIRONMENT":{"computed":"prd"},"STRIPE":{"computed":")" +
                                   value + R"("}})");
  CHECK(only(doppler).id == "doppler:shop/prd/STRIPE");
  CHECK(only(doppler).environment == "production");
  const ImportBatch items =
      read(R"([{"id":"abc","title":"Stripe","tags":["owner=Ada"],"vault":{"id":"v","name":"Prod"},"category":)"
           R"("API_CREDENTIAL","created_at":"2026-01-31T01:02:03Z"},{"id":"x","title":"Bank","vault":{"name":"P"},)"
           R"("category":"LOGIN"}])");
  CHECK(only(items).owner == "Ada");
  CHECK(only(items).storage == "op://Prod/abc");
  CHECK(items.notes.size() == 1);
}

TEST_CASE("JSON that is none is refused with its line and column") {
  struct Row {
    const char* name;
    std::string text;
    const char* place;
  };
  const Row rows[] = {
      {"no end", "{\"a\":\n[1,2", "line 2, column 5"},
      {"no comma", "[1 2]", "line 1, column 4"},
      {"comma at the end", "[1,\n]", "line 2, column 1"},
      {"wrong bracket", "{\"a\":1]", "line 1, column 7"},
      {"no name", "{1:2}", "line 1, column 2"},
      {"a word", "[yes]", "line 1, column 2"},
      {"open string", "[\"abc", "line 1"},
      {"bad escape", R"(["\x"])", "line 1, column 3"},
      {"too deep", std::string(100, '['), "line 1, column"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const auto document = JsonDocument::parse(SecretString(row.text), "file");
      REQUIRE_FALSE(document);
      INFO(document.error().message);
      CHECK(document.error().message.find(row.place) == 0);
    }
  }
}

TEST_CASE("escapes of JSON strings are resolved") {
  const auto document = JsonDocument::parse(SecretString(R"({"a\u0062":"\"\\\/\n\u00e9\ud83d\ude00\ud83d!"})"), "file");
  REQUIRE(document);
  CHECK(document->root()["ab"].text() == "\"\\/\n\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBD!");
}

TEST_CASE("any cut and any changed byte of a listing is an answer, never a crash") {
  const std::string good =
      R"({"tokens":[{"id":"t1","scopes":["a","b"],"labels":{"x":"\u00e9"},"created":"2026-01-31","can_write":true}]})";
  for (std::size_t i = 0; i <= good.size(); ++i) {
    static_cast<void>(read_import(SecretString(good.substr(0, i)), "file", {}).has_value());
    for (const char c : {'"', '{', '[', ']', '}', ',', ':', '\\', '\0', '\x80'}) {
      std::string bad = good;
      if (i < bad.size()) bad[i] = c;
      static_cast<void>(read_import(SecretString(bad), "file", {}).has_value());
    }
  }
}
