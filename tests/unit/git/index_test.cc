// ObjectIndex and TrackedPaths: what is looked up most.
#include <string>

#include "scanner/git/object_index.h"
#include "scanner/git/tracked_paths.h"
#include "tests/support/catch.h"

namespace keytrail::git {
namespace {

ObjectName name_of(std::uint32_t number) {
  ObjectName name;
  std::memcpy(name.bytes.data() + 8, &number, sizeof number);  // the same first and last bytes in all
  return name;
}

TEST_CASE("objects are numbered as they come, each once") {
  ObjectIndex index;
  constexpr std::uint32_t kCount = 50'000;
  for (std::uint32_t i = 0; i < kCount; ++i) REQUIRE(index.add(name_of(i)));
  CHECK_FALSE(index.add(name_of(7)));
  CHECK(index.size() == kCount);
  for (std::uint32_t i = 0; i < kCount; ++i) REQUIRE(index.find(name_of(i)) == i);
  CHECK(index.find(name_of(kCount)) == kNoObject);
  CHECK(index.name(12) == name_of(12));
}

TEST_CASE("an object name is 40 hexadecimal digits") {
  CHECK(parse_object_name(std::string(40, 'f')));
  CHECK_FALSE(parse_object_name(std::string(39, 'f')));
  CHECK_FALSE(parse_object_name(std::string(64, 'f')));
  CHECK_FALSE(parse_object_name(std::string(40, 'g')));
}

TEST_CASE("tracked paths answer for files and for folders above them") {
  TrackedPaths paths;
  for (const char* path : {"b/c/d", "a", "b/e", "b-x/y", "zz"}) paths.add(path, false);
  paths.add("module", true);
  paths.finish();
  struct Row {
    const char* path;
    bool folder;
    bool want;
  };
  const Row rows[] = {{"a", false, true},        {"b", true, true},        {"b", false, false}, {"b/c", true, true},
                      {"b/c/d", false, true},    {"b/c/dd", false, false}, {"b/", true, false}, {"b-", true, false},
                      {"b-x", true, true},       {"z", true, false},       {"", true, false},   {"module", true, true},
                      {"module/x", false, true}, {"module2", true, false}};
  for (const Row& row : rows) {
    CAPTURE(row.path, row.folder);
    CHECK(paths.holds(row.path, row.folder) == row.want);
  }
}

}  // namespace
}  // namespace keytrail::git
