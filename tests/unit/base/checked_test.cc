#include "scanner/base/checked.h"

#include <string>

#include "tests/support/catch.h"

using keytrail::ByteReader;

TEST_CASE("integers are read big-endian and only when whole") {
  const std::string bytes("\x01\x02\x03\x04\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\x7f", 13);
  ByteReader reader(bytes);
  CHECK(reader.u32() == 0x01020304U);
  CHECK(reader.u64() == 0xfffefdfcfbfaf9f8ULL);
  CHECK(!reader.u32());
  CHECK(reader.position() == 12);
  CHECK(reader.u8() == 0x7f);
  CHECK(reader.at_end());
  CHECK(!reader.u8());
}

TEST_CASE("a run longer than what is left is refused and moves nothing") {
  ByteReader reader("abc");
  CHECK(!reader.take(4));
  CHECK(!reader.take(static_cast<std::size_t>(-1)));
  CHECK(reader.take(3) == "abc");
  CHECK(reader.take(0) == "");
}

TEST_CASE("until stops at the delimiter and consumes it") {
  ByteReader reader("ab\nc");
  CHECK(reader.until('\n') == "ab");
  CHECK(!reader.until('\n'));
  CHECK(reader.take(1) == "c");
}

TEST_CASE("little-endian integers") {
  ByteReader reader(std::string_view("\x04\x03\x02\x01", 4));
  CHECK(reader.u32_little() == 0x01020304U);
}
