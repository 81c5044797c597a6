#include "scanner/ruleset/example.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/ruleset/checks.h"
#include "scanner/ruleset/pattern.h"
#include "tests/support/catch.h"

namespace keytrail::ruleset {
namespace {

Rule rule_of(RuleKind kind, std::string pattern, std::uint32_t secret_group = 0) {
  Rule rule;
  rule.id = "test-rule";
  rule.kind = kind;
  rule.pattern = std::move(pattern);
  rule.secret_group = secret_group;
  return rule;
}

std::string secret_of(const Example& example) {
  return example.text.substr(example.secret.begin, example.secret.size());
}

bool is_whole_match(const std::string& pattern, const std::string& text) {
  RE2::Options options(RE2::Latin1);
  options.set_log_errors(false);
  return RE2::FullMatch(text, RE2(pattern, options));
}

double bits(const std::string& text) {
  std::array<double, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double sum = 0;
  for (const double count : counts) {
    if (count > 0)
      sum -= count / static_cast<double>(text.size()) * std::log2(count / static_cast<double>(text.size()));
  }
  return sum;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// Headers are put together here so that no scanner takes this file for a key.
std::string pem_header(std::string_view label) {
  return "-----" + std::string("BEGIN ") + std::string(label) + "-----";
}
const std::string kPpk = std::string("PuTTY-User-") + "Key-File-";

}  // namespace

TEST_CASE("a token stands between quotes and its span is the secret") {
  const Rule rule = rule_of(RuleKind::token, "zz[pq]_[A-Za-z0-9]{30}");
  std::mt19937_64 random(3);
  for (int i = 0; i < 100; ++i) {
    const Example example = make_example(rule, random);
    const std::string secret = secret_of(example);
    CHECK(is_whole_match(rule.pattern, secret));
    CHECK(example.text == "value = \"" + secret + "\"\n");
  }
}

TEST_CASE("a secret group's span leaves out what stands around it") {
  const Rule rule = rule_of(RuleKind::token, "zz:([a-f0-9]{32});", 1);
  std::mt19937_64 random(3);
  const Example example = make_example(rule, random);
  CHECK(example.text == "value = \"zz:" + secret_of(example) + ";\"\n");
  CHECK(is_whole_match("[a-f0-9]{32}", secret_of(example)));
}

TEST_CASE("what borders an example may border it") {
  std::mt19937_64 random(3);
  CHECK(make_example(rule_of(RuleKind::token, "zz_[a-z\"]{30}"), random).text.find("value = 'zz_") == 0);
  CHECK(make_example(rule_of(RuleKind::token, "zz_[a-z\"']{30}"), random).text.find("value =  zz_") == 0);
  CHECK(make_example(rule_of(RuleKind::token, "zz_[^\\n]{30}"), random).text.find("value = \nzz_") == 0);
}

TEST_CASE("a context rule's example stands beside its first context word") {
  Rule rule = rule_of(RuleKind::context, "[a-f0-9]{32}");
  rule.context = {"zzservice", "other"};
  std::mt19937_64 random(3);
  const Example example = make_example(rule, random);
  CHECK(example.text == "zzservice = \"" + secret_of(example) + "\"\n");
}

TEST_CASE("patterns that hold their own context stand on a line of their own, in plain text") {
  for (const RuleKind kind : {RuleKind::generic, RuleKind::password}) {
    const Rule rule = rule_of(kind, "(?i)passwd[:=]\\s?[\"']([^\"'\\s]{12,40})[\"']", 1);
    std::mt19937_64 random(3);
    for (int i = 0; i < 50; ++i) {
      const Example example = make_example(rule, random);
      REQUIRE(example.text.size() > 2);
      CHECK(example.text.front() == '\n');
      CHECK(example.text.back() == '\n');
      CHECK(is_whole_match(rule.pattern, example.text.substr(1, example.text.size() - 2)));
      CHECK(is_whole_match("[A-Za-z0-9]{12,40}", secret_of(example)));
    }
  }
}

TEST_CASE("examples are random enough and hold no run") {
  // Four in five samples of this shape have less than 2.8 bits.
  Rule rule = rule_of(RuleKind::token, "zz_([a-h]{16})", 1);
  rule.min_entropy = 2.7;
  std::mt19937_64 random(5);
  for (int i = 0; i < 200; ++i) {
    const std::string secret = secret_of(make_example(rule, random));
    CHECK(bits(secret) >= 2.8);
    CHECK_FALSE(is_whole_match(".*(aaaaa|bbbbb|ccccc|ddddd|eeeee|fffff|ggggg|hhhhh|abcde|hgfed).*", secret));
  }
}

TEST_CASE("a shape that is never random enough still gives its most random example") {
  Rule rule = rule_of(RuleKind::token, "zz_[ab]{2}");
  rule.min_entropy = 4;
  std::mt19937_64 random(5);
  const std::string secret = secret_of(make_example(rule, random));
  CHECK(is_whole_match("zz_(ab|ba)", secret));
}

TEST_CASE("a rule with a check gets a secret that passes it") {
  Rule rule = rule_of(RuleKind::token, "zz_([0-9]{16})", 1);
  rule.check = CheckId::luhn;
  std::mt19937_64 random(9);
  for (int i = 0; i < 50; ++i) {
    const Example example = make_example(rule, random);
    CHECK(run_check(rule.check, example.text, secret_of(example)).outcome == CheckOutcome::passed);
    CHECK(example.text == "value = \"zz_" + secret_of(example) + "\"\n");
  }
}

TEST_CASE("a PEM block has a body of twelve lines and the matching end") {
  for (const std::string label : {"RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "PRIVATE KEY"}) {
    DYNAMIC_SECTION(label) {
      std::mt19937_64 random(3);
      const Example example = make_example(rule_of(RuleKind::block, pem_header(label)), random);
      const std::string block = secret_of(example);
      CHECK(example.text == "\n" + block + "\n");
      const std::vector<std::string> lines = lines_of(block);
      REQUIRE(lines.size() == 14);
      CHECK(lines[0] == pem_header(label));
      CHECK(lines[13] == "-----END " + label + "-----");
      for (std::size_t i = 1; i <= 12; ++i) CHECK(is_whole_match("[A-Za-z0-9+/]{64}", lines[i]));
      const CheckResult result = run_check(CheckId::pem, block, block);
      CHECK(result.outcome == CheckOutcome::passed);
      CHECK(result.facts.empty());  // not said to be encrypted
    }
  }
}

TEST_CASE("a block's end follows the header's own dashes, and PGP has an empty line before the body") {
  std::mt19937_64 random(3);
  const std::vector<std::string> ssh = lines_of(secret_of(make_example(rule_of(RuleKind::block,
                                                                               "---- "
                                                                               "BEGIN SSH2 KEY ----"),
                                                                       random)));
  REQUIRE(ssh.size() == 14);
  CHECK(ssh[13] == "---- END SSH2 KEY ----");
  const std::vector<std::string> pgp =
      lines_of(secret_of(make_example(rule_of(RuleKind::block, pem_header("PGP PRIVATE KEY BLOCK")), random)));
  REQUIRE(pgp.size() == 15);
  CHECK(pgp[1].empty());
  CHECK(pgp[14] == "-----END PGP PRIVATE KEY BLOCK-----");
}

TEST_CASE("a PPK block has all its lines, whether or not the header names the key's type") {
  struct Row {
    const char* name;
    std::string pattern;
    std::string first_line;
    std::size_t mac;
  };
  const Row rows[] = {
      {"version 3", kPpk + "3: ssh-ed25519", kPpk + "3: ssh-ed25519", 64},
      {"version 2", kPpk + "2: ssh-rsa", kPpk + "2: ssh-rsa", 40},
      {"no type", kPpk + "3: ", kPpk + "3: ssh-ed25519", 64},
      {"no colon", kPpk + "3", kPpk + "3: ssh-ed25519", 64},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      std::mt19937_64 random(3);
      const std::string block = secret_of(make_example(rule_of(RuleKind::block, row.pattern), random));
      const std::vector<std::string> lines = lines_of(block);
      REQUIRE(lines.size() == 9);
      CHECK(lines[0] == row.first_line);
      CHECK(lines[1] == "Encryption: none");
      CHECK(lines[2] == "Comment: key");
      CHECK(lines[3] == "Public-Lines: 2");
      CHECK(lines[6] == "Private-Lines: 1");
      CHECK(is_whole_match("[A-Za-z0-9+/]{64}", lines[7]));
      CHECK(is_whole_match("Private-MAC: [0-9a-f]{" + std::to_string(row.mac) + "}", lines[8]));
      CHECK(run_check(CheckId::ppk, block, block).outcome == CheckOutcome::passed);
    }
  }
}

TEST_CASE("an example depends on the seed alone") {
  const Rule rule = rule_of(RuleKind::token, "zz_[A-Za-z0-9]{20}");
  std::mt19937_64 first(42);
  std::mt19937_64 second(42);
  std::mt19937_64 other(43);
  const Example example = make_example(rule, first);
  CHECK(make_example(rule, second).text == example.text);
  CHECK(make_example(rule, other).text != example.text);
}

TEST_CASE("a rule whose pattern does not parse gives an empty example") {
  std::mt19937_64 random(1);
  CHECK(make_example(rule_of(RuleKind::token, "a+"), random).text.empty());
}

}  // namespace keytrail::ruleset
