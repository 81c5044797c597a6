// Comparing trees: what is new, at which paths, and what was replaced.
#include "scanner/git/tree_diff.h"

#include <algorithm>
#include <set>

#include "tests/support/catch.h"
#include "tests/unit/git/git_folder.h"

namespace keytrail::git {
namespace {

using test::GitFolder;
using Texts = std::set<std::string>;

// A Lookup over a repository, and what a comparison says in it.
struct Compared {
  explicit Compared(const GitFolder& repositories, const std::string& below = "repo/.git")
      : folder(repositories), lookup(Lookup::open(object_folders(folder.path(below + "/objects"), {})).value()) {}

  ObjectName tree(const std::string& revision) const {
    return parse_object_name(folder.id(revision + "^{tree}")).value();
  }
  ObjectName blob(const std::string& revision) const { return parse_object_name(folder.id(revision)).value(); }

  Texts introduced(const ObjectName& now, const std::vector<ObjectName>& before) {
    Texts found;
    TreeDiff{lookup, [this](const Error& error) { errors.insert(error.subject); }}.introduced(
        now, before, [&](const TreeEntry& entry) {
          found.insert(std::string(entry.name) + (entry.kind == TreeEntry::Kind::submodule ? "@" : ""));
        });
    return found;
  }
  Texts introduced_at(const ObjectName& now, const std::vector<ObjectName>& before, const ObjectNames& wanted) {
    Texts found;
    complete = TreeDiff{lookup, [](const Error&) {}}.introduced_at(
        now, before, wanted, limit, [&](const std::string& path, const ObjectName&) { found.insert(path); });
    return found;
  }
  std::size_t replaced(const ObjectName& now, const ObjectName& before) {
    std::size_t count = 0;
    TreeDiff{lookup, [](const Error&) {}}.replaced(
        now, before, [&](const ObjectName&, const std::optional<ObjectName>&) { ++count; });
    return count;
  }

