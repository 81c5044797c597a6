#include <random>
#include <string>
#include <vector>

#include "scanner/base/hash.h"
#include "scanner/ruleset/bip39_words.h"
#include "scanner/ruleset/checks.h"
#include "tests/support/catch.h"
#include "tests/support/made_text.h"

namespace keytrail::ruleset {
namespace {

using tests::text;

using Facts = std::vector<core::Fact>;
constexpr CheckOutcome kPassed = CheckOutcome::passed;
constexpr CheckOutcome kFailed = CheckOutcome::failed;

CheckOutcome outcome(CheckId check, const std::string& secret, const std::string& matched = {}) {
  return run_check(check, matched.empty() ? secret : matched, secret).outcome;
}

std::string repeated(const std::string& word, int times, const std::string& last) {
  std::string phrase;
  for (int i = 0; i < times; ++i) phrase += word + " ";
  return phrase + last;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

TEST_CASE("the list of words is that of BIP 39") {
  // Of the published file, in which each word has a line.
  const Sha256Digest digest = sha256(replaced(std::string(kBip39Words), " ", "\n") + "\n");
  CHECK(to_hex(digest.data(), digest.size()) ==
        "2f5eed53a4727b4bf8880d8f3f199efc"
        "90e58503646d9ff8eff3a2ed3b24dbda");
}

TEST_CASE("a recovery phrase holds its checksum") {
  // The vectors of BIP 39: entropy of zeros, of 7f and of ff.
  const std::string zeros = repeated("abandon", 11, "about");
  CHECK(outcome(CheckId::bip39, zeros) == kPassed);
  CHECK(outcome(CheckId::bip39, repeated("zoo", 11, "wrong")) == kPassed);
  CHECK(outcome(CheckId::bip39, repeated("abandon", 17, "agent")) == kPassed);
  CHECK(outcome(CheckId::bip39, repeated("abandon", 23, "art")) == kPassed);
  CHECK(outcome(CheckId::bip39, repeated("zoo", 23, "vote")) == kPassed);
  CHECK(outcome(CheckId::bip39, repeated("abandon", 11, "ability")) == kFailed);
  CHECK(outcome(CheckId::bip39, repeated("abandon", 12, "about")) == kFailed);
  CHECK(outcome(CheckId::bip39, repeated("abandon", 11, "aboutt")) == kFailed);
  CHECK(outcome(CheckId::bip39, repeated("abandon", 11, "")) == kFailed);
  CHECK(outcome(CheckId::bip39, replaced(zeros, " ", "\", \"")) == kPassed);
  CHECK(outcome(CheckId::bip39, repeated("abandon", 40, "about")) == kFailed);
  CHECK(outcome(CheckId::bip39, "") == kFailed);
}

TEST_CASE("a phrase of one word again and again is a sample") {
  const std::string zeros = repeated("abandon", 11, "about");
  const CheckResult result = run_check(CheckId::bip39, zeros, zeros);
  CHECK(result.severity == core::Severity::info);
  CHECK(result.facts == Facts{{"words", "12"}, {"sample", "repeated"}});
  std::mt19937_64 random(1);
  std::string made;
  REQUIRE(make_valid(CheckId::bip39, made, random));
  CHECK(run_check(CheckId::bip39, made, made).facts == Facts{{"words", "12"}});
  CHECK(!run_check(CheckId::bip39, made, made).severity);
}

TEST_CASE("a key of NuGet has the fixed bits of a GUID") {
  const std::string good = text({"oy2", "dgb333j35kjjybcf", "aaahxxkdkhggee", "anxn4bvcvlmap", ""});
  REQUIRE(good.size() == 46);
  std::string key = good;
  key[3] = 'c', key[19] = 'q', key[31] = 'e', key[32] = '5', key[33] = 'b', key[45] = 'y';
  CHECK(outcome(CheckId::structure, key) == kPassed);
  for (const std::size_t at : {3U, 19U, 31U, 32U, 33U, 45U}) {
    std::string other = key;
    other[at] = 'z';
    CHECK(outcome(CheckId::structure, other) == (at == 32 ? kPassed : kFailed));
  }
}

TEST_CASE("a join token of a swarm tells its cluster") {
  const std::string token =
      text({"SWMTKN-1-", "0lh0soh2o034jsxypf7xu6y9kokk5", "plhggwbxyo1uhqu9pvxes", "-afz446ztzpnc7", "nrm1ozv2bwq8"});
  const CheckResult result = run_check(CheckId::structure, token, token);
  CHECK(result.outcome == kPassed);
  REQUIRE(result.facts.size() == 1);
  CHECK(result.facts[0].second.size() == std::string("sha256:").size() + 64);
  std::string big = token;
  big.replace(9, 2, "zz");
  CHECK(outcome(CheckId::structure, big) == kFailed);
  CHECK(outcome(CheckId::structure, token.substr(0, 60)) == kFailed);
}

TEST_CASE("a private key of WireGuard is clamped, a shared one is not") {
  const std::string key = text({"sPusJJEmPpUHCEyX", "CfhSsXgKv0cd4J1E", "TtTwVsYJGFw="});
  CHECK(outcome(CheckId::structure, key, "PrivateKey = " + key) == kPassed);
  std::string other = key;
  other[1] = 'f';
  CHECK(outcome(CheckId::structure, other, "PrivateKey = " + other) == kFailed);
  CHECK(outcome(CheckId::structure, other, "PresharedKey = " + other) == CheckOutcome::unknown);
}

TEST_CASE("tokens of Intercom, Artifactory and SES have their form") {
  const std::string intercom = text({"dG9r", "OjEyMzQ1Njc4XzEyMzRfMTIzNF8x", "MjM0XzEyMzQ1Njc4OWFiYzoxOjA="});
  CHECK(outcome(CheckId::structure, intercom) == kPassed);
  CHECK(outcome(CheckId::structure, intercom.substr(0, 56) + "OjE=") == kFailed);
  const std::string ses = text({"BL", "KpOQrsj2m6xW3oHRxDFr", "YrJ6lVDJA6Eek6dtId3krW"});
  CHECK(outcome(CheckId::structure, ses) == kPassed);
  CHECK(outcome(CheckId::structure, "Bz" + ses.substr(2)) == kFailed);
  const std::string artifactory = "AKCp" + std::string(69, '7');
  CHECK(outcome(CheckId::structure, artifactory) == kPassed);
  CHECK(outcome(CheckId::structure, artifactory.substr(0, 72) + "0") == kFailed);
}

TEST_CASE("a key of Supabase proves itself with its project's name") {
  const std::string key = text({"sb_", "secret_", "V8t84vetCZYjcmoO", "wRx8iD", "_j_kvTd4j"});
  const std::string around = "url = https://abcdefghijklmnopqrst.supabase.co\nkey = " + key;
  const CheckResult named = run_check(CheckId::issuer_checksum, key, key, around);
  CHECK(named.outcome == kPassed);
  CHECK(named.facts == Facts{{"project", "abcdefghijklmnopqrst"}});
  CHECK(outcome(CheckId::issuer_checksum, key) == CheckOutcome::unknown);
}

TEST_CASE("public parts of a token are told, and no others") {
  struct Row {
    std::string matched;
    std::string secret;
    Facts facts;
  };
  const std::string rest = std::string(20, 'r') + "-s";
  const std::vector<Row> rows = {
      {{}, text({"tskey-", "api-kAbCdCNTRL-"}) + rest, {{"key_id", "kAbCdCNTRL"}}},
      {{}, text({"pat-", "eu1-"}) + rest, {{"region", "eu1"}}},
      {{}, text({"A3-", "ABCDEF-"}) + rest, {{"account", "ABCDEF"}}},
      {{},
       text({"sk_", "live_51"}) + std::string(15, 'a') + std::string(80, 'b'),
       {{"account", "acct_1" + std::string(15, 'a')}}},
      {{}, text({"sk_", "live_51"}) + std::string(20, 'a'), {}},
      {{}, text({"PMAT-", "01ARZ3NDEKTSV", "4RRFFQ69G5FAV"}), {{"created", "2016-07-30T23:54:10Z"}}},
      {text({"hooks.", "slack.com/services/T01234567/B01234567/x"}), "x", {{"team_id", "T01234567"}}},
      {"discord.com/api/webhooks/123456789012345678/"
       "x",
       "x",
       {{"webhook_id", "123456789012345678"}}},
      {text({"hooks.", "slack.com/services/T0/x"}), "x", {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.matched, row.secret.substr(0, 12));
    const std::string& matched = row.matched.empty() ? row.secret : row.matched;
    CHECK(run_check(CheckId::issuer_parts, matched, row.secret).facts == row.facts);
  }
}

}  // namespace keytrail::ruleset
