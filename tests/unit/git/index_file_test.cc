// The index: every version, and every kind of damage.
#include "scanner/git/index_file.h"

#include <algorithm>
#include <random>
#include <sstream>
#include <vector>

#include "tests/support/catch.h"
#include "tests/unit/git/git_folder.h"

namespace keytrail::git {
namespace {

using test::GitFolder;

std::vector<std::string> lines_of(const IndexFile& index) {
  std::vector<std::string> lines;
  index.for_each([&lines](const IndexEntry& entry) {
    lines.push_back("100644 " + entry.object.hex() + " " + std::to_string(entry.stage) + "\t" +
                    std::string(entry.path));
  });
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

struct Files : GitFolder {
  Files() {
    for (std::size_t i = 0; i < 12; ++i) write("dir" + std::to_string(i % 3) + "/" + std::string(i, 'x') + "a", "text");
    write("z", "text");
    commit("first");
  }
};

TEST_CASE("entries are those that git lists, in every version of the index") {
  const Files folder;
  for (const char* version : {"2", "3", "4"}) {
    folder.git(std::string("update-index --index-version ") + version);
    const std::string bytes = test::read(folder.path("repo/.git/index"));
    const Result<IndexFile> index = IndexFile::parse(bytes, "index");
    REQUIRE(index.has_value());
    CHECK(joined(lines_of(*index)) == folder.git("ls-files -s"));
  }
}

TEST_CASE("cached trees are those of the commit, until something is staged in them") {
  const Files folder;
  folder.write("dir1/new", "new");
  folder.git("add dir1/new");
  const std::string bytes = test::read(folder.path("repo/.git/index"));
  const IndexFile index = IndexFile::parse(bytes, "index").value();
  CHECK(index.cached_tree("dir0")->hex() == folder.id("HEAD:dir0"));
  CHECK(index.cached_tree("dir2")->hex() == folder.id("HEAD:dir2"));
  CHECK_FALSE(index.cached_tree("dir1").has_value());
  CHECK_FALSE(index.cached_tree("").has_value());
  folder.git("commit -q -m second");
  const std::string after = test::read(folder.path("repo/.git/index"));
  CHECK(IndexFile::parse(after, "index")->cached_tree("")->hex() == folder.id("HEAD^{tree}"));
}

TEST_CASE("an index that is cut off within its entries is corrupt, and none cut anywhere is a fault") {
  const Files folder;
  for (const char* version : {"2", "4"}) {
    folder.git(std::string("update-index --index-version ") + version);
    const std::string bytes = test::read(folder.path("repo/.git/index"));
    const std::size_t entries = lines_of(IndexFile::parse(bytes, "index").value()).size();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const std::string cut = bytes.substr(0, size);
      const Result<IndexFile> index = IndexFile::parse(cut, "index");
      if (index) {
        CHECK(lines_of(*index).size() == entries);
      } else {
        CHECK(index.error().code == ErrorCode::corrupt);
      }
    }
    CHECK_FALSE(IndexFile::parse(bytes.substr(0, bytes.size() / 2), "index").has_value());
  }
}

TEST_CASE("an index with bytes changed is read or refused") {
  const Files folder;
  const std::string bytes = test::read(folder.path("repo/.git/index"));
  std::mt19937 random(7);
  std::size_t refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string changed = bytes;
    for (unsigned i = 0; i < 3; ++i) changed[random() % changed.size()] = static_cast<char>(random());
    const Result<IndexFile> index = IndexFile::parse(changed, "index");
    if (index) (void)lines_of(*index);
    if (!index) ++refused;
  }
  CHECK(refused > 0);
}

TEST_CASE("what this program cannot read is unsupported, with its remedy") {
  const Files folder;
  std::string bytes = test::read(folder.path("repo/.git/index"));
  bytes[7] = 5;
  CHECK(IndexFile::parse(bytes, "index").error().code == ErrorCode::unsupported);
}

std::vector<std::string> sorted(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST_CASE("entries of a split index are those that git lists") {
  const Files folder;
  const std::string path = folder.path("repo/.git/index");
  for (const char* version : {"2", "4"}) {
    folder.git("reset -q --hard");
    folder.git(std::string("update-index --index-version ") + version);
    folder.git("update-index --split-index");
    folder.write("z", std::string("edited: its entry here has no name ") + version);
    folder.write("added", "new");
    folder.git("add z added");
    folder.git("rm -q --cached -r dir1");
    const Result<OpenIndex> opened = open_index(path, folder.path("repo/.git/"));
    REQUIRE(opened.has_value());
    REQUIRE(opened->index);
    CHECK_FALSE(opened->index->shared_name().empty());
    std::istringstream listed(folder.git("ls-files -s") + "\n");
    std::vector<std::string> expected;
    for (std::string line; std::getline(listed, line);) expected.push_back(line);
    CHECK(sorted(lines_of(*opened->index)) == sorted(expected));
    CHECK_FALSE(open_index(path, folder.path("nowhere/")).has_value());
    folder.git("update-index --no-split-index");
  }
  CHECK_FALSE(open_index(folder.path("repo/none"), folder.path("repo/.git/")).value().index);
}

TEST_CASE("any change of a split index and its shared part does no harm") {
  const Files folder;
  folder.git("update-index --split-index");
  folder.write("z", "edited");
  folder.git("add z");
  const std::string bytes = test::read(folder.path("repo/.git/index"));
  const std::string name = IndexFile::parse(bytes, "index").value().shared_name();
  const std::string shared = test::read(folder.path("repo/.git/" + name));
  std::mt19937 random(8);
  const auto changed = [&random](std::string text) {
    for (unsigned i = 0; i < 3; ++i) text[random() % text.size()] = static_cast<char>(random());
    return text;
  };
  std::size_t joined = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string own = round % 2 == 0 ? changed(bytes) : bytes;
    const std::string other = round % 2 == 1 ? changed(shared) : shared;
    Result<IndexFile> index = IndexFile::parse(own, "index");
    Result<IndexFile> part = IndexFile::parse(other, "shared");
    if (!index || !part || !index->join(std::move(*part), "index")) continue;
    (void)lines_of(*index);
    ++joined;
  }
  CHECK(joined > 100);
}

TEST_CASE("cached trees that claim more folders than there are do no harm") {
  std::string extension;
  for (int i = 0; i < 2000; ++i) extension += std::string("x") + '\0' + "-1 999999999\n";
  std::string bytes("DIRC\0\0\0\2\0\0\0\0TREE", 16);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(extension.size() >> shift & 0xFFU);
  bytes += extension + std::string(20, '\0');
  const Result<IndexFile> index = IndexFile::parse(bytes, "index");
  REQUIRE(index.has_value());
  CHECK_FALSE(index->cached_tree("x").has_value());
}

}  // namespace
}  // namespace keytrail::git
