// Damaged repositories: what is lost is named, all the rest is delivered, and nothing ends the run.
#include <filesystem>
#include <random>
#include <set>

#include "tests/support/catch.h"
#include "tests/unit/git/git_folder.h"

namespace keytrail::git {
namespace {

using core::SkipReason;
using test::GitFolder;
using test::overwrite;
using test::Swept;

// What is delivered when nothing is lost.
std::size_t objects_without_trees(const GitFolder& folder) {
  std::size_t count = 0;
  for (const std::string& line : folder.objects()) count += line.ends_with(" tree") ? 0U : 1U;
  return count;
}

std::string random_text(unsigned seed, std::size_t size) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size) text += "abcdefghijklmnop qrstuvwxyz\n"[random() % 28];
  return text;
}

TEST_CASE("a corrupt loose blob is named and the rest is delivered") {
  struct Row {
    const char* name;
    std::string (*damage)(std::string bytes);
  };
  const Row rows[] = {
      {"overwritten in the middle",
       [](std::string bytes) {
         for (std::size_t i = bytes.size() / 2; i < bytes.size(); ++i) bytes[i] = 'x';
         return bytes;
       }},
      {"cut off", [](std::string bytes) { return bytes.substr(0, bytes.size() / 2); }},
      {"empty", [](std::string) { return std::string(); }},
      {"zeroed", [](std::string bytes) { return std::string(bytes.size(), '\0'); }},
      {"no zlib at all", [](std::string) { return std::string("blob 5\0hello", 12); }},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      GitFolder folder;
      folder.write("good", "good");
      folder.write("bad", random_text(1, 3000));
      folder.commit("first");
      const std::string bad = folder.id("HEAD:bad");
      const std::size_t all = objects_without_trees(folder);
      overwrite(folder.loose(bad), row.damage(test::read(folder.loose(bad))));
      Swept swept(folder.repo());
      CHECK(swept.sink.blobs == all - 1);
      CHECK_FALSE(swept.sink.bytes.contains(bad));
      REQUIRE(swept.sink.skips.size() == 1);
      CHECK(swept.sink.skips[0].reason == SkipReason::corrupt_object);
      CHECK(swept.sink.skips[0].path == bad);
      CHECK_FALSE(swept.sink.skips[0].detail.empty());
      swept.locate({});
      CHECK(swept.sink.skips.size() == 1);
    }
  }
}

TEST_CASE("what trees, commits and tags name and the repository lacks is missing") {
  GitFolder folder;
  folder.write("dir/gone", "gone");
  folder.write("kept", "kept");
  folder.commit("first");
  const std::string commit = folder.commit("second");
  folder.git("tag -a -m said v1 HEAD:kept");
  struct Row {
    const char* what;
    std::string lost;
    std::string detail;
  };
  const std::string root = folder.id("HEAD^{tree}");
  const Row rows[] = {
      {"a blob", folder.id("HEAD:dir/gone"), "named by tree " + folder.id("HEAD:dir") + " as gone"},
      {"a tree", folder.id("HEAD:dir"), "named by tree " + root + " as dir"},
      {"a commit's parent", folder.id("HEAD~1"), "named by commit " + commit + " as a parent"},
      {"what a tag tags", folder.id("HEAD:kept"), ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.what) {
      std::filesystem::remove(folder.loose(row.lost));
      for (const unsigned threads : {1U, 8U}) {
        Swept swept(folder.repo(), threads);
        CHECK(swept.sink.skips.empty());
        swept.locate({});
        REQUIRE(swept.sink.skips.size() == 1);
        CHECK(swept.sink.skips[0].reason == SkipReason::missing_object);
        CHECK(swept.sink.skips[0].path == row.lost);
        if (!row.detail.empty()) CHECK(swept.sink.skips[0].detail == row.detail);
      }
    }
  }
}

TEST_CASE("trees that no commit reaches are looked at too") {
  GitFolder folder;
  folder.commit("first");
  folder.shell("cd repo && printf '100644 blob " + std::string(40, 'd') + "\\tabsent\\n' | git mktree --missing");
  Swept swept(folder.repo());
  swept.locate({});
  CHECK(swept.sink.has(SkipReason::missing_object, std::string(40, 'd')));
}

// Writes an object whatever its bytes.
std::string write_object(const GitFolder& folder, const std::string& type, const std::string& bytes) {
  folder.write("object", bytes, ".");
  return folder.git("hash-object -w --literally -t " + type + " ../object");
}

TEST_CASE("commits, tags and trees without the structure of one are named; messages are delivered whole") {
  GitFolder folder;
  folder.commit("first");
  const std::string commit = write_object(folder, "commit", "no header at all\n\ntext\n");
  const std::string tag = write_object(folder, "tag", "tag of nothing\n\ntext\n");
  const std::string tree = write_object(folder, "tree", "100644 cut");
  Swept swept(folder.repo());
  CHECK(swept.sink.has(SkipReason::corrupt_object, commit));
  CHECK(swept.sink.has(SkipReason::corrupt_object, tag));
  CHECK(swept.sink.bytes.at(commit) == "no header at all\n\ntext\n");
  CHECK(swept.sink.bytes.at(tag) == "tag of nothing\n\ntext\n");
  CHECK(swept.history->commit_count() == 1);
  swept.locate({});
  CHECK(swept.sink.has(SkipReason::corrupt_object, tree));
  CHECK(swept.sink.skips.size() == 3);
}

// Two packs: one with the first commit's objects, one with the second's.
struct TwoPacks {
  TwoPacks() {
    folder.write("first", random_text(1, 5000));
    folder.commit("first");
    folder.git("repack -q -d");
    pack = folder.pack_file(".pack");
    index = folder.pack_file(".idx");
    folder.write("second", random_text(2, 5000));
    folder.commit("second");
    folder.git("repack -q -d");
  }
  GitFolder folder;
  std::string pack;
  std::string index;
};

