#include <string>
#include <vector>

#include "scanner/ruleset/checks.h"
#include "tests/support/catch.h"

namespace keytrail::ruleset {
namespace {

using Facts = std::vector<core::Fact>;

TEST_CASE("a password in a URL or connection string is judged") {
  struct Row {
    const char* name;
    std::string before, secret, behind;  // the text around the password
    CheckOutcome want;
    Facts facts;
  };
  const std::string pg = "postgres://";
  const std::string good = std::string("hunter") + "42x";
  constexpr CheckOutcome kPassed = CheckOutcome::passed;
  constexpr CheckOutcome kNotSecret = CheckOutcome::not_secret;
  const Facts host = {{"host", "db.acme.io"}};
  const Facts both = {{"user", "bob"}, {"host", "db.acme.io"}};
  const std::vector<Row> rows = {
      {"good", pg + "bob:", good, "@db.acme.io:5432/x", kPassed, both},
      {"no user", "redis://:", good, "@db.acme.io", kPassed, host},
      {"no host", pg + "bob:", good, "", kPassed, {}},
      {"host ends at a quote", pg + "bob:", good, "@db.acme.io\"", kPassed, both},
      {"IPv6", pg + "bob:", good, "@[::1]:5432/x", kPassed, {{"user", "bob"}, {"host", "::1"}}},
      {"server",
       "Server=tcp:db.acme.io,1433;User Id=bob;Pass"
       "word=",
       good, ";", kPassed, both},
      {"data source",
       "data source = db.acme.io; uid = bob; p"
       "wd=",
       good, "", kPassed, both},
      {"variable", pg + "bob:", "${DB_PASS}", "@db.acme.io/x", kNotSecret, host},
      {"variable with default", pg + "bob:", "${DB_PASS:-x}", "@db.acme.io/x", kNotSecret, host},
      {"shell variable", pg + "bob:", "$DB_PASS", "@db.acme.io/x", kNotSecret, host},
      {"command", pg + "bob:", "$(cat file)", "@db.acme.io/x", kNotSecret, host},
      {"dollar inside", pg + "bob:", "a$b_c1", "@db.acme.io/x", kPassed, both},
      {"dollar first, then no name", pg + "bob:", "$9!kd0", "@db.acme.io/x", kPassed, both},
      {"template", pg + "bob:", "{{ .pass }}", "@db.acme.io/x", kNotSecret, host},
      {"workflow", pg + "bob:", "${{ secrets.P }}", "@db.acme.io/x", kNotSecret, host},
      {"angle brackets", pg + "bob:", "<password>", "@db.acme.io/x", kNotSecret, host},
      {"format", pg + "bob:", "%s", "@db.acme.io/x", kNotSecret, host},
      {"Python format", pg + "bob:", "%(pw)s", "@db.acme.io/x", kNotSecret, host},
      {"batch", pg + "bob:", "%PW%", "@db.acme.io/x", kNotSecret, host},
      {"percent-encoded", pg + "bob:", "%40" + good, "@db.acme.io/x", kPassed, both},
      {"braces", pg + "bob:", "{password}", "@db.acme.io/x", kNotSecret, host},
      {"square brackets", pg + "bob:", "[password]", "@db.acme.io/x", kNotSecret, host},
      {"stars", pg + "bob:", "****", "@db.acme.io/x", kNotSecret, host},
      {"sample at home", pg + "user:", "pass", "@localhost/x", kNotSecret, {{"user", "user"}, {"host", "localhost"}}},
      {"sample, any case",
       pg + "Admin:",
       "Password",
       "@127.0.0.1/x",
       kNotSecret,
       {{"user", "Admin"}, {"host", "127.0.0.1"}}},
      {"sample in documents",
       pg + "user:",
       "password",
       "@db.example.com",
       kNotSecret,
       {{"user", "user"}, {"host", "db.example.com"}}},
      {"sample on a public host",
       pg + "user:",
       "pass1",
       "@db.acme.io",
       kPassed,
       {{"user", "user"}, {"host", "db.acme.io"}}},
      {"user's name at home", pg + "shop:", "shop", "@db:5432", kNotSecret, {{"host", "db"}}},
      {"user's name in a private net", pg + "shop:", "shop", "@172.16.0.9", kNotSecret, {{"host", "172.16.0.9"}}},
      {"user's name just outside", pg + "shop:", "shop", "@172.32.0.9", kPassed, {{"host", "172.32.0.9"}}},
      {"a name like an address", pg + "shop:", "shop", "@10.acme.io", kPassed, {{"host", "10.acme.io"}}},
      {"the password is not told as the user", pg + "shop:", "shop", "@db.acme.io", kPassed, host},
      {"nor as the host", pg + "bob:", "acme", "@db.acme.io", kPassed, {{"user", "bob"}}},
      {"a token as the user", "https://0a1b2c3d4e5f6a7b8c9d:", "x-oauth-basic", "@db.acme.io", kNotSecret, host},
      {"a long user with digits", "https://0a1b2c3d4e5f6a7b8c9d:", good, "@db.acme.io", kPassed, host},
      {"a mail address as the user",
       "https://bob.miller.1979@acme.io:",
       good,
       "@db.acme.io",
       kPassed,
       {{"user", "bob.miller.1979@acme.io"}, {"host", "db.acme.io"}}},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const CheckResult result = run_check(CheckId::url_password, row.before + row.secret + row.behind, row.secret);
      CHECK(result.outcome == row.want);
      CHECK(result.facts == row.facts);
    }
  }
}

TEST_CASE("a Basic header holds a user and a password") {
  struct Row {
    const char* name;
    std::string secret;
    CheckOutcome want;
    Facts facts;
  };
  // Encoded by another program; in pieces.
  const std::vector<Row> rows = {
      {"good", std::string("Ym9iOmh1") + "bnRlcjQy", CheckOutcome::passed, {{"user", "bob"}}},
      {"padded", std::string("Ym9iOmh1") + "bnRlcjQyeA==", CheckOutcome::passed, {{"user", "bob"}}},
      {"unpadded", std::string("Ym9iOmh1") + "bnRlcjQyeA", CheckOutcome::passed, {{"user", "bob"}}},
      {"a token for the user", std::string("c2tfbGl2") + "ZV9hYmM6", CheckOutcome::passed, {}},
      {"user:pass", std::string("dXNlc") + "jpwYXNz", CheckOutcome::not_secret, {{"user", "user"}}},
      {"Aladdin", std::string("QWxhZGRpbj") + "pvcGVuIHNlc2FtZQ==", CheckOutcome::not_secret, {{"user", "Aladdin"}}},
      {"variable", std::string("Ym9iOiR7") + "UFd9", CheckOutcome::not_secret, {}},
      {"no colon", "aGVsbG8gd29ybGQ=", CheckOutcome::failed, {}},
      {"not printable", "AAECAzoEBQ==", CheckOutcome::failed, {}},
      {"no base64", "Ym9i!mh1", CheckOutcome::failed, {}},
      {"text behind the padding", "Ym9iOg==Ym9i", CheckOutcome::failed, {}},
      {"impossible length", "Ym9iO", CheckOutcome::failed, {}},
      {"empty", "", CheckOutcome::failed, {}},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const CheckResult result = run_check(CheckId::basic_auth, row.secret, row.secret);
      CHECK(result.outcome == row.want);
      CHECK(result.facts == row.facts);
    }
  }
}