  const GitFolder& folder;
  Library library;
  Lookup lookup;
  Texts errors;
  std::size_t limit = 1000;
  bool complete = false;
};

TEST_CASE("what no parent has at its path is new") {
  GitFolder folder;
  folder.write("same", "same");
  folder.write("dir/edited", "one");
  folder.write("dir.txt", "between the two orders of names");
  folder.write("dir0", "behind");
  folder.write("deep/er/moved", "moved");
  folder.commit("first");
  folder.write("dir/edited", "two");
  folder.write("dir/new", "new");
  folder.git("mv deep/er/moved deep/moved");
  folder.commit("second");
  Compared compared(folder);
  const ObjectName now = compared.tree("HEAD");
  const ObjectName before = compared.tree("HEAD^");
  CHECK(compared.introduced(now, {before}) == Texts{"edited", "new", "moved"});
  CHECK(compared.introduced(now, {before, now}).empty());
  CHECK(compared.introduced(now, {now}).empty());
  CHECK(compared.introduced(now, {}).size() == 6);
  CHECK(compared.introduced(now, {ObjectName{}}).size() == 6);
  CHECK(compared.introduced(ObjectName{}, {now}).empty());
  CHECK(compared.introduced_at(now, {before}, {compared.blob("HEAD:deep/moved")}) == Texts{"deep/moved"});
  CHECK(compared.introduced_at(now, {before}, {compared.blob("HEAD:same")}).empty());
  CHECK(compared.replaced(now, before) == 2);
  CHECK(compared.replaced(ObjectName{}, before) == 5);
  CHECK(compared.replaced(now, ObjectName{}) == 0);
  CHECK(compared.errors.empty());
}

TEST_CASE("a blob that each parent has elsewhere alone is new, one that any has there is not") {
  GitFolder folder;
  folder.write("a", "one");
  folder.commit("first");
  folder.write("a", "two");
  folder.commit("second");
  folder.write("a", "three");
  folder.commit("third");
  Compared compared(folder);
  const ObjectName one = compared.tree("HEAD~2");
  const ObjectName two = compared.tree("HEAD~1");
  const ObjectName three = compared.tree("HEAD");
  CHECK(compared.introduced(three, {one, two}) == Texts{"a"});
  CHECK(compared.introduced(two, {one, two}).empty());
}

TEST_CASE("a file that becomes a folder, and a folder that becomes a submodule, are new") {
  GitFolder folder;
  folder.write("a", "one");
  folder.write("b/c", "two");
  folder.commit("first");
  folder.git("rm -q -r a b");
  folder.write("a/d", "one");
  folder.git("update-index --add --cacheinfo 160000," + folder.id("HEAD") + ",b");
  folder.git("add a");
  folder.git("commit -q -m second");
  Compared compared(folder);
  CHECK(compared.introduced(compared.tree("HEAD"), {compared.tree("HEAD^")}) == Texts{"d", "b@"});
  CHECK(compared.introduced_at(compared.tree("HEAD"), {compared.tree("HEAD^")}, {compared.blob("HEAD:a/d")}) ==
        Texts{"a/d"});
}

TEST_CASE("a tree nested in itself costs its folders, not its paths") {
  GitFolder folder;
  folder.write("blob", "wanted");
  folder.git("add blob");
  std::string tree = folder.git("write-tree");
  for (int level = 0; level < 40; ++level) {
    folder.shell("printf '040000 tree " + tree + "\\tx\\n040000 tree " + tree + "\\ty\\n' > lines");
    tree = folder.git("mktree < ../lines");
  }
  Compared compared(folder);
  const ObjectName bomb = parse_object_name(tree).value();
  const ObjectName blob = parse_object_name(folder.git("rev-parse :blob")).value();
  CHECK(compared.introduced(bomb, {}) == Texts{"blob"});
  CHECK(compared.introduced_at(bomb, {}, {blob}).size() == compared.limit);
  CHECK_FALSE(compared.complete);
  CHECK(compared.introduced_at(bomb, {}, {ObjectName{}}).empty());
  CHECK(compared.complete);
  CHECK(compared.replaced(ObjectName{}, bomb) == 1);
}

TEST_CASE("a folder that cannot be read is named, and costs what is in it alone") {
  GitFolder folder;
  folder.write("dir/a", "a");
  folder.write("z", "z");
  folder.commit("first");
  Compared compared(folder);
  const ObjectName root = compared.tree("HEAD");
  const std::string lost = folder.id("HEAD:dir");
  test::overwrite(folder.loose(lost), "no object");
  CHECK(compared.introduced(root, {}) == Texts{"z"});
  CHECK(compared.errors == Texts{lost});
}

TEST_CASE("an entry is found by its path") {
  GitFolder folder;
  folder.write("dir/er/a", "a");
  folder.commit("first");
  Compared compared(folder);
  const ObjectName root = compared.tree("HEAD");
  CHECK(entry_at(compared.lookup, root, "dir/er/a")->object == compared.blob("HEAD:dir/er/a"));
  CHECK(entry_at(compared.lookup, root, "dir/er")->kind == TreeEntry::Kind::tree);
  for (const char* path : {"", "a", "dir/er/b", "dir/er/a/b", "dir//a", "/dir"}) {
    CHECK_FALSE(entry_at(compared.lookup, root, path).has_value());
  }
  CHECK_FALSE(entry_at(compared.lookup, ObjectName{}, "dir").has_value());
}

TEST_CASE("objects are found loose, packed, and in alternates of alternates") {
  GitFolder folder;
  folder.write("a", "packed");
  folder.commit("first");
  folder.git("repack -q -a -d");
  folder.write("b", "loose");
  folder.commit("second");
  folder.git("clone -q --bare --shared repo one", ".");
  folder.git("clone -q --bare --shared one two", ".");
  Compared compared(folder, "two");
  CHECK(object_folders(folder.path("two/objects"), {}).size() == 3);
  CHECK(compared.introduced(compared.tree("HEAD"), {}) == Texts{"a", "b"});
  CHECK(compared.lookup.read(compared.blob("HEAD:b"), ObjectType::blob)->bytes == "loose");
  CHECK(compared.lookup.read(compared.blob("HEAD:a"), ObjectType::tree).error().code == ErrorCode::corrupt);
  CHECK(compared.lookup.read(ObjectName{}).error().code == ErrorCode::not_found);
}

}  // namespace
}  // namespace keytrail::git
