#include "scanner/inventory/fingerprint.h"

#include <sys/stat.h>

#include <string>

#include "tests/support/catch.h"
#include "tests/support/made_text.h"
#include "tests/support/temporary_folder.h"

using namespace keytrail;
using namespace keytrail::inventory;
using tests::made_text;

TEST_CASE("the fingerprint is HMAC-SHA-256 under the key") {
  const std::string key = made_text(40, 1);
  const auto maker = Fingerprinter::make(SecretString(key));
  REQUIRE(maker);
  const std::string value = made_text(36, 2);
  CHECK(maker->fingerprint(value) == hmac_sha256(key, value));
  const auto kept = maker->describe(value);
  CHECK(kept.fingerprint == inventory::to_hex(hmac_sha256(key, value)));
  CHECK(kept.length == 36);
  CHECK(kept.last_four == value.substr(32));
}

TEST_CASE("SipHash gives the values of its paper") {
  // Key 00 01 … 0f, texts 00 01 02 …: the first, the ninth and the sixteenth of the reference's vectors.
  const SipKey key{0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL};
  std::string text;
  CHECK(siphash24(key, text) == 0x726fdb47dd0e0e31ULL);
  for (int i = 0; i < 8; ++i) text += static_cast<char>(i);
  CHECK(siphash24(key, text) == 0x93f5f5799a932462ULL);
  for (int i = 8; i < 15; ++i) text += static_cast<char>(i);
  CHECK(siphash24(key, text) == 0xa129ca6149be45e5ULL);
}

TEST_CASE("another key gives another fingerprint, probe and key check") {
  const auto one = Fingerprinter::make(SecretString(made_text(40, 1)));
  const auto two = Fingerprinter::make(SecretString(made_text(40, 2)));
  REQUIRE(one);
  REQUIRE(two);
  const std::string value = made_text(20, 3);
  CHECK(one->fingerprint(value) != two->fingerprint(value));
  CHECK(one->probe(value) != two->probe(value));
  CHECK(one->key_check() != two->key_check());
}

TEST_CASE("a key that is short or plainly not random is refused") {
  CHECK_FALSE(Fingerprinter::make(SecretString(made_text(31, 1))));
  CHECK(Fingerprinter::make(SecretString(made_text(32, 1))));
  CHECK_FALSE(Fingerprinter::make(SecretString(std::string(64, 'a'))));
  // A line end does not count and does not matter.
  CHECK_FALSE(Fingerprinter::make(SecretString(made_text(31, 1) + "\n")));
  CHECK(Fingerprinter::make(SecretString(made_text(32, 1) + "\n"))->key_check() ==
        Fingerprinter::make(SecretString(made_text(32, 1)))->key_check());
}

TEST_CASE("a key file that others may read is refused") {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("key", made_text(40, 1) + "\n");
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  const auto open = Fingerprinter::from_file(path);
  REQUIRE_FALSE(open);
  CHECK(open.error().code == ErrorCode::permission_denied);
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  CHECK(Fingerprinter::from_file(path));
}

TEST_CASE("values that are short, long or weak are refused") {
  struct Row {
    const char* name;
    std::string value;
    bool good;
  };
  const Row rows[] = {
      {"empty", "", false},
      {"seven characters", made_text(7, 5), false},
      {"sixteen characters", made_text(16, 5), true},
      {"4096 characters", made_text(4096, 5), true},
      {"4097 characters", made_text(4097, 5), false},
      {"one character", std::string(32, 'x'), false},
      {"two characters in turn", "abababababababababababab", false},
      {"a word", "password", false},
      {"a word with a digit", "Password1", false},
      {"a placeholder", "CHANGEME-CHANGEME", false},
      {"begins with a zero byte", std::string(1, '\0') + made_text(20, 5), false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(check_value(row.value).has_value() == row.good);
    }
}

TEST_CASE("the last four are shown only where twelve stay hidden") {
  CHECK(last_four(made_text(15, 1)).empty());
  CHECK(last_four(made_text(16, 1)) == made_text(16, 1).substr(12));
  CHECK(last_four(made_text(30, 1) + "\n").empty());
}

TEST_CASE("digests are read from hexadecimal of both cases and from base64 of both alphabets") {
  const Sha256Digest digest = sha256("text");
  CHECK(parse_digest(inventory::to_hex(digest), false) == digest);
  std::string upper = inventory::to_hex(digest);
  for (char& c : upper) c = c >= 'a' ? static_cast<char>(c - 32) : c;
  CHECK(parse_digest(upper, false) == digest);
  CHECK_FALSE(parse_digest(inventory::to_hex(digest).substr(1), false));
  CHECK_FALSE(parse_digest("zz" + inventory::to_hex(digest).substr(2), false));
  CHECK(decode_base64("aGVsbG8=")->view() == "hello");
  CHECK(decode_base64("aGVsbG8")->view() == "hello");
  CHECK_FALSE(decode_base64("aGVs*G8="));
}
