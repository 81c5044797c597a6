#include "scanner/ruleset/rules_image.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "scanner/base/hash.h"
#include "scanner/ruleset/ruleset.h"
#include "tests/support/catch.h"

namespace keytrail::ruleset {
namespace {

// Two rules, one of them with something in every field.
RuleSet full_set() {
  const std::string head =
      "provider = 'Acme'\nname = 'Acme token'\npattern = 'acme_([0-9a-f]{32})'\nnegative = ['x']\n";
  const std::string toml = "[[rule]]\nid = 'acme-token'\n" + head +
                           "description = 'd'\ncontext = ['acme']\nallow = ['a{3}']\npaths = ['*.c']\nentropy = 2.5\n"
                           "companions = [{rule = 'zeta-token', within = 5}]\n[[rule]]\nid = 'zeta-token'\n" +
                           head;
  Result<RuleSet> set = RuleSet::parse(toml, "rules/acme.toml");
  REQUIRE(set.has_value());
  return std::move(set).value();
}

TEST_CASE("an image gives back the rules it was made of") {
  const RuleSet set = full_set();
  const std::string image = set.serialise();
  Result<RuleSet> read = RuleSet::deserialise(image);
  REQUIRE(read.has_value());
  CHECK(read->serialise() == image);
  CHECK(read->digest() == set.digest());
  REQUIRE(read->rules().size() == 2);
  CHECK(read->rules()[0].id == "acme-token");
  const Rule& rule = read->rules()[0];
  const Rule& wanted = set.rules()[0];
  CHECK(rule.pattern == wanted.pattern);
  CHECK(rule.min_entropy == 2.5);
  CHECK(rule.border_before == wanted.border_before);
  CHECK(rule.border_behind == wanted.border_behind);
  CHECK(rule.anchors[0].text == "acme_");
  CHECK(rule.companions[0].within == 5);
  CHECK(rule.window() == wanted.window());
  CHECK(rule.source == wanted.source);

  Result<RuleSet> empty = RuleSet::deserialise(RuleSet::from_rules({})->serialise());
  REQUIRE(empty.has_value());
  CHECK(empty->rules().empty());
}

TEST_CASE("an image that is cut at any length is corrupt") {
  const std::string image = full_set().serialise();
  for (std::size_t size = 0; size < image.size(); ++size) {
    const Result<RuleSet> read = RuleSet::deserialise(std::string_view(image).substr(0, size));
    REQUIRE(!read.has_value());
    REQUIRE(read.error().code == ErrorCode::corrupt);
  }
  CHECK(!RuleSet::deserialise(image + "x").has_value());
}

TEST_CASE("an image with any byte changed is corrupt") {
  const std::string image = full_set().serialise();
  for (std::size_t at = 0; at < image.size(); ++at) {
    std::string damaged = image;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    REQUIRE(!RuleSet::deserialise(damaged).has_value());
  }
}

// The image of `body` with a hash that holds, so that the reader meets the damage.
std::string resealed(std::string_view body) {
  std::string image = "KTRULES3";
  const std::uint64_t hash = hash64(body);
  for (unsigned shift = 64; shift != 0; shift -= 8) image += static_cast<char>(hash >> (shift - 8) & 0xFFU);
  return image + std::string(body);
}

TEST_CASE("damage behind a hash that holds is bounded") {
  const std::string image = full_set().serialise();
  const std::string body = image.substr(16);
  REQUIRE(RuleSet::deserialise(resealed(body)).has_value());
  for (std::size_t size = 0; size < body.size(); ++size) {
    REQUIRE(!RuleSet::deserialise(resealed(std::string_view(body).substr(0, size))).has_value());
  }
  for (std::size_t at = 32; at < body.size(); ++at) {
    for (const int byte : {0, 1, 0x7F, 0x80, 0xFF}) {
      std::string damaged = body;
      damaged[at] = static_cast<char>(byte);
      const Result<RuleSet> read = RuleSet::deserialise(resealed(damaged));
      if (!read) REQUIRE(read.error().code == ErrorCode::corrupt);
    }
  }
  CHECK(!RuleSet::deserialise(resealed(body + "x")).has_value());
  CHECK(!RuleSet::deserialise(resealed(std::string(32, '0') + "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01")).has_value());
  CHECK(!RuleSet::deserialise(resealed(std::string(32, '0') + std::string(12, '\xFF'))).has_value());
}

TEST_CASE("an image out of order is corrupt") {
  const RuleSet set = full_set();
  const std::vector<Rule> swapped = {set.rules()[1], set.rules()[0]};
  const std::vector<Rule> twice = {set.rules()[0], set.rules()[0]};
  CHECK(!read_rules_image(write_rules_image(swapped, set.digest())).has_value());
  CHECK(!read_rules_image(write_rules_image(twice, set.digest())).has_value());
}

TEST_CASE("two thousand rules are read in the time of a blink") {
  std::vector<Rule> rules(2000, full_set().rules()[1]);
  for (std::size_t i = 0; i < rules.size(); ++i) rules[i].id = "acme-" + std::to_string(100000 + i);
  const std::string image = write_rules_image(rules, std::string(32, '0'));
  auto best = std::chrono::nanoseconds::max();
  for (int run = 0; run < 5; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    const Result<RuleSet> read = RuleSet::deserialise(image);
    best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - begin);
    REQUIRE(read.has_value());
    CHECK(read->rules().size() == 2000);
  }
  CHECK(best < std::chrono::milliseconds(500));  // of a debug build on a busy machine; 1 in release
}

}  // namespace
}  // namespace keytrail::ruleset
