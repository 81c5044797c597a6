// locate(): the commits that brought wanted blobs, and those that took them away.
#include <map>

#include "tests/support/catch.h"
#include "tests/unit/git/git_folder.h"

namespace keytrail::git {
namespace {

using core::Home;
using core::SkipReason;
using test::GitFolder;
using test::Swept;
using test::told;
using Lines = std::vector<std::string>;
using Names = std::map<std::string, std::string>;

// What keeps the only home of the only object.
std::string held_by(const core::Homes& homes) {
  REQUIRE(homes.size() == 1);
  REQUIRE(homes.begin()->second.size() == 1);
  const Home& home = homes.begin()->second[0];
  return home.reach == nullptr ? std::string() : home.reach->held_by;
}

TEST_CASE("a file that was added and removed has both commits, author and time") {
  GitFolder folder;
  folder.write("other", "o");
  folder.commit("first");
  folder.write("dir/wanted", "w");
  Names names{{"added", folder.commit("added")}};
  const std::string blob = folder.id("HEAD:dir/wanted");
  folder.write("other", "p");
  folder.commit("between");
  folder.git("rm -q dir/wanted");
  names["removed"] = folder.commit("removed");
  folder.commit("after");
  for (const unsigned threads : {1U, 2U, 8U}) {
    Swept swept(folder.repo(), threads);
    const core::Homes homes = swept.locate({blob});
    CHECK(told(homes, blob, names) == Lines{"dir/wanted added removed R"});
    const Home& home = homes.begin()->second.at(0);
    CHECK(home.author == "Ann Author <ann@example.org>");
    CHECK(home.author_time == GitFolder::kFirstTime + 120);
    CHECK(home.author_offset_minutes == 90);
    CHECK(home.committer == "Cy Committer <cy@example.org>");
    CHECK(home.commit_time == home.author_time);
    CHECK(home.committed_apart());
  }
}

TEST_CASE("what HEAD still has is at the tip and not removed") {
  GitFolder folder;
  folder.write("a", "w");
  Names names{{"first", folder.commit("first")}};
  const std::string blob = folder.id("HEAD:a");
  folder.commit("second");
  Swept swept(folder.repo());
  CHECK(told(swept.locate({blob}), blob, names) == Lines{"a first - TR"});
}

TEST_CASE("what only another branch removed is still at the tip") {
  GitFolder folder;
  folder.write("a", "w");
  Names names{{"first", folder.commit("first")}};
  const std::string blob = folder.id("HEAD:a");
  folder.git("checkout -q -b side");
  folder.git("rm -q a");
  names["removed"] = folder.commit("removed");
  folder.git("checkout -q main");
  CHECK(told(Swept(folder.repo()).locate({blob}), blob, names) == Lines{"a first - TR"});
  folder.git("checkout -q side");
  CHECK(told(Swept(folder.repo()).locate({blob}), blob, names) == Lines{"a first removed R"});
}

TEST_CASE("a blob that moves, comes back and is copied has a home for each, by time") {
  GitFolder folder;
  folder.write("one", "wanted text");
  Names names{{"1", folder.commit("1")}};
  const std::string blob = folder.id("HEAD:one");
  folder.git("mv one two");
  names["2"] = folder.commit("2");
  folder.write("two", "wanted text, edited");
  names["3"] = folder.commit("3");
  folder.write("one", "wanted text");
  folder.write("copy/of/one", "wanted text");
  names["4"] = folder.commit("4");
  folder.git("rm -q -r one");
  names["5"] = folder.commit("5");
  Swept swept(folder.repo());
  CHECK(told(swept.locate({blob}), blob, names) == Lines{"one 1 2 R", "two 2 3 R", "copy/of/one 4 - TR", "one 4 5 R"});
}

TEST_CASE("a merge brings only what no parent had") {
  GitFolder folder;
  folder.write("file", "base");
  folder.commit("base");
  folder.git("checkout -q -b side");
  folder.write("file", "side");
  folder.write("side-only", "s");
  Names names{{"side", folder.commit("side")}};
  folder.git("checkout -q main");
  folder.write("file", "main");
  names["main"] = folder.commit("main");
  folder.tick();
  CHECK_FALSE(folder.try_git("merge -q side"));
  folder.write("file", "resolved by hand");
  names["merge"] = folder.commit("merge");
  const std::string resolved = folder.id("HEAD:file");
  const std::string of_side = folder.id("side:file");
  const std::string of_main = folder.id("main~1:file");
  const std::string side_only = folder.id("HEAD:side-only");
  Swept swept(folder.repo());
  const core::Homes homes = swept.locate({resolved, of_side, of_main, side_only});
  CHECK(told(homes, resolved, names) == Lines{"file merge - TR"});
  CHECK(told(homes, of_side, names) == Lines{"file side merge R"});
  CHECK(told(homes, of_main, names) == Lines{"file main merge R"});
  CHECK(told(homes, side_only, names) == Lines{"side-only side - TR"});
}

TEST_CASE("a removal belongs to the lineage that it ends") {
  GitFolder folder;
  folder.commit("root");
  folder.git("checkout -q -b left");
  folder.write("f", "w");
  Names names{{"left", folder.commit("left")}};
  folder.git("checkout -q -b right main");
  folder.write("f", "w");
  names["right"] = folder.commit("right");
  const std::string blob = folder.id("HEAD:f");
  folder.git("rm -q f");
  names["right removed"] = folder.commit("right removed");
  folder.git("checkout -q main");
  Swept swept(folder.repo());
  CHECK(told(swept.locate({blob}), blob, names) == Lines{"f left - R", "f right right removed R"});
}

TEST_CASE("commits that no reference leads to are homes, but not reachable") {
  GitFolder folder;
  folder.commit("first");
  folder.write("w", "wanted");
  Names names{{"dropped", folder.commit("dropped")}};
  const std::string blob = folder.id("HEAD:w");
  folder.git("reset -q --hard HEAD~1");
  core::Homes homes = Swept(folder.repo()).locate({blob});
  CHECK(told(homes, blob, names) == Lines{"w dropped - "});
  CHECK(held_by(homes) == "main@{1}");
  folder.git("reflog expire --expire=now --all");
  homes = Swept(folder.repo()).locate({blob});
  CHECK(told(homes, blob, names) == Lines{"w dropped - "});
  CHECK(held_by(homes).empty());
}

TEST_CASE("blobs of the index only have its path and no commit, dangling ones have no home") {
  GitFolder folder;
  folder.commit("first");
  folder.write("staged", "staged only");
  folder.git("add staged");
  const std::string blob = folder.id(":staged");
  Swept swept(folder.repo());
  CHECK(swept.sink.bytes.contains(blob));
  const core::Homes homes = swept.locate({blob});
  CHECK(held_by(homes) == "index");
  CHECK(homes.begin()->second.at(0).path == "staged");
  CHECK_FALSE(homes.begin()->second.at(0).has_commit());
  folder.git("rm -q --cached staged");
  CHECK(Swept(folder.repo()).locate({blob}).empty());
}

TEST_CASE("stashes and notes are reached") {
  GitFolder folder;
  folder.write("f", "as committed");
  folder.commit("first");
  folder.write("f", "stashed once");
  folder.tick();
  folder.git("stash -q");
  const std::string older = folder.id("stash@{0}:f");
  Names names{{"older", folder.id("stash@{0}")}, {"older index", folder.id("stash@{0}^2")}};
  folder.write("f", "stashed twice");
  folder.tick();
  folder.git("stash -q");
  folder.tick();
  folder.git("notes add -m 'a note'");
  const std::string note = folder.git("notes list HEAD");
  Swept swept(folder.repo());
  const core::Homes homes = swept.locate({older, note});
  CHECK(told(homes, older, names) == Lines{"f older - "});
  CHECK(homes.at(core::ObjectId::from_hex(older).value()).at(0).reach->held_by == "stash@{1}");
  REQUIRE(told(homes, note, {}).size() == 1);
  CHECK(told(homes, note, {})[0] == folder.id("HEAD") + " " + folder.id("refs/notes/commits") + " - R");
}

TEST_CASE("messages stand at their commit, a tag's at what it tags") {
  GitFolder folder;
  Names names{{"first", folder.commit("first")}};
  folder.tick();
  folder.git("tag -a -m said v1");
  folder.git("tag -a -m 'said of a tag' v2 v1");
  const std::string tag = folder.id("v1");
  const std::string outer = folder.id("v2");
  names["second"] = folder.commit("second");
  Swept swept(folder.repo());
  const core::Homes homes = swept.locate({names["first"], names["second"], tag, outer});
  CHECK(told(homes, names["first"], names) == Lines{" first - R"});
  CHECK(told(homes, names["second"], names) == Lines{" second - TR"});
  CHECK(told(homes, tag, names) == Lines{" first - R"});
  CHECK(told(homes, outer, names) == Lines{" first - R"});
  const Home& home = homes.at(core::ObjectId::from_hex(tag).value()).at(0);
  CHECK(home.author == "Cy Committer <cy@example.org>");
  CHECK(home.author_time == GitFolder::kFirstTime + 120);
  folder.git("tag -d v1");
  folder.git("tag -d v2");
  CHECK(told(Swept(folder.repo()).locate({tag}), tag, names) == Lines{" first - "});
}

TEST_CASE("a tag of a blob has a tagger and no commit, and leads to the blob") {
  GitFolder folder;
  folder.write("f", "x");
  folder.commit("first");
  folder.write("g", "y");
  folder.git("tag -a -m said v1 $(git hash-object -w g)");
  const std::string blob = folder.id("v1^{}");
  Swept swept(folder.repo());
  for (const std::string& id : {folder.id("v1"), blob}) {
    const core::Homes homes = swept.locate({id});
    REQUIRE(homes.size() == 1);
    const Home& home = homes.begin()->second.at(0);
    CHECK_FALSE(home.has_commit());
    CHECK(home.reachable);
    CHECK(home.author == (id == blob ? "" : "Cy Committer <cy@example.org>"));
    CHECK(home.reach->refs == Lines{"v1"});
  }
}

TEST_CASE("a shallow clone's first commits bring all that they have") {
  GitFolder folder;
  folder.write("f", "x");
  folder.commit("first");
  Names names{{"second", folder.commit("second")}};
  folder.git("clone -q --depth 1 'file://" + folder.repo() + "' ../shallow");
  const std::string blob = folder.id("HEAD:f");
  CHECK(told(Swept(folder.path("shallow")).locate({blob}), blob, names) == Lines{"f second - TR"});
}

TEST_CASE("ids that the repository does not have are passed over") {
  GitFolder folder;
  folder.commit("first");
  Swept swept(folder.repo());
  CHECK(swept.locate({std::string(40, 'a'), std::string(64, 'b'), folder.id("HEAD^{tree}")}).empty());
}

TEST_CASE("packed histories have the same homes") {
  GitFolder folder;
  for (int i = 0; i < 30; ++i) {
    folder.write("a/" + std::to_string(i % 5), "version " + std::to_string(i / 10));
    folder.commit(std::to_string(i));
  }
  const std::string blob = folder.id("HEAD~15:a/3");
  const Lines loose = told(Swept(folder.repo()).locate({blob}), blob, {});
  REQUIRE(loose.size() == 5);
  folder.git("repack -q -a -d -f");
  for (const unsigned threads : {1U, 2U, 8U})
    CHECK(told(Swept(folder.repo(), threads).locate({blob}), blob, {}) == loose);
}

// Ten trees of ten entries each, every entry the next tree: 10^10 paths to one blob.
TEST_CASE("a tree bomb is cut, and said to be") {
  GitFolder folder;
  folder.shell(
      "cd repo && b=$(printf wanted | git hash-object -w --stdin) && e=\"100644 blob $b\" && for d in 0 1 2 3 4 5 6 7 "
      "8 9; do"
      " t=$(for i in 0 1 2 3 4 5 6 7 8 9; do printf '%s\\tn%s\\n' \"$e\" $i; done | git mktree); e=\"040000 tree $t\";"
      " done; echo $t > ../tree; echo $b > ../blob");
  const std::string blob = test::read(folder.path("blob")).substr(0, 40);
  folder.tick();
  const std::string commit = folder.git("commit-tree -m bomb $(cat ../tree)");
  folder.git("update-ref refs/heads/main " + commit);
  Swept swept(folder.repo());
  const core::Homes homes = swept.locate({blob});
  CHECK(swept.sink.has(SkipReason::budget, commit));
  CHECK(homes.size() == 1);
}

}  // namespace
}  // namespace keytrail::git
