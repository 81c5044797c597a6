#include <string>
#include <vector>

#include "scanner/ruleset/checks.h"
#include "tests/support/catch.h"
#include "tests/support/made_text.h"

namespace keytrail::ruleset {
namespace {

using tests::text;

// Synthetic values that belong to no account. They stand here in pieces, so that none is in the text of this file, and
// their checksums and encodings were computed by other programs (zlib, hashlib, base64), not by the code under test.
using Facts = std::vector<core::Fact>;

// One character in the middle is another one.
std::string damaged(std::string token) {
  char& c = token[token.size() / 2];
  c = c == '2' ? '3' : '2';
  return token;
}

struct Row {
  const char* name;
  CheckId check;
  std::string token;
};

std::vector<Row> rows() {
  constexpr CheckId kSum = CheckId::issuer_checksum;
  return {
      {"Vercel", kSum, text({"vcp", "_5mxETjMuRwef7N", "baiH2YkluoOAAIot1L", "m3122E0qzp33TSyQqq", "0SkYH0"})},
      {"Cloudflare", kSum, text({"cfut", "_ahaX1UDfC3evtC", "Fb1VJLFGN5g76zWayf", "vxb72Wlxe6a76d38"})},
      {"Zuplo", kSum, text({"zpka", "_6459d9638a4f41e4", "dbb6cc48", "ec16b61b", "_3031b2cd"})},
      {"Confluent", kSum, text({"cf", "lt30YnRBNk1mbzB7l", "b6BUlN4bv8aqtbl0rZELNb", "YaNPpj7ocQC01RS2mhFBCEg"})},
      {"Polar", kSum, text({"polar", "_oat_", "51NZxXDsgs0Qw43mx", "43P1GDRJswuKDguVkzfc0JQEhq"})},
      {"NetBird", kSum, text({"nbp", "_v1k8t97LaglkKwM", "EbF0PWEd8D0uOxi", "14JyBG"})},
      {"Thunderstore", kSum, text({"tss", "_UjTKvJj4kQ315xW", "1U5jD34PlTdvB5s", "2tP65O"})},
      {"Apify", kSum, text({"apify", "_api_", "tjYw60Ey8TEn149bD", "w2p1J2MBXs3Oc2HMzhw"})},
      {"Weights & Biases", kSum,
       text(
           {"wandb", "_v1_", "CevQeAnFjCLjv18Kjh265ag", "O4ta_FlbIkj00i6QKb7LHelJM", "oYB2ZzziN1jnmtEUfFTs7Rs0MeTtW"})},
      {"SaladCloud", kSum, text({"salad", "_cloud_org_", "dlcoIls8wZQTi9Ohtv", "JyUVBftmeda74zwUMn3CaTe52", "1HsEpe"})},
      {"Canva", kSum, text({"cnv", "ca0p4EgrFAjgsLdb20C", "fDpKpxpg0-LlbouqgpkFw", "Ajtyh07763886"})},
      {"Atlassian", kSum,
       text({"ATA", "TT3xFfGF052TMdaTrlODy9QjndSHQls2Kh0rk68h", "LQs2EpZfH5VvsX6SolelAm0HUdetiP7hm1RSzleSISP",
             "XWwOvNUt8SnmjRgz2JKlTznVHrHoolMlwrm3gjP6pTw", "dMzklo7q1W7vndNXGlJcwrGshhV40pfc54MMTPTbKcc",
             "4ths8mchK50", "=9C892FED"})},
      {"Bitbucket", kSum, text({"AT", "BBk60LCYftVDxeaX3b", "OeCu8XKoA861EADA"})},
      {"Azure DevOps", kSum, text({"uhfkxmez6h5gpx6xup2v", "a4nrkzuc5datx6cmuvql", "duovhtbezo3a"})},
      {"GitHub, fine-grained", kSum,
       text({"github", "_pat_", "118KDPDS5NEQE6VQPQ4462", "_TUNL9LRzf1YQEQW8mpW9I", "Ssc4t1MbHRBYw7VxwtlqXL",
             "GHELMZ3JPnN9vUVj"})},
      {"age", kSum,
       text({"AGE-SECRET", "-KEY-1", "JPMYDJNKWPRJ4YH9LUEUK", "V022VS9TKD2PR92RUW8ND0LGTA4K6", "PQZ92KAK"})},
      {"Nostr", kSum, text({"nsec", "1tkuxd7s549x5d0ukh3er", "c8tm3ckr77trkrn3qhx5um", "ktmfz364csmfcul9"})},
      {"NATS", kSum, text({"SU", "AJVWOQBYMGTXEAK7UFWFU", "D74O6A5CDSKUV3DND5VB", "YVSUA35MLLCVHX4"})},
      {"Stellar", kSum, text({"SD", "YRW5XPTWK4L7V7S3GVP3", "7AUQNR2QZ3FFSPE4JPL", "SSJJXU64J7H7ZMW"})},
      {"WIF", kSum, text({"L2", "ENGPPL8ZLsP4YUdVEBB", "XMHeM1fUn5RF1NkHZnq", "qNyLK28KJjLa"})},
      {"xprv", kSum,
       text({"xprv", "9s21ZrQH143K4UJnfnccNmkw", "3qSbVZoU7YYHjz83oMkXDmL5", "Qpm6De1ZtPztnz12k6SqDRe5",
             "SjtJo5a6nQ1rZ9jv7be8ZNgep", "EjSgjNhp1n"})},
      {"Azure CASK", CheckId::azure_marvin,
       text({"EAfY6g4QmjqyhaUzqS3Hv", "kGf5vtgZvC2OJ5PLoUg0RWx", "U2vmaazEJQQ", "J99BCACaaAAAAAAAAA", "AAAAZMPEGR2"})},
      {"Entra", CheckId::azure_marvin, text({"abc", "8Q~", "sZ56H4gHQEt1ZDcA", "476HE1St6XVumsab5r"})},
  };
}

}  // namespace

TEST_CASE("an issuer's checksum proves a token, and a wrong one nothing") {
  for (const Row& row : rows()) {
    DYNAMIC_SECTION(row.name) {
      CHECK(run_check(row.check, row.token, row.token).outcome == CheckOutcome::passed);
      const std::string other = damaged(row.token);
      CHECK(run_check(row.check, other, other).outcome == CheckOutcome::unknown);
      for (std::size_t size = 0; size < row.token.size(); ++size) {
        const std::string cut = row.token.substr(0, size);
        CHECK(run_check(row.check, cut, cut).outcome == CheckOutcome::unknown);
      }
    }
  }
}

TEST_CASE("a key of Azure tells its month") {
  const std::string key =
      text({"EAfY6g4QmjqyhaUzqS3Hv", "kGf5vtgZvC2OJ5PLoUg0RWx", "U2vmaazEJQQ", "J99BCACaaAAAAAAAAA", "AAAAZMPEGR2"});
  CHECK(run_check(CheckId::azure_marvin, key, key).facts == Facts{{"created", "2025-03"}});
}

TEST_CASE("a key of Azure tells what it opens") {
  const std::string storage = text(
      {"BAALNCl30s2LsArp35rF0d", "piYTnJkZO+qwhBMTodJRIk", "SgF3TsT+kRQS1z0OU5Ir/V", "5wh+xWXWYC+AS", "tT1oF9w=="});
  const CheckResult result = run_check(CheckId::azure_marvin, storage, storage);
  CHECK(result.outcome == CheckOutcome::passed);
  CHECK(result.facts == Facts{{"use", "storage account"}});
  const std::string redis = text({"RsBb7OU9r7hijQrlqL8W3T", "ncitAPdu5QGAzC", "aC3jpSM="});
  CHECK(run_check(CheckId::azure_marvin, redis, redis).facts == Facts{{"use", "Redis cache"}});
  const std::string other = damaged(storage);
  CHECK(run_check(CheckId::azure_marvin, other, other).outcome == CheckOutcome::unknown);
}

TEST_CASE("a token tells its owner and its dates") {
  struct PartsRow {
    const char* name;
    std::string token;
    Facts facts;
  };
  const std::vector<PartsRow> kRows = {
      {"PyPI",
       text({"pypi", "-AgEIcHlwaS5vcmcCJDEyMzQ1", "Njc4LTEyMzQtNDMyMS04NzY1LTEyMzQ1", "Njc4OWFiYwACLHsidmVyc2lvbiI6",
             "MSwicGVybWlzc2lvbnMiOiJ1c2VyIn0g", "ICAgICAgICAgAAAGIDi81iIGwsetUdVJBv9N", "iBG5JYdUBVqL9HsnP-ADyw1O"}),
       {{"issuer", "pypi.org"}, {"token_id", "12345678-1234-4321-8765-123456789abc"}}},
      {"Discord",
       text({"MTIzNDU2Nzg5MDEy", "MzQ1Njc4", ".ZVPxAA.", "vOmyfT8mluvtxnIh8AVw", "RJL3aVxZELEctKSdXG"}),
       {{"user_id", "123456789012345678"}, {"created", "2023-11-14T22:13:20Z"}}},
      {"JFrog",
       text({"cmVm", "dGtuOjAxOjE3MDAwMDAwMDA6", "aFRPb1pRWDhxaVc0Vmlj", "M013akpmTVJYZmhJ"}),
       {{"exp", "2023-11-14T22:13:20Z"}}},
      {"Sentry",
       text({"sntrys", "_eyJpYXQiOjE3MDAwMDAwMDAuNSwi", "dXJsIjoiaHR0cHM6Ly9zZW50cnkuZXhhbXBsZSIs",
             "InJlZ2lvbl91cmwiOiJodHRwczovL3VzLnNlbnRyeS5leGFt",
             "cGxlIiwib3JnIjoic3ludGhldGljIn0=", "_UDVhowV/ChD/E3nMBlCcYo", "B5cfT2v+tVIzCmDby5+c8"}),
       {{"org", "synthetic"},
        {"url", "https://sentry.example"},
        {"region", "https://us.sentry.example"},
        {"created", "2023-11-14T22:13:20Z"}}},
      {"Postman", text({"PMA", "K-6553f100", "0123456789abcdef", "-x"}), {{"created", "2023-11-14T22:13:20Z"}}},
      {"Telegram", text({"123456789", ":AAx"}), {{"bot_id", "123456789"}}},
      {"nothing", "plain", {}},
      {"a prefix alone", text({"pypi", "-"}), {}},
      {"cut", text({"pypi", "-AgEIcHlw"}), {}},
  };
  for (const PartsRow& row : kRows) {
    DYNAMIC_SECTION(row.name) {
      const CheckResult result = run_check(CheckId::issuer_parts, row.token, row.token);
      CHECK(result.facts == row.facts);
      CHECK(result.outcome == (row.facts.empty() ? CheckOutcome::unknown : CheckOutcome::passed));
    }
  }
}

TEST_CASE("a token of a Data Center holds its number") {
  const std::string token = text({"MTIz", "NDU2Nzg5MDEyOqgI4Cxz", "PBVRzjMYL9tgAMNxGav4"});
  CHECK(run_check(CheckId::data_center, token, token).facts == Facts{{"token_id", "123456789012"}});
  const std::string prefixed = "BBDC-" + token;
  CHECK(run_check(CheckId::data_center, prefixed, prefixed).outcome == CheckOutcome::passed);
  for (const std::string& other : {token.substr(0, 40), "A" + token.substr(1), token + "AAAA", std::string()}) {
    CHECK(run_check(CheckId::data_center, other, other).outcome == CheckOutcome::failed);
  }
}

}  // namespace keytrail::ruleset
