#include "scanner/base/hash.h"

#include "scanner/base/digest.h"

#include "tests/support/catch.h"

using namespace keytrail;

TEST_CASE("SHA-256, HMAC and CRC-32 give their published results") {
  // FIPS 180-2 appendix B.1; RFC 4231 test case 2; the CRC's own check value.
  CHECK(to_hex(sha256("abc").data(), 8) == "ba7816bf8f01cfea");
  CHECK(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?").data(), 8) == "5bdcc146bf60754e");
  CHECK(crc32("123456789") == 0xCBF43926U);
  CHECK(crc32("") == 0U);
}

TEST_CASE("the table hash depends on every byte, the length and the seed") {
  const std::string bytes(37, 'a');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string other = bytes;
    other[i] = 'b';
    CHECK(hash64(other) != hash64(bytes));
  }
  CHECK(hash64(std::string_view("\0", 1)) != hash64(""));
  CHECK(hash64(bytes, 1) != hash64(bytes, 2));
}

TEST_CASE("hexadecimal is lower case") { CHECK(to_hex(std::string_view("\x00\xAB", 2)) == "00ab"); }

TEST_CASE("digests of pieces are those of the whole, and begin anew when they are taken") {
  // FIPS 180-2, appendices A.1 and B.1.
  for (const auto& [size, want] : {std::pair<std::size_t, std::string_view>{20, "a9993e364706816a"},
                                   std::pair<std::size_t, std::string_view>{32, "ba7816bf8f01cfea"}}) {
    Digest digest(size);
    for (int round = 0; round < 2; ++round) {
      digest.add("a");
      digest.add("bc");
      const std::string raw = digest.finish();
      CHECK(raw.size() == size);
      CHECK(to_hex(raw).substr(0, 16) == want);
    }
  }
}
