#include "scanner/inventory/token_index.h"

#include "scanner/base/hash.h"
#include "tests/support/catch.h"

namespace keytrail::inventory {
namespace {

using core::Fact;
using core::Token;
using core::TokenLink;

std::string fingerprint_of(const std::string& scheme, std::string_view value) {
  if (scheme == "lost") return {};
  const Sha256Digest digest = sha256(scheme + "|" + std::string(value));
  return to_hex(digest.data(), digest.size());
}

const std::string kValue = "a made value that is long enough";

Token token(const std::string& id) {
  Token token;
  token.id = id;
  token.kind = "stripe-secret-key";
  token.provider = "stripe";
  return token;
}

core::TokenValue value_of(const std::string& value, const std::string& scheme = "keytrail") {
  return {scheme, fingerprint_of(scheme, value), static_cast<std::uint32_t>(value.size()), "", {}, {}};
}

// "id value-number joined-by", with "?" behind a probable one; empty for none.
std::string identify(const std::vector<Token>& tokens, const std::string& value, const std::vector<Fact>& facts = {},
                     const std::string& rule = "stripe-secret-key") {
  const TokenIndex index(tokens, fingerprint_of, "key");
  const auto link = index.identify({value, rule, facts});
  if (!link) return {};
  return link->token + " " + std::to_string(link->value) + " " + link->joined_by + (link->probable ? "?" : "");
}

TEST_CASE("a token is known by its value, whatever the rule") {
  Token a = token("a");
  a.values = {value_of("the current one, of some length"), value_of(kValue)};
  CHECK(identify({token("b"), a}, kValue) == "a 1 value");
  CHECK(identify({a}, kValue, {}, "generic-secret") == "a 1 value");
  CHECK(identify({a}, kValue + "x").empty());
}

TEST_CASE("imported schemes are tried as well, and one whose key is lost tells nothing") {
  Token a = token("a");
  a.values = {value_of(kValue, "legacy")};
  Token b = token("b");
  b.values = {{"lost", std::string(64, '0'), 0, "", {}, {}}};
  CHECK(identify({b, a}, kValue) == "a 0 value");
  CHECK(identify({b}, kValue).empty());
}

TEST_CASE("of tokens with one value, the one that has it now and is in use is meant") {
  Token earlier = token("a");
  earlier.values = {value_of("another value that is current"), value_of(kValue)};
  Token revoked = token("b");
  revoked.values = {value_of(kValue)};
  revoked.state = core::TokenState::revoked;
  Token current = token("c");
  current.values = {value_of(kValue)};
  CHECK(identify({earlier, revoked, current}, kValue) == "c 0 value");
  CHECK(identify({revoked, earlier}, kValue) == "a 1 value");
}

TEST_CASE("where there is no fingerprint, kind and last four make a token probable") {
  Token a = token("a");
  a.values = {{"", "", 0, "ough", {}, {}}};
  CHECK(identify({a}, kValue) == "a 0 last-four?");
  CHECK(identify({a}, kValue, {}, "github-token").empty());
  CHECK(identify({a}, "through").empty());  // too short for four characters to tell
  Token by_provider = a;
  by_provider.kind.clear();
  CHECK(identify({by_provider}, kValue, {}, "stripe-restricted-key") == "a 0 last-four?");
  Token wrong_length = a;
  wrong_length.values[0].length = 31;
  CHECK(identify({wrong_length}, kValue).empty());
  Token has_fingerprint = a;
  has_fingerprint.values[0] = value_of("another");
  has_fingerprint.values[0].last_four = "ough";
  CHECK(identify({has_fingerprint}, kValue).empty());
}

TEST_CASE("what may be two tokens is none, unless one alone is in use") {
  Token a = token("a");
  a.values = {{"", "", 0, "ough", {}, {}}};
  Token b = a;
  b.id = "b";
  CHECK(identify({a, b}, kValue).empty());
  a.state = core::TokenState::revoked;
  CHECK(identify({a, b}, kValue) == "b 0 last-four?");
}

TEST_CASE("an AWS key id is joined by itself, else by its account") {
  Token a = token("a");
  a.kind.clear();
  a.provider = "aws";
  a.identifiers = {{"aws-key-id", "made-id-1"}, {"account", "123456789012"}};
  Token b = a;
  b.id = "b";
  b.identifiers = {{"account", "123456789012"}};
  const std::vector<Fact> facts = {{"account", "123456789012"}};
  CHECK(identify({a, b}, "made-id-1", facts, "aws-access-key-id") == "a 0 aws-key-id?");
  CHECK(identify({a, b}, "made-id-2", facts, "aws-access-key-id") == "b 0 account?");
  CHECK(identify({a}, "made-id-2", facts, "aws-access-key-id").empty());
  CHECK(identify({b}, "made-id-2", facts, "gcp-key").empty());
}

TEST_CASE("a JWT is joined by its kid or sub, a private key by its public one") {
  Token a = token("a");
  a.provider = "own";
  a.identifiers = {{"kid", "key-7"}};
  CHECK(identify({a}, kValue, {{"iss", "x"}, {"kid", "key-7"}}, "jwt") == "a 0 kid?");
  CHECK(identify({a}, kValue, {{"sub", "key-7"}}, "jwt").empty());
  a.identifiers = {{"public-key", "SHA256:abc"}};
  a.values = {value_of("something else")};
  CHECK(identify({a}, kValue, {{"public-key", "SHA256:abc"}}, "private-key") == "a 0 public-key?");
  CHECK(identify({a}, kValue, {{"public_key", "SHA256:abc"}}, "private-key") == "a 0 public-key?");
  a.identifiers = {{"sub", "svc"}};
  CHECK(identify({a}, kValue, {{"sub", "svc"}}, "jwt").empty());  // its value is known, and this is another
}

TEST_CASE("a value goes before whatever else would fit") {
  Token a = token("a");
  a.identifiers = {{"kid", "key-7"}};
  Token b = token("b");
  b.values = {value_of(kValue)};
  CHECK(identify({a, b}, kValue, {{"kid", "key-7"}}) == "b 0 value");
}

TEST_CASE("the digest changes with whatever an answer depends on") {
  const auto digest = [](const std::vector<Token>& tokens, const char* key = "key") {
    return TokenIndex(tokens, fingerprint_of, key).digest();
  };
  Token a = token("a");
  a.values = {value_of(kValue)};
  const std::string before = digest({a});
  Token b = a;
  b.owner = "somebody else";
  CHECK(digest({b}) == before);
  CHECK(digest({a}, "another key") != before);
  b = a;
  b.values.push_back(value_of("x"));
  CHECK(digest({b}) != before);
  b = a;
  b.identifiers["kid"] = "1";
  CHECK(digest({b}) != before);
  b = a;
  b.state = core::TokenState::revoked;
  CHECK(digest({b}) != before);
}

}  // namespace
}  // namespace keytrail::inventory
