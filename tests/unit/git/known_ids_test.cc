#include "scanner/git/known_ids.h"

#include <algorithm>
#include <random>

#include "scanner/base/mapped_file.h"
#include "tests/support/catch.h"
#include "tests/unit/pack/made_pack.h"

namespace keytrail::git {
namespace {

using keytrail::test::TemporaryFolder;
using pack::test::made_id;
using pack::test::MadePack;

ObjectName name_of(std::size_t number) { return ObjectName::from_bytes(made_id(number).data()); }

// A pack of `count` objects from made_id(first) on.
std::string write_pack(const TemporaryFolder& folder, const std::string& name, std::size_t first, std::size_t count) {
  MadePack pack(first);
  for (std::size_t i = 0; i < count; ++i) pack.add_whole(3, std::to_string(i));
  return pack.write(folder, name);
}

FolderStamp folder_of(const std::vector<std::string>& indexes, std::vector<std::size_t> loose) {
  FolderStamp folder;
  for (const std::string& path : indexes) folder.packs.push_back({path, {}, {}, {}});
  for (const std::size_t number : loose) folder.loose.push_back(name_of(number));
  std::sort(folder.loose.begin(), folder.loose.end());
  return folder;
}

TEST_CASE("the ids of packs and files are collected once each, in order") {
  const TemporaryFolder folder;
  const std::vector<FolderStamp> folders = {
      folder_of({write_pack(folder, "a", 0, 50), write_pack(folder, "b", 40, 100)}, {7, 200, 201}),
      folder_of({write_pack(folder, "c", 300, 1)}, {})};
  const auto bytes = collect_ids(folders);
  REQUIRE(bytes);
  const KnownIds ids(*bytes);
  CHECK(ids.count() == 140 + 2 + 1);
  for (std::size_t number = 0; number < 400; ++number) {
    CAPTURE(number);
    CHECK(ids.has(name_of(number)) == (number < 140 || number == 200 || number == 201 || number == 300));
  }
  CHECK_FALSE(ids.has(ObjectName{}));
  ObjectName last;
  last.bytes.fill(0xff);
  CHECK_FALSE(ids.has(last));
  CHECK(collect_ids({}) == std::string());
  CHECK_FALSE(KnownIds("").has(name_of(0)));
  CHECK_FALSE(collect_ids({folder_of({folder.path("none.idx")}, {})}));
}

TEST_CASE("what a new pack has of old objects is told from what is new in it") {
  const TemporaryFolder folder;
  const auto bytes = collect_ids({folder_of({write_pack(folder, "old", 0, 60)}, {100, 101})});
  REQUIRE(bytes);
  const KnownIds ids(*bytes);
  KnownIds::Seen seen(ids);
  const std::string path = write_pack(folder, "new", 10, 90);  // 10 … 99
  const auto file = MappedFile::open(path);
  REQUIRE(file);
  const auto index = pack::PackIndex::parse(file->bytes(), 20, path);
  REQUIRE(index);
  const std::vector<std::uint32_t> fresh = seen.add(*index);
  CHECK(fresh.size() == 40);
  for (const std::uint32_t position : fresh)
    CHECK_FALSE(ids.has(ObjectName::from_bytes(index->raw_id(position).data())));
  CHECK(seen.add(*index) == fresh);
  CHECK_FALSE(seen.all());
  for (std::size_t number = 0; number < 10; ++number) seen.add(name_of(number));
  seen.add(name_of(100));
  seen.add(name_of(500));  // not known: says nothing
  CHECK_FALSE(seen.all());
  seen.add(name_of(101));
  CHECK(seen.all());
}

}  // namespace
}  // namespace keytrail::git
