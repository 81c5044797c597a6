#include "scanner/pack/pack_file.h"
#include "tests/support/catch.h"
#include "tests/unit/pack/made_pack.h"

namespace keytrail::pack {
namespace {

using test::distance_digits;
using test::entry_head;

// Exactly these bytes on the heap, so that a sanitizer sees a read behind them.
std::optional<EntryHeader> parse_exact(std::string_view bytes, std::size_t hash_size, const auto& check) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  const auto header = parse_entry_header({exact.data(), exact.size()}, hash_size);
  if (header) check(*header);
  return header;
}

TEST_CASE("entry headers give type, size and base") {
  struct Row {
    const char* name;
    std::string bytes;
    ObjectType type;
    std::uint64_t size;
    std::uint64_t distance;
    std::size_t base_id_bytes;
  };
  const std::string id(20, 'n');
  const Row rows[] = {
      {"an empty commit", "\x10", ObjectType::commit, 0, 0, 0},
      {"a tree of 15 bytes", "\x2f", ObjectType::tree, 15, 0, 0},
      {"a blob of 16 bytes", "\xb0\x01", ObjectType::blob, 16, 0, 0},
      {"a tag of 2,047 bytes", "\xcf\x7f", ObjectType::tag, 2047, 0, 0},
      {"a blob of 2,048 bytes", std::string("\xb0\x80\x01"), ObjectType::blob, 2048, 0, 0},
      {"a size of 60 bits", entry_head(3, (std::uint64_t{1} << 60) - 1), ObjectType::blob, (std::uint64_t{1} << 60) - 1,
       0, 0},
      {"a size with needless zeroes", std::string("\xb1\x80\x00", 3), ObjectType::blob, 1, 0, 0},
      {"the shortest distance", "\x65\x01", ObjectType::none, 5, 1, 0},
      {"the longest distance of one byte", "\x65\x7f", ObjectType::none, 5, 127, 0},
      {"the shortest distance of two bytes", std::string("\x65\x80\x00", 3), ObjectType::none, 5, 128, 0},
      {"the longest distance of two bytes", "\x65\xff\x7f", ObjectType::none, 5, 16511, 0},
      {"the shortest distance of three bytes", std::string("\x65\x80\x80\x00", 4), ObjectType::none, 5, 16512, 0},
      {"a distance of 40 bits", "\x65" + distance_digits(std::uint64_t{1} << 40), ObjectType::none, 5,
       std::uint64_t{1} << 40, 0},
      {"a named base", "\x75" + id, ObjectType::none, 5, 0, 20},
      {"a named base behind a long size", entry_head(7, 70000) + id, ObjectType::none, 70000, 0, 20},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      for (const std::string& tail : {std::string(), std::string("tail")}) {
        const auto header = parse_exact(row.bytes + tail, 20, [&](const EntryHeader& got) {
          CHECK(got.base_id.size() == row.base_id_bytes);
          CHECK(got.base_id == id.substr(0, row.base_id_bytes));
        });
        REQUIRE(header);
        CHECK(header->type == row.type);
        CHECK(header->is_delta == (row.type == ObjectType::none));
        CHECK(header->size == row.size);
        CHECK(header->base_distance == row.distance);
        CHECK(header->header_bytes == row.bytes.size());
      }
      for (std::size_t length = 0; length < row.bytes.size(); ++length) {
        CAPTURE(length);
        CHECK_FALSE(parse_exact(row.bytes.substr(0, length), 20, [](const EntryHeader&) {}));
      }
    }
  }
}

TEST_CASE("an entry header that says nothing possible is refused") {
  struct Row {
    const char* name;
    std::string bytes;
  };
  const Row rows[] = {
      {"no bytes", ""},
      {"type 0", std::string(1, '\0')},
      {"type 5", "\x51"},
      {"type 5 with a long size", "\xd1\x01"},
      {"a size that never ends", std::string(40, '\xbf')},
      {"a size of more than 64 bits", "\xbf" + std::string(9, '\xff') + "\x01"},
      {"a distance of 0", std::string("\x65\x00", 2)},
      {"a distance that never ends", "\x65" + std::string(40, '\xff')},
      {"a distance of more than 64 bits", "\x65" + std::string(9, '\xff') + "\x7f"},
      {"no distance", "\x65"},
      {"no base id", "\x75"},
      {"a base id of 19 bytes", "\x75" + std::string(19, 'n')},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      CHECK_FALSE(parse_exact(row.bytes, 20, [](const EntryHeader&) {}));
    }
  }
}

TEST_CASE("a base is named with as many bytes as the repository's hash has") {
  const std::string bytes = "\x75" + std::string(32, 'n');
  CHECK(parse_entry_header(bytes, 20)->header_bytes == 21);
  CHECK(parse_entry_header(bytes, 32)->header_bytes == 33);
  CHECK(parse_entry_header(bytes, 32)->base_id == std::string(32, 'n'));
  CHECK_FALSE(parse_entry_header(bytes.substr(0, 32), 32));
}

TEST_CASE("distances come back as they were written") {
  for (unsigned bit = 0; bit < 56; ++bit) {
    for (const std::uint64_t change : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
      const std::uint64_t distance = (std::uint64_t{1} << bit) + change;
      if (distance == 0) continue;
      CAPTURE(distance);
      const auto header = parse_entry_header("\x61" + distance_digits(distance), 20);
      REQUIRE(header);
      CHECK(header->base_distance == distance);
    }
  }
}

}  // namespace
}  // namespace keytrail::pack
