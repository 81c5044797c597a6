#include "scanner/engine/made_up.h"

#include <string>

#include "scanner/engine/engine.h"
#include "tests/support/catch.h"

using namespace keytrail;
using namespace keytrail::engine;
using core::Match;

namespace {

std::string rule(const std::string& id, const std::string& more) {
  return "[[rule]]\nid = \"" + id + "\"\nname = \"N\"\nprovider = \"P\"\nnegative = [\"none\"]\n" + more + "\n";
}

const std::string kToken = rule("acme-token", "kind = \"token\"\npattern = 'acme_[0-9a-z]{24}'");
const std::string kContext = rule("beta-key",
                                  "kind = \"context\"\nseverity = \"high\"\npattern = '[0-9a-z-]{24}'\n"
                                  "context = [\"beta\"]\nentropy = 3.0");

struct Found {
  std::vector<Match> matches;
  std::string rule;    // of the only match
  std::string sample;  // its fact
};

Found scan(const std::string& toml, const std::string& text) {
  auto rules = ruleset::RuleSet::parse(toml, "test.toml");
  REQUIRE(rules);
  auto engine = Engine::build(*rules, {});
  REQUIRE(engine);
  auto scratch = engine->make_scratch();
  REQUIRE(scratch);
  Found found;
  REQUIRE(engine->scan(text, *scratch, found.matches));
  if (found.matches.size() != 1) return found;
  found.rule = rules->rules()[found.matches[0].rule].id;
  for (const core::Fact& fact : found.matches[0].facts) {
    if (fact.first == "sample") found.sample = fact.second;
  }
  return found;
}

const std::string kRandom = "k3v9q0x7m2p8r1t6w4z5n0b7";
const std::string kSequence = "abcdefghijklmnopqrstuvwx";

}  // namespace

TEST_CASE("a made-up value in a token's shape is reported as a sample") {
  struct Row {
    const char* name;
    std::string body;
    std::string sample;
    std::size_t matches;
  };
  const Row rows[] = {
      {"random", kRandom, "", 1},
      {"a sequence", kSequence, "sequence", 1},
      {"a block again and again", "k3v9q0k3v9q0k3v9q0k3v9q0", "repeated", 1},
      {"a filler", std::string(24, 'a'), "", 0},
      {"a filler of two", "ababababababababababababa", "", 0},
      {"masked", "xxxxxxxxxxxxxxxxxxxxxxxx", "", 0},
      {"a placeholder", "yourtokenyourtokenyourtok", "", 0},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const Found found = scan(kToken, "t = acme_" + row.body + "\n");
      REQUIRE(found.matches.size() == row.matches);
      CHECK(found.sample == row.sample);
      if (row.matches == 1) CHECK((found.matches[0].severity == core::Severity::info) == !row.sample.empty());
    }
  }
}

TEST_CASE("beside a word alone a made-up value is nothing, behind the name it is a sample") {
  CHECK(scan(kContext, "beta_key = " + kSequence).sample == "sequence");
  CHECK(scan(kContext, "beta secret key: \"" + kSequence + "\"").sample == "sequence");
  CHECK(scan(kContext, kSequence + " # beta").matches.empty());
  CHECK(scan(kContext, "beta (see below); x" + kSequence.substr(1)).matches.empty());
  CHECK(scan(kContext, "x " + kRandom + " # beta").matches.size() == 1);
}

TEST_CASE("a made-up value behind the name may be too long, a random one is none then") {
  CHECK(scan(kContext, "beta_key = " + kSequence + kRandom).sample == "sequence");
  CHECK(scan(kContext, "beta_key = " + kSequence + "YZ").matches.at(0).secret.size() == kSequence.size() + 2);
  CHECK(scan(kContext, "beta_key = " + kRandom + kRandom).matches.empty());
  CHECK(scan(kContext, kSequence + kRandom + " # beta").matches.empty());
  CHECK(scan(kContext, "beta_key = " + kSequence + std::string(400, 'k')).matches.empty());
}

TEST_CASE("an unsure rule reports no samples") {
  const std::string unsure = rule("acme-token", "confidence = \"low\"\npattern = 'acme_[0-9a-z]{24}'");
  CHECK(scan(unsure, "acme_" + kSequence).matches.empty());
}

TEST_CASE("a sample beside a name gives way to a rule that knows better, one of a token's shape does not") {
  const std::string half = "abcdefk3v9q0x7m2p8r1t6w4";
  CHECK(scan(kToken + rule("delta-any", "kind = \"password\"\npattern = 't = ([0-9a-z_]{29})'"), "t = acme_" + half)
            .rule == "acme-token");
  CHECK(scan(kContext + rule("delta-any", "kind = \"password\"\npattern = 'beta = ([0-9a-z_]{24})'"), "beta = " + half)
            .rule == "delta-any");
}

TEST_CASE("a token with a wrong checksum is a sample") {
  const std::string github =
      rule("github-token", "pattern = 'ghp_[0-9A-Za-z]{36}'\ncheck = \"github-crc32\"\ncheck_decides = true");
  const std::string body = "0r0J6qeorVK6tPuKL3" + std::string("H1GTKBY6QpRC");
  const Found right = scan(github, std::string("gh") + "p_" + body + "4HKqpi");
  CHECK((right.matches.size() == 1 && right.sample.empty()));
  const Found wrong = scan(github, std::string("gh") + "p_" + body + "4HKqpj");
  CHECK(wrong.sample == "wrong checksum");
}

TEST_CASE("a context word begins a word") {
  const std::string meraki = rule("meraki-key", "kind = \"context\"\npattern = '[0-9a-z]{24}'\ncontext = [\"meraki\"]");
  for (const char* name : {"meraki = ", "MERAKI_KEY=", "myMerakiKey: ", "x-meraki-key: ", "\\nmeraki "}) {
    INFO(name);
    CHECK(scan(meraki, name + kRandom).matches.size() == 1);
  }
  for (const char* name : {"CameraKit: ", "camerakit = "}) {
    INFO(name);
    CHECK(scan(meraki, name + kRandom).matches.empty());
  }
}

TEST_CASE("what joins a name to its value is no part of the value") {
  const std::string body = kRandom.substr(0, 24);
  for (const char* name : {"betaSECRET-", "beta-token-", "BETA_KEY-"}) {
    INFO(name);
    CHECK(scan(kContext, name + body).matches.size() == 1);
  }
  CHECK(scan(kContext, "beta x-" + body).matches.empty());
}

TEST_CASE("a short value that ends within its quotes is no token of its own") {
  const auto drop = [](std::string_view secret, std::string_view before, std::string_view behind) {
    return judge({ruleset::RuleKind::generic, secret, 0, 2.8, false, before, behind});
  };
  const std::string part = kRandom.substr(0, 16);
  CHECK(drop(part, "api_token = '", "'") == Drop::none);
  CHECK(drop(part, "api_token = '", "?9847-23d9'") == Drop::not_random);
}