TEST_CASE("of a damaged pack all is delivered that is there, and what is not is named") {
  TwoPacks packs;
  const std::string bytes = test::read(packs.pack);
  const std::string second = packs.folder.id("HEAD:second");
  struct Row {
    const char* name;
    std::string bytes;
    std::size_t blobs;
  };
  // The commit stands first in the pack, then the blob and the tree, of which only the first can be read for itself.
  const Row rows[] = {{"cut off at the end", bytes.substr(0, bytes.size() - 1), 4},
                      {"cut off in the middle", bytes.substr(0, bytes.size() / 2), 3},
                      {"empty", "", 2},
                      {"gone", "gone", 2},
                      {"no pack", std::string(bytes.size(), 'x'), 2}};
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      overwrite(packs.pack, row.bytes);
      if (row.bytes == "gone") std::filesystem::remove(packs.pack);
      Swept swept(packs.folder.repo());
      CHECK(swept.sink.blobs == row.blobs);
      CHECK(swept.sink.bytes.contains(second));
      swept.locate({});
      std::set<std::string> named;
      for (const core::Skip& skip : swept.sink.skips) {
        CHECK(named.insert(skip.path).second);
        CHECK_FALSE(skip.detail.empty());
      }
      for (const std::string& line : packs.folder.objects()) {
        const std::string hex = line.substr(0, 40);
        if (named.contains(hex)) CHECK_FALSE(swept.sink.bytes.contains(hex));
      }
      CHECK(named.size() == (row.blobs == 4 ? 0U : 3U - (row.blobs - 2)));
      const auto homes = swept.locate({second});
      CHECK(homes.size() == 1);
    }
  }
}

TEST_CASE("a pack without its index, or with a damaged one, is read all the same") {
  TwoPacks packs;
  SECTION("no index") { std::filesystem::remove(packs.index); }
  SECTION("a cut index") { overwrite(packs.index, test::read(packs.index).substr(0, 500)); }
  SECTION("an empty index") { overwrite(packs.index, ""); }
  SECTION("a name in the index is damaged") {
    std::string bytes = test::read(packs.index);
    bytes[8 + 1024 + 7] = static_cast<char>(bytes[8 + 1024 + 7] ^ 1);
    overwrite(packs.index, bytes);
  }
  Swept swept(packs.folder.repo());
  swept.locate({});
  CHECK(swept.sink.blobs == 4);
  CHECK(swept.sink.skips.empty());
}

TEST_CASE("a pack that is damaged and has no index is said to hold more than was read") {
  TwoPacks packs;
  std::filesystem::remove(packs.index);
  const std::string bytes = test::read(packs.pack);
  overwrite(packs.pack, bytes.substr(0, bytes.size() / 2));
  const Swept swept(packs.folder.repo());
  CHECK(swept.sink.blobs == 3);
  REQUIRE(swept.sink.skips.size() == 1);
  CHECK(swept.sink.skips[0].path == packs.pack);
  CHECK(swept.sink.skips[0].detail.find("2 objects not scanned") != std::string::npos);
}

// What another place has too is not lost.
TEST_CASE("an object that is damaged in one place is read from another") {
  TwoPacks packs;
  const std::string first = packs.folder.id("HEAD:first");
  packs.folder.git("clone -q --no-hardlinks --bare . ../copy.git");
  packs.folder.git("repack -q -a -d", "copy.git");
  packs.folder.shell("cp copy.git/objects/pack/*.pack copy.git/objects/pack/*.idx repo/.git/objects/pack/");
  std::string bytes = test::read(packs.pack);
  SECTION("in a pack that opens") {
    for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 8; ++i) bytes[i] = static_cast<char>(~bytes[i]);
    overwrite(packs.pack, bytes);
    const Swept swept(packs.folder.repo());
    CHECK(swept.sink.bytes.contains(first));
    CHECK(swept.sink.skips.empty());
  }
  SECTION("in a pack that is cut off") {
    overwrite(packs.pack, bytes.substr(0, bytes.size() / 2));
    Swept swept(packs.folder.repo());
    CHECK(swept.sink.bytes.contains(first));
    swept.locate({});
    CHECK(swept.sink.skips.empty());
  }
}

// Objects are not hashed again when they are read: that damage is noticed all the same is up to zlib and to lengths.
TEST_CASE("a byte that is changed anywhere in a pack is noticed") {
  GitFolder folder;
  for (unsigned i = 0; i < 4; ++i) {
    folder.write("file", random_text(7, 400) + random_text(i, 40) + random_text(8, 400));
    folder.commit("commit " + std::to_string(i));
  }
  folder.git("repack -q -a -d -f");
  const std::string pack = folder.pack_file(".pack");
  const std::string good = test::read(pack);
  const Swept before(folder.repo());
  REQUIRE(before.sink.blobs == 8);
  for (std::size_t i = 12; i + 20 < good.size(); i += 1) {
    std::string bytes = good;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x21);
    overwrite(pack, bytes);
    Swept swept(folder.repo(), 1);
    swept.locate({});
    std::size_t wrong = 0;
    for (const auto& [hex, text] : swept.sink.bytes) wrong += before.sink.bytes.at(hex) == text ? 0U : 1U;
    // Bytes that nothing depends on (zlib's level flags) change nothing; else there is a skip.
    const bool lost = wrong > 0 || swept.sink.bytes.size() < before.sink.bytes.size();
    CAPTURE(i, wrong, swept.sink.bytes.size());
    CHECK((!lost || !swept.sink.skips.empty()));
  }
}

}  // namespace
}  // namespace keytrail::git
