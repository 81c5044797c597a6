#include "scanner/engine/anchor_cache.h"

#include <chrono>
#include <filesystem>
#include <set>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace keytrail::engine {
namespace {

namespace fs = std::filesystem;

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

TEST_CASE("of many databases those stay that were used last, and what is none of them stays") {
  const test::TemporaryFolder folder;
  const auto now = fs::file_time_type::clock::now();
  for (int i = 0; i < 12; ++i) {
    const std::string path = folder.write("anchors-" + std::to_string(i) + ".db", "database");
    fs::last_write_time(path, now - std::chrono::hours(i == 11 ? 0 : i));
  }
  for (const char* other : {"anchors-1.txt", "other.db", "notes"}) {
    fs::last_write_time(folder.write(other, "other"), now - std::chrono::hours(1000));
  }
  fs::create_directory(folder.path("anchors-folder.db"));
  prune_databases(folder.path(), 3);
  CHECK(names_in(folder.path()) == std::set<std::string>{"anchors-0.db", "anchors-1.db", "anchors-11.db",
                                                         "anchors-1.txt", "other.db", "notes", "anchors-folder.db"});
  prune_databases(folder.path(), 3);
  CHECK(names_in(folder.path()).size() == 7);
  prune_databases(folder.path("none"), 3);
}

}  // namespace
}  // namespace keytrail::engine