// What a rule's pattern could have given before the check is made valid.
std::string letters(std::size_t size, std::mt19937_64& random) {
  std::string out(size, 'a');
  for (char& c : out) c = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[random() % 62];
  return out;
}

std::string digits(std::size_t size, std::mt19937_64& random) {
  std::string out(size, '0');
  for (char& c : out) c = static_cast<char>('0' + random() % 10);
  return out;
}

TEST_CASE("a generated secret is made to pass its check and keeps its length") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    const std::size_t more = static_cast<std::size_t>(round) % 9;
    const std::vector<std::pair<CheckId, std::string>> rows = {
        {CheckId::github_crc32, std::string("ghp") + "_" + letters(36, random)},
        {CheckId::github_crc32, std::string("ghr") + "_" + letters(76, random)},
        {CheckId::npm_crc32, std::string("npm") + "_" + letters(36, random)},
        {CheckId::grafana_crc32, std::string("glsa") + "_" + letters(32, random) + "_" + letters(8, random)},
        {CheckId::gitlab_routable,
         std::string("glpat") + "-" + letters(27 + more, random) + ".01." + letters(9, random)},
        {CheckId::gitlab_routable,
         std::string("glrt") + "-t1_" + letters(27 + more, random) + "." + letters(9, random)},
        {CheckId::aws_key_id, std::string("AKIA") + letters(16, random)},
        {CheckId::jwt, "eyJ" + letters(33, random) + ".eyJ" + letters(61, random) + "." + letters(43, random)},
        {CheckId::jwt, "eyJ" + letters(35, random) + ".eyJ" + letters(60, random) + "." + letters(43, random)},
        {CheckId::base64_json, "glc_eyJ" + letters(40 + more, random)},
        {CheckId::base64_json, "sntrys_eyJ" + letters(60 + more, random) + "=_" + letters(43, random)},
        {CheckId::luhn, digits(15, random) + "5"},
        {CheckId::slack_parts, "xoxb-" + digits(12, random) + "-" + digits(13, random) + "-" + letters(24, random)},
        {CheckId::url_password, letters(12, random)},
        {CheckId::basic_auth, letters(16 + 4 * more, random)},
    };
    for (const auto& [check, sampled] : rows) {
      INFO(to_string(check) << " in round " << round);
      std::string secret = sampled;
      REQUIRE(make_valid(check, secret, random));
      CHECK(run_check(check, secret, secret).outcome == CheckOutcome::passed);
      CHECK(secret.size() == sampled.size());
    }
  }
}

TEST_CASE("a generated header gets a block") {
  std::mt19937_64 random(7);
  const std::vector<std::pair<CheckId, std::string>> rows = {
      {CheckId::pem, std::string("-----BEGIN ") + "EC PRIVATE KEY-----"},
      {CheckId::ppk, std::string("PuTTY-User-") + "Key-File-2: ssh-rsa"},
  };
  for (const auto& [check, header] : rows) {
    std::string secret = header;
    CHECK(run_check(check, secret, secret).outcome == CheckOutcome::not_secret);
    REQUIRE(make_valid(check, secret, random));
    CHECK(secret.starts_with(header));
    CHECK(run_check(check, secret, secret).outcome == CheckOutcome::passed);
  }
}

TEST_CASE("what no check can be made for stays as it is") {
  std::mt19937_64 random(7);
  for (const CheckId check :
       {CheckId::none, CheckId::github_crc32, CheckId::gitlab_routable, CheckId::jwt, CheckId::pem, CheckId::luhn,
        CheckId::base64_json, CheckId::aws_key_id, CheckId::basic_auth}) {
    std::string secret = "abc";
    CHECK(!make_valid(check, secret, random));
    CHECK(secret == "abc");
  }
}

}  // namespace
}  // namespace keytrail::ruleset
