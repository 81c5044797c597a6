#include "scanner/pack/pack_index.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <sstream>
#include <vector>

#include "tests/support/catch.h"
#include "tests/unit/pack/packed_repository.h"

namespace keytrail::pack {
namespace {

using test::PackedRepository;
using test::raw_of;
using test::read_bytes;

struct Listed {
  std::uint64_t offset = 0;
  std::string crc;  // hexadecimal; version 1 has none
};

// What git reads from an index; by raw id.
std::map<std::string, Listed> listed(const PackedRepository& repository, const std::string& index_path) {
  std::istringstream lines(repository.git("show-index < '" + index_path + "'"));
  std::map<std::string, Listed> all;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    Listed entry;
    std::string hex;
    fields >> entry.offset >> hex >> entry.crc;
    all[raw_of(hex)] = entry;
  }
  return all;
}

std::string hex_crc(std::uint32_t crc) {
  char text[16];
  std::snprintf(text, sizeof text, "(%08x)", crc);
  return text;
}

std::string make_index(const PackedRepository& repository, const std::string& version) {
  const std::string path = repository.folder().path("made-" + version + ".idx");
  repository.git("index-pack --index-version=" + version + " -o '" + path + "' '" + repository.pack_path() + "'");
  return path;
}

// Asks for everything that an index can tell; how many offsets there are.
std::uint32_t ask_everything(std::string_view bytes, std::size_t hash_size) {
  // An allocation of the exact size, so that a sanitizer sees a read behind it.
  const std::vector<char> exact(bytes.begin(), bytes.end());
  const auto index = PackIndex::parse({exact.data(), exact.size()}, hash_size, "index");
  if (!index) return 0;
  std::uint32_t offsets = 0;
  for (std::uint32_t position = 0; position < index->count(); ++position) {
    const std::string id(index->raw_id(position));
    REQUIRE(id.size() == hash_size);
    if (index->offset(position)) ++offsets;
    static_cast<void>(index->crc(position));
    const auto found = index->find(id);
    if (found) REQUIRE(index->raw_id(*found) == id);
  }
  for (int first = 0; first < 256; ++first) {
    static_cast<void>(index->find(std::string(hash_size, static_cast<char>(first))));
  }
  REQUIRE(index->pack_checksum().size() == hash_size);
  return offsets;
}

TEST_CASE("every id of an index is found where git finds it") {
  const PackedRepository repository(11, 40);
  const auto stored = repository.stored();
  const std::string pack = read_bytes(repository.pack_path());
  for (const std::string version : {"1", "2", "2,0x40"}) {
    DYNAMIC_SECTION("version " + version) {
      const std::string path = make_index(repository, version);
      const std::string bytes = read_bytes(path);
      const auto index = PackIndex::parse(bytes, 20, path);
      REQUIRE(index);
      const auto expected = listed(repository, path);
      REQUIRE(expected.size() == stored.size());
      REQUIRE(index->count() == stored.size());
      for (const auto& [id, entry] : expected) {
        const auto position = index->find(id);
        REQUIRE(position);
        CHECK(index->raw_id(*position) == id);
        CHECK(index->id(*position).raw() == id);
        CHECK(index->offset(*position) == entry.offset);
        CHECK(entry.offset == stored.at(id).offset);
        const auto crc = index->crc(*position);
        CHECK((crc ? hex_crc(*crc) : "") == entry.crc);
        // Its neighbours are not in the pack.
        std::string other = id;
        other.back() = static_cast<char>(other.back() ^ 1);
        if (!expected.contains(other)) CHECK_FALSE(index->find(other));
      }
      CHECK_FALSE(index->find(std::string(20, '\0')));
      CHECK_FALSE(index->find(std::string(20, '\xff')));
      CHECK(index->pack_checksum() == pack.substr(pack.size() - 20));
    }
  }
}

TEST_CASE("an index of SHA-256 ids is read with 32 bytes an id") {
  const PackedRepository repository(12, 10, "sha256");
  const std::string bytes = read_bytes(repository.index_path());
  const auto index = PackIndex::parse(bytes, 32, "index");
  REQUIRE(index);
  const auto stored = repository.stored();
  REQUIRE(index->count() == stored.size());
  for (const auto& [id, entry] : stored) {
    const auto position = index->find(id);
    REQUIRE(position);
    CHECK(index->offset(*position) == entry.offset);
  }
}

TEST_CASE("an index that is cut off is refused, or loses offsets of its last table") {
  const PackedRepository repository(13, 6);
  for (const std::string version : {"1", "2", "2,0x40"}) {
    DYNAMIC_SECTION("version " + version) {
      const std::string bytes = read_bytes(make_index(repository, version));
      const std::uint32_t all = ask_everything(bytes, 20);
      REQUIRE(all > 20);
      for (std::size_t length = 0; length < bytes.size(); ++length) {
        CAPTURE(length);
        const std::uint32_t offsets = ask_everything(std::string_view(bytes).substr(0, length), 20);
        REQUIRE(offsets < all);
        if (version != "2,0x40") REQUIRE(offsets == 0);
      }
    }
  }
}

TEST_CASE("an index with a damaged head or fan-out is refused or read within its bounds") {
  const PackedRepository repository(14, 6);
  for (const std::string version : {"1", "2", "2,0x40"}) {
    DYNAMIC_SECTION("version " + version) {
      const std::string bytes = read_bytes(make_index(repository, version));
      for (std::size_t at = 0; at < std::min<std::size_t>(bytes.size(), 8 + 1024); ++at) {
        for (const int flip : {0x01, 0x80, 0xFF}) {
          std::string damaged = bytes;
          damaged[at] = static_cast<char>(damaged[at] ^ flip);
          ask_everything(damaged, 20);
        }
      }
      // The count itself, from none to more than anything can hold.
      const std::size_t count_at = (version == "1" ? 0 : 8) + 255 * 4;
      for (const unsigned byte : {0U, 1U, 0x7FU, 0xFFU}) {
        std::string damaged = bytes;
        damaged.replace(count_at, 4, 4, static_cast<char>(byte));
        CHECK(ask_everything(damaged, 20) == 0);
      }
    }
  }
}

TEST_CASE("what is no index says why it is refused") {
  const std::string empty_v2 = std::string("\377tOc\0\0\0\2", 8) + std::string(1024 + 40, '\0');
  struct Row {
    const char* name;
    std::string bytes;
    std::optional<ErrorCode> error;
  };
  std::string descending = empty_v2;
  descending[8 + 3] = '\1';
  std::string version_3 = empty_v2;
  version_3[7] = '\3';
  std::string version_1_with_magic = empty_v2;
  version_1_with_magic[7] = '\1';
  const Row rows[] = {
      {"an empty index of version 2", empty_v2, std::nullopt},
      {"an empty index of version 1", std::string(1024 + 40, '\0'), std::nullopt},
      {"no bytes", "", ErrorCode::corrupt},
      {"version 2, a byte short", empty_v2.substr(0, empty_v2.size() - 1), ErrorCode::corrupt},
      {"version 3", version_3, ErrorCode::unsupported},
      {"version 1 with a magic", version_1_with_magic, ErrorCode::unsupported},
      {"a fan-out that descends", descending, ErrorCode::corrupt},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const auto index = PackIndex::parse(row.bytes, 20, "some.idx");
      REQUIRE(index.has_value() == !row.error.has_value());
      if (index) {
        CHECK(index->count() == 0);
        CHECK_FALSE(index->find(std::string(20, 'a')));
      } else {
        CHECK(index.error().code == *row.error);
        CHECK(index.error().subject == "some.idx");
      }
    }
  }
}

}  // namespace
}  // namespace keytrail::pack
