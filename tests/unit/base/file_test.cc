#include "scanner/base/file.h"

#include <sys/stat.h>

#include <filesystem>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using keytrail::ErrorCode;
using keytrail::test::TemporaryFolder;

TEST_CASE("a file is read whole up to the limit") {
  const TemporaryFolder folder;
  const std::string bytes(3'000'000, 'x');
  const std::string path = folder.write("big", bytes);
  CHECK(keytrail::read_file(path, 3'000'000).value() == bytes);
  const auto over = keytrail::read_file(path, 2'999'999);
  REQUIRE(!over);
  CHECK(over.error().code == ErrorCode::limit_exceeded);
  CHECK(over.error().subject == path);
}

TEST_CASE("files without a size, such as those of /proc, are read too") {
  CHECK(keytrail::read_file("/proc/self/status", 1 << 20).value().find("Pid:") != std::string::npos);
}

TEST_CASE("a missing file and a folder are errors that name them") {
  const TemporaryFolder folder;
  CHECK(keytrail::read_file(folder.path("none"), 10).error().code == ErrorCode::not_found);
  CHECK(keytrail::read_file(folder.path(), 10).error().describe().find(folder.path()) == 0);
}

TEST_CASE("an atomic write replaces the file and leaves nothing beside it") {
  const TemporaryFolder folder;
  const std::string path = folder.write("a", "old");
  REQUIRE(keytrail::write_file_atomically(path, "new", 0600));
  CHECK(keytrail::read_file(path, 10).value() == "new");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a write into a missing folder fails and says which file") {
  const TemporaryFolder folder;
  const auto status = keytrail::write_file_atomically(folder.path("no/file"), "x");
  REQUIRE(!status);
  CHECK(status.error().subject == folder.path("no/file"));
}

TEST_CASE("folders are made with their parents, twice without harm") {
  const TemporaryFolder folder;
  REQUIRE(keytrail::make_directories(folder.path("a/b/c")));
  REQUIRE(keytrail::make_directories(folder.path("a/b/c")));
  CHECK(std::filesystem::is_directory(folder.path("a/b/c")));
  folder.write("file", "");
  CHECK(!keytrail::make_directories(folder.path("file/x")));
}
