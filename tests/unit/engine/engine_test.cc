#include "scanner/engine/engine.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "scanner/engine/confirm.h"
#include "scanner/engine/resolve.h"
#include "scanner/engine/rule_check.h"
#include "scanner/ruleset/example.h"
#include "tests/support/catch.h"
#include "tests/support/effort.h"
#include "tests/support/temporary_folder.h"

using namespace keytrail;
using namespace keytrail::engine;
using core::Match;
using core::Span;

namespace {

ruleset::RuleSet parse(const std::string& toml) {
  auto rules = ruleset::RuleSet::parse(toml, "test.toml");
  if (!rules) FAIL(rules.error().describe());
  return std::move(*rules);
}

std::string rule(const std::string& id, const std::string& more) {
  return "[[rule]]\nid = \"" + id + "\"\nname = \"N\"\nprovider = \"P\"\nnegative = [\"none\"]\n" + more + "\n";
}

std::vector<Match> scan(const ruleset::RuleSet& rules, std::string_view text) {
  auto engine = Engine::build(rules, {});
  REQUIRE(engine);
  auto scratch = engine->make_scratch();
  REQUIRE(scratch);
  std::vector<Match> matches;
  REQUIRE(engine->scan(text, *scratch, matches));
  return matches;
}

std::string random_text(std::mt19937_64& random, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += "0123456789abcdefghijklmnopqrstuvwxyz"[random() % 36];
  return text;
}

// The same answer without anchors and windows: every rule over the whole text.
std::vector<Match> reference_scan(const ruleset::RuleSet& rules, std::string_view text) {
  std::vector<Match> matches;
  ConfirmCounts counts;
  for (core::RuleIndex i = 0; i < rules.rules().size(); ++i) {
    const Confirmer confirmer(rules.rules()[i]);
    REQUIRE(confirmer.run(i, text, {0, text.size()}, counts, matches));
  }
  apply_companions(rules, matches);
  resolve_overlaps(rules, matches);
  return matches;
}

std::string describe(const ruleset::RuleSet& rules, const std::vector<Match>& matches) {
  std::string text;
  for (const Match& m : matches) {
    text += rules.rules()[m.rule].id + " " + std::to_string(m.secret.begin) + "-" + std::to_string(m.secret.end) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("anchors and windows find what patterns over the whole text find") {
  auto rules = ruleset::RuleSet::builtin();
  REQUIRE(rules);
  auto engine = Engine::build(*rules, {});
  REQUIRE(engine);
  auto scratch = engine->make_scratch();
  REQUIRE(scratch);
  std::mt19937_64 random(1);
  std::size_t found = 0;
  for (int round = 0; round < test::rounds(60); ++round) {
    std::string text;
    while (text.size() < 3000) {
      const auto& any = rules->rules()[random() % rules->rules().size()];
      std::string piece = ruleset::make_example(any, random).text;
      // Cut, joined and repeated pieces are where windows and borders go wrong.
      if (random() % 4 == 0) piece.resize(random() % (piece.size() + 1));
      if (random() % 8 == 0) piece += piece;
      text += piece + std::string(random() % 3, " \n"[random() % 2]);
    }
    std::vector<Match> matches;
    REQUIRE(engine->scan(text, *scratch, matches));
    found += matches.size();
    REQUIRE(describe(*rules, matches) == describe(*rules, reference_scan(*rules, text)));
  }
  CHECK(found > test::rounds(500U));
}

TEST_CASE("a text made by copying gives what scanning it whole gives") {
  auto rules = ruleset::RuleSet::builtin();
  REQUIRE(rules);
  auto engine = Engine::build(*rules, {});
  REQUIRE(engine);
  auto scratch = engine->make_scratch();
  REQUIRE(scratch);
  std::mt19937_64 random(21);
  const auto some_text = [&](std::size_t size) {
    std::string text;
    while (text.size() < size) {
      if (random() % 3 == 0) {
        text += ruleset::make_example(rules->rules()[random() % rules->rules().size()], random).text + "\n";
      } else {
        text += random_text(random, random() % 120) + " \n"[random() % 2];
      }
    }
    return text;
  };
  std::size_t found = 0;
  for (int family = 0; family < 40; ++family) {
    std::string base = some_text(6000);
    std::vector<Match> ignored;
    TextState state;
    REQUIRE(engine->scan(base, *scratch, ignored, &state));
    for (int version = 0; version < 12; ++version) {
      // Runs of the base in any order and of any length, with new text, or nothing, between them.
      std::string text;
      std::vector<core::Copy> copies;
      std::size_t from = random() % 3 == 0 ? random() % base.size() : 0;
      for (int run = 0; run < 6 && from < base.size(); ++run) {
        const std::size_t size =
            std::min<std::size_t>(random() % 3 == 0 ? random() % 80 : random() % 3000, base.size() - from);
        if (size > 0) copies.push_back({text.size(), from, size});
        text += base.substr(from, size);
        from = random() % 4 == 0 ? random() % base.size() : from + size + random() % 30;
        if (random() % 2 == 0) text += some_text(random() % 60);
      }
      std::vector<Match> whole;
      std::vector<Match> copied;
      TextState next;
      REQUIRE(engine->scan(text, *scratch, whole));
      REQUIRE(engine->scan_copied(text, state, base.size(), copies, *scratch, copied, &next));
      found += whole.size();
      REQUIRE(describe(*rules, copied) == describe(*rules, whole));
      base = std::move(text);
      state = std::move(next);
      if (base.size() < 500) break;
    }
  }
  CHECK(found > 1000);
}

TEST_CASE("scanning random bytes neither fails nor depends on what was scanned before") {
  auto rules = ruleset::RuleSet::builtin();
  REQUIRE(rules);
  auto engine = Engine::build(*rules, {});
  auto used = engine->make_scratch();
  std::mt19937_64 random(2);
  for (int round = 0; round < test::rounds(50); ++round) {
    std::string bytes(random() % 5000, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    auto fresh = engine->make_scratch();
    std::vector<Match> first;
    std::vector<Match> second;
    REQUIRE(engine->scan(bytes, *used, first));
    REQUIRE(engine->scan(bytes, *fresh, second));
    CHECK(describe(*rules, first) == describe(*rules, second));
  }
}

TEST_CASE("a neighbour that continues the shape refuses a match, an escape sequence does not") {
  const auto rules = parse(rule("key-token", "pattern = 'kk_[0-9a-z]{20}'"));
  std::mt19937_64 random(3);
  const std::string key = "kk_" + random_text(random, 20);
  struct Row {
    const char* name;
    std::string text;
    bool want;
  };
  const Row rows[] = {
      {"alone", key, true},
      {"in quotes", "\"" + key + "\"", true},
      {"longer body", key + "a", false},
      {"letter before", "a" + key, false},
      {"underscore before", "_" + key, true},
      {"escaped line end before", "\\n" + key, true},
      {"escaped backslash and n before", "\\\\n" + key, false},
      {"percent escape before", "%3D" + key, true},
      {"unicode escape before", "\\u003d" + key, true},
      {"hexadecimal escape before", "\\x3d" + key, true},
      {"upper case behind", key + "Z", false},
      {"underscore behind", key + "_extra", false},
      {"hyphen behind", key + "-extra", true},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) { CHECK(scan(rules, row.text).size() == (row.want ? 1U : 0U)); }
  }
}

TEST_CASE("a context rule wants one of its words near") {
  const auto rules = parse(
      rule("ctx-key", "kind = \"context\"\npattern = '[0-9a-f]{32}'\ncontext = [\"acme\"]\ncontext_distance = 20"));
  std::mt19937_64 random(4);
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "0123456789abcdef"[random() % 16];
  CHECK(scan(rules, "acme_key = " + hex).size() == 1);
  CHECK(scan(rules, "ACME_KEY = " + hex).size() == 1);
  CHECK(scan(rules, hex + " is for Acme").size() == 1);
  CHECK(scan(rules, "acme" + std::string(17, ' ') + hex).empty());
  CHECK(scan(rules, "acme" + std::string(16, ' ') + hex).size() == 1);
  CHECK(scan(rules, "other = " + hex).empty());
}

TEST_CASE("the pattern of a context rule may hold the word itself, before the secret") {
  const auto rules = parse(
      rule("ctx-key",
           "kind = \"context\"\npattern = '(?i:box)[0-9a-z_]{0,8} = ([0-9a-f]{32})'\n"
           "anchor_patterns = ['(?i:box)[0-9a-z_]{0,8} = [0-9a-f]{8}']\ncontext = [\"box\"]\ncontext_distance = 20"));
  std::mt19937_64 random(4);
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "0123456789abcdef"[random() % 16];
  const auto matches = scan(rules, "BOX_key = " + hex);
  REQUIRE(matches.size() == 1);
  CHECK(matches[0].secret == Span{10, 42});
  CHECK(scan(rules, "fox_key = " + hex).empty());
}

TEST_CASE("an unsure rule takes the confidence of the rule that it displaces") {
  const auto rules = parse(rule("a-hex",
                                "kind = \"context\"\nconfidence = \"low\"\npattern = '[0-9a-f]{32}'\n"
                                "context = [\"acme\"]") +
                           rule("b-any",
                                "kind = \"generic\"\nconfidence = \"medium\"\n"
                                "pattern = 'token = ([0-9a-f]{32})'"));
  std::mt19937_64 random(4);
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "0123456789abcdef"[random() % 16];
  const auto both = scan(rules, "acme_token = " + hex);
  REQUIRE(both.size() == 1);
  CHECK(both[0].rule == 0);
  CHECK(both[0].confidence == core::Confidence::medium);
  const auto alone = scan(rules, "acme: " + hex);
  REQUIRE(alone.size() == 1);
  CHECK(alone[0].confidence == core::Confidence::low);
}

TEST_CASE("a check that fails takes one step of confidence, and where it decides leaves a sample") {
  const std::string pattern = "pattern = 'acm_[0-9A-Za-z]{36}'\ncheck = \"github-crc32\"\n";
  std::mt19937_64 random(6);
  const std::string text = "acm_" + random_text(random, 36);
  const auto sure = scan(parse(rule("a-sure", "confidence = \"high\"\n" + pattern)), text);
  REQUIRE(sure.size() == 1);
  CHECK(sure[0].confidence == core::Confidence::medium);
  const auto unsure = scan(parse(rule("un-sure", "confidence = \"medium\"\n" + pattern)), text);
  REQUIRE(unsure.size() == 1);
  CHECK(unsure[0].confidence == core::Confidence::low);
  // A checksum that decides leaves a sample, for information.
  const auto sample = scan(parse(rule("de-cides", "confidence = \"high\"\ncheck_decides = true\n" + pattern)), text);
  REQUIRE(sample.size() == 1);
  CHECK(sample[0].severity == core::Severity::info);
}

TEST_CASE("a required companion must be near, an optional one raises the confidence") {
  const auto rules =
      parse(rule("pair-id", "pattern = 'id_[0-9a-z]{20}'") +
            rule("pair-secret", "pattern = 'se_[0-9a-z]{20}'\ncompanions = [{rule = \"pair-id\", within = 50}]") +
            rule("pair-note",
                 "confidence = \"low\"\npattern = 'no_[0-9a-z]{20}'\n"
                 "companions = [{rule = \"pair-id\", within = 50, required = false}]"));
  std::mt19937_64 random(5);
  const std::string id = "id_" + random_text(random, 20);
  const std::string secret = "se_" + random_text(random, 20);
  const std::string note = "no_" + random_text(random, 20);
  CHECK(scan(rules, secret).empty());
  CHECK(scan(rules, secret + "\n" + id).size() == 2);
  CHECK(scan(rules, id + "\n" + secret).size() == 2);
  CHECK(scan(rules, id + std::string(51, ' ') + secret).size() == 1);
  CHECK(scan(rules, note).at(0).confidence == core::Confidence::low);
  CHECK(scan(rules, note + " " + id).at(0).confidence == core::Confidence::high);
}

TEST_CASE("a specific rule beats a generic one and keeps its id as related") {
  const auto rules = parse(rule("key-token", "pattern = 'kk_[0-9a-z]{20}'") +
                           rule("generic-value", "kind = \"generic\"\npattern = 'secret = \"([0-9a-z_]{8,60})\"'"));
  std::mt19937_64 random(6);
  const auto matches = scan(rules, "secret = \"kk_" + random_text(random, 20) + "\"");
  REQUIRE(matches.size() == 1);
  CHECK(rules.rules()[matches[0].rule].id == "key-token");
  REQUIRE(matches[0].related.size() == 1);
  CHECK(rules.rules()[matches[0].related[0]].id == "generic-value");
}

TEST_CASE("of two rules of a kind the one for all paths goes first") {
  const auto rules = parse(rule("a-file", "paths = [\"*.ini\"]\npattern = 'key_[0-9a-z]{20}'\n") +
                           rule("b-any", "pattern = 'key_[0-9a-z]{20}'\n"));
  std::mt19937_64 random(9);
  const auto both = scan(rules, "key_" + random_text(random, 20));
  REQUIRE(both.size() == 1);
  CHECK(both[0].rule == 1);
  CHECK(both[0].related == std::vector<core::RuleIndex>{0});
}

TEST_CASE("a text full of hits costs time in proportion to its size") {
  const auto rules = parse(rule("key-token", "pattern = 'kk_[0-9a-z]{20,1000}!'") +
                           rule("hex-key", "kind = \"context\"\npattern = '[0-9a-f]{32}'\ncontext = [\"acme\"]"));
  std::string text;
  while (text.size() < 4'000'000) text += "kk_acme0123456789abcdef";
  const auto start = std::chrono::steady_clock::now();
  scan(rules, text);
  // The square of the size would be a matter of hours.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
}

TEST_CASE("matches over the budget of a blob are cut and counted") {
  const auto rules = parse(rule("key-token", "pattern = 'kk_[0-9a-z]{20}'"));
  EngineOptions options;
  options.max_matches_per_blob = 10;
  auto engine = Engine::build(rules, options);
  auto scratch = engine->make_scratch();
  std::mt19937_64 random(7);
  std::string text;
  for (int i = 0; i < 15; ++i) text += "kk_" + random_text(random, 20) + "\n";
  std::vector<Match> matches;
  REQUIRE(engine->scan(text, *scratch, matches));
  CHECK(matches.size() == 10);
  CHECK(scratch->counts().cut == 5);
}

TEST_CASE("a cached database is used, and replaced when it is damaged") {
  const test::TemporaryFolder folder;
  const auto rules = parse(rule("key-token", "pattern = 'kk_[0-9a-z]{20}'"));
  EngineOptions options;
  options.cache_folder = folder.path("cache");
  const auto finds = [&] {
    auto engine = Engine::build(rules, options);
    REQUIRE(engine);
    auto scratch = engine->make_scratch();
    std::mt19937_64 random(8);
    std::vector<Match> matches;
    REQUIRE(engine->scan("kk_" + random_text(random, 20), *scratch, matches));
    return matches.size();
  };
  REQUIRE(finds() == 1);
  REQUIRE(std::distance(std::filesystem::directory_iterator(options.cache_folder), {}) == 1);
  const std::string file = std::filesystem::directory_iterator(options.cache_folder)->path();
  std::string whole;
  {
    std::ifstream in(file, std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(in), {});
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{20}, whole.size() / 2, whole.size() - 1}) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << whole.substr(0, size);
    CHECK(finds() == 1);
    CHECK(std::filesystem::file_size(file) == whole.size());
  }
  std::string flipped = whole;
  flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 1);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << flipped;
  CHECK(finds() == 1);
}

TEST_CASE("a cache folder that cannot be written costs nothing but time") {
  const test::TemporaryFolder folder;
  folder.write("file", "");
  const auto rules = parse(rule("key-token", "pattern = 'kk_[0-9a-z]{20}'"));
  EngineOptions options;
  options.cache_folder = folder.path("file/below");
  CHECK(Engine::build(rules, options));
}

TEST_CASE("the built-in rules hold through the whole engine") {
  auto rules = ruleset::RuleSet::builtin();
  REQUIRE(rules);
  CHECK(rules->rules().size() >= 60);
  const auto problems = check_rules(*rules);
  REQUIRE(problems);
  for (const std::string& problem : *problems) UNSCOPED_INFO(problem);
  CHECK(problems->empty());
}
