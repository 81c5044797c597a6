// run(): every object of the database is delivered once, whatever it is stored in, with any number of threads.
#include <set>

#include "scanner/git/history.h"
#include "tests/support/catch.h"
#include "tests/unit/git/git_folder.h"

namespace keytrail::git {
namespace {

using core::SkipReason;
using test::GitFolder;
using test::RecordingSink;
using test::Swept;

// What git lists, without trees.
std::set<std::string> expected(const GitFolder& folder, const std::string& below) {
  std::set<std::string> all = folder.objects(below);
  std::erase_if(all, [](const std::string& line) { return line.ends_with(" tree"); });
  return all;
}

void check_delivery(const GitFolder& folder, const std::string& below) {
  const std::set<std::string> want = expected(folder, below);
  for (const unsigned threads : {1U, 2U, 8U}) {
    CAPTURE(below, threads);
    const Swept swept(folder.path(below), threads);
    CHECK(swept.sink.delivered() == want);
    CHECK(swept.sink.blobs == want.size());
    CHECK(swept.sink.skips.empty());
    CHECK(swept.sink.highest_worker < threads);
  }
}

// Several hundred objects of all types, also ones that nothing reaches.
void fill(GitFolder& folder) {
  for (int i = 0; i < 40; ++i) {
    std::string text;
    for (int line = 0; line < 50; ++line) text += "line " + std::to_string(line == i ? -1 : line) + "\n";
    folder.write("deep/er/file.txt", text);
    folder.write("many/" + std::to_string(i % 7), std::to_string(i));
    folder.commit("commit " + std::to_string(i));
  }
  folder.git("tag -a -m 'said of it' v1");
  folder.git("notes add -m noted HEAD~3");
  folder.write("many/0", "stashed");
  folder.git("stash -q");
  folder.commit("dropped");
  folder.git("reset -q --hard HEAD~1");
  folder.shell("printf dangling | git -C repo hash-object -w --stdin");
}

TEST_CASE("every object is delivered once, loose or packed") {
  GitFolder folder;
  fill(folder);
  SECTION("loose only") { check_delivery(folder, "repo"); }
  SECTION("one pack and what it leaves loose") {
    folder.git("repack -q -d");
    check_delivery(folder, "repo");
  }
  SECTION("deltas against bases named by id") {
    folder.git("-c repack.useDeltaBaseOffset=false repack -q -a -d -f");
    check_delivery(folder, "repo");
  }
  SECTION("several packs with objects in common") {
    folder.git("repack -q");
    folder.write("new.txt", "new");
    folder.commit("more");
    folder.git("repack -q -a");
    folder.write("newer.txt", "newer");
    folder.commit("still more");
    folder.git("repack -q");
    check_delivery(folder, "repo");
  }
  SECTION("a multi-pack index") {
    folder.git("repack -q -d");
    folder.commit("more");
    folder.git("repack -q");
    folder.git("multi-pack-index write");
    check_delivery(folder, "repo");
  }
}

TEST_CASE("alternates are covered, also nested, relative and circular ones") {
  GitFolder folder;
  fill(folder);
  folder.git("repack -q -d");
  folder.git("clone -q --shared . ../second");
  folder.write("own.txt", "only here", "second");
  folder.commit("own", "second");
  folder.git("clone -q --shared . ../third", "second");
  folder.write("own.txt", "and here", "third");
  folder.commit("own too", "third");
  check_delivery(folder, "second");
  check_delivery(folder, "third");
  folder.write(".git/objects/info/alternates", "../../../second/.git/objects\n# a comment\n\n", "third");
  folder.write(".git/objects/info/alternates", folder.path("third/.git/objects\n") + folder.path("repo/.git/objects"),
               "second");
  const Swept swept(folder.path("third"));
  CHECK(swept.sink.delivered() == expected(folder, "second"));
  CHECK(swept.sink.skips.empty());
}

TEST_CASE("an alternate that is gone is named") {
  GitFolder folder;
  folder.commit("first");
  folder.write(".git/objects/info/alternates", "/no/such/folder\n");
  const Swept swept(folder.repo());
  CHECK(swept.sink.blobs == 1);
  CHECK(swept.sink.has(SkipReason::missing_object, "/no/such/folder"));
}

TEST_CASE("bytes and kinds arrive as git has them") {
  GitFolder folder;
  const std::string bytes("a\0b\xff\n", 5);
  folder.write("blob", bytes);
  folder.write("empty", "");
  const std::string commit = folder.commit("subject line");
  folder.git("tag -a -m 'the tag' v1");
  const Swept swept(folder.repo());
  CHECK(swept.sink.bytes.at(folder.id("HEAD:blob")) == bytes);
  CHECK(swept.sink.bytes.at(folder.id("HEAD:empty")).empty());
  CHECK(swept.sink.bytes.at(commit) == "subject line\n");
  CHECK(swept.sink.bytes.at(folder.id("v1")) == "the tag\n");
  CHECK(swept.sink.kinds.at(folder.id("HEAD:blob")) == core::BlobKind::git_blob);
  CHECK(swept.sink.kinds.at(commit) == core::BlobKind::commit_message);
  CHECK(swept.sink.kinds.at(folder.id("v1")) == core::BlobKind::tag_message);
  CHECK(swept.history->commit_count() == 1);
  CHECK(swept.history->tip() == commit);
}

TEST_CASE("an empty repository has nothing and no tip") {
  GitFolder folder;
  Swept swept(folder.repo(), 8);
  CHECK(swept.sink.blobs == 0);
  CHECK(swept.history->tip().empty());
  CHECK(swept.history->commit_count() == 0);
  CHECK(swept.locate({std::string(40, 'a')}).empty());
  CHECK(swept.sink.skips.empty());
}

TEST_CASE("bare repositories and linked work trees have the objects of the whole") {
  GitFolder folder;
  fill(folder);
  folder.git("clone -q --bare . ../bare.git");
  check_delivery(folder, "bare.git");
  folder.git("worktree add -q ../linked -b other");
  check_delivery(folder, "linked");
}

TEST_CASE("a shallow clone says where its history ends, and its parents are not missing") {
  GitFolder folder;
  fill(folder);
  folder.git("clone -q --depth 3 'file://" + folder.repo() + "' ../shallow");
  Swept swept(folder.path("shallow"));
  CHECK(swept.sink.delivered() == expected(folder, "shallow"));
  CHECK(swept.history->commit_count() == 3);
  swept.locate({});
  REQUIRE(swept.sink.skips.size() == 1);
  CHECK(swept.sink.skips[0].reason == SkipReason::shallow);
  CHECK(swept.sink.skips[0].path == folder.id("HEAD~2", "shallow"));
  CHECK(swept.sink.skips[0].detail.find("--unshallow") != std::string::npos);
}

TEST_CASE("a submodule's commit is not missing") {
  GitFolder folder;
  folder.git("init -q -b main ../inner");
  folder.write("x", "inner", "inner");
  folder.commit("inner", "inner");
  folder.git("submodule add -q ../inner module");
  folder.commit("with a submodule");
  Swept swept(folder.repo());
  swept.locate({});
  CHECK(swept.sink.delivered() == expected(folder, "repo"));
  REQUIRE(swept.sink.skips.size() == 1);
  CHECK(swept.sink.skips[0].reason == SkipReason::submodule);
  CHECK(swept.sink.skips[0].path == "module");
}

TEST_CASE("a partial clone's absent blobs are missing and named") {
  GitFolder folder;
  folder.write("dir/file.txt", "absent");
  folder.commit("first");
  const std::string blob = folder.id("HEAD:dir/file.txt");
  folder.git("config uploadpack.allowfilter true");
  folder.git("clone -q --bare --filter=blob:none 'file://" + folder.repo() + "' ../partial");
  Swept swept(folder.path("partial"));
  CHECK(swept.sink.skips.empty());
  swept.locate({});
  REQUIRE(swept.sink.skips.size() == 1);
  CHECK(swept.sink.skips[0].reason == SkipReason::missing_object);
  CHECK(swept.sink.skips[0].path == blob);
  CHECK(swept.sink.skips[0].detail == "named by tree " + folder.id("HEAD:dir") + " as file.txt");
}

TEST_CASE("an interrupted run returns, and then nothing is located") {
  GitFolder folder;
  fill(folder);
  Result<std::unique_ptr<core::HistorySource>> history = open_history(folder.repo());
  REQUIRE(history);
  RecordingSink sink;
  sink.cancel = true;
  CHECK((*history)->run(sink, 2));
  CHECK(sink.blobs == 0);
  const Result<core::Homes> homes = (*history)->locate({}, sink);
  REQUIRE_FALSE(homes);
  CHECK(homes.error().code == ErrorCode::cancelled);
}

TEST_CASE("locate() without run() is an error") {
  GitFolder folder;
  Result<std::unique_ptr<core::HistorySource>> history = open_history(folder.repo());
  RecordingSink sink;
  CHECK_FALSE((*history)->locate({}, sink));
}

}  // namespace
}  // namespace keytrail::git
