#include "scanner/fs/start.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace keytrail::fs {
namespace {

TEST_CASE("paths below the root are reported relative to it") {
  const test::TemporaryFolder folder;
  folder.write("a/b/file", "");
  std::filesystem::create_symlink("a/b", folder.path("link"));
  const std::string root = folder.path();
  struct Row {
    const char* name;
    std::string given;
    std::string want;
  };
  const std::vector<Row> rows = {
      {"a file", root + "/a/b/file", "a/b/file"},
      {"the root", root, ""},
      {"the root with a slash", root + "/", ""},
      {"doubled slashes and dots", root + "//a/./b//file", "a/b/file"},
      {"a parent part", root + "/a/../a/b", "a/b"},
      {"a symlink keeps its name", root + "/link", "link"},
      {"a parent part behind a symlink", root + "/link/../b/file", "a/b/file"},
      {"outside", "/usr//./bin/", "/usr/bin"},
      {"a name that only begins like the root", root + "x/file", root + "x/file"},
      {"relative and outside", "./no/./such", "no/such"},
      {"here, outside", ".", ""},
      {"above, outside", "..", ".."},
      {"the root of the system", "/", "/"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) { CHECK(reported_path(row.given, root) == row.want); }
  }
}

TEST_CASE("everything is below the root of the system") { CHECK(reported_path("/usr/bin", "/") == "usr/bin"); }

TEST_CASE("a root reached through a symlink is the same root") {
  const test::TemporaryFolder folder;
  folder.write("real/file", "");
  std::filesystem::create_symlink("real", folder.path("alias"));
  CHECK(reported_path(folder.path("real/file"), folder.path("alias")) == "file");
  CHECK(reported_path(folder.path("alias/file"), folder.path("real")) == "file");
}

TEST_CASE("what is given twice is scanned once") {
  const test::TemporaryFolder folder;
  const std::string file = folder.write("a", "");
  const auto starts = resolve_starts({file, folder.path("./a"), folder.path()}, folder.path());
  REQUIRE(starts);
  REQUIRE(starts->size() == 2);
  CHECK_FALSE((*starts)[0].is_folder);
  CHECK((*starts)[1].is_folder);
  CHECK((*starts)[1].absolute.back() == '/');
}

TEST_CASE("a path that does not exist is named") {
  const auto starts = resolve_starts({"/", "/no/such/path"}, "/");
  REQUIRE_FALSE(starts);
  CHECK(starts.error().code == ErrorCode::not_found);
  CHECK(starts.error().subject == "/no/such/path");
}

}  // namespace
}  // namespace keytrail::fs
