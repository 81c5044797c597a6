// Ignore rules against what git itself says.
#include "scanner/git/ignore.h"

#include <atomic>
#include <filesystem>
#include <fstream>

#include "scanner/base/thread.h"
#include "tests/support/catch.h"
#include "tests/unit/git/git_folder.h"

namespace keytrail::git {
namespace {

using test::GitFolder;

core::IgnoreProvider::Found rules_of(const std::string& folder) { return make_ignore_provider()->containing(folder); }

TEST_CASE("rules of all places count, and what is tracked is never ignored") {
  GitFolder folder;
  folder.write(".gitignore", "*.log\n/build/\n!keep.log\nout\n");
  folder.write("sub/.gitignore", "local.txt\n!again.log\n");
  folder.write(".git/info/exclude", "excluded\n");
  folder.write("global", "*.global\n", ".");
  folder.git("config core.excludesfile '" + folder.path("global") + "'");
  for (const char* name : {"build/tracked.c", "tracked.log", "src/a.c"}) folder.write(name, "x");
  folder.git("add -f .");
  folder.commit("first");
  folder.write("build/untracked.c", "x");
  const auto [rules, root] = rules_of(folder.repo());
  REQUIRE(rules);
  CHECK(root == folder.repo());
  struct Row {
    const char* path;
    bool is_folder;
    bool want;
  };
  const Row rows[] = {
      {"a.log", false, true},
      {"keep.log", false, false},
      {"tracked.log", false, false},
      {"sub/a.log", false, true},
      {"sub/again.log", false, false},
      {"sub/local.txt", false, true},
      {"local.txt", false, false},
      {"excluded", false, true},
      {"deep/er/excluded", false, true},
      {"x.global", false, true},
      {"build", true, false},
      {"build/tracked.c", false, false},
      {"build/untracked.c", false, true},
      {"build/new", true, true},
      {"sub/build", true, false},
      {"out", true, true},
      {"out", false, true},
      {"out/below", false, true},
      {"src", true, false},
      {"src/new.c", false, false},
      {"", true, false},
      {"build/", true, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path, row.is_folder);
    CHECK(rules->ignored(row.path, row.is_folder) == row.want);
  }
}

TEST_CASE("git agrees on every untracked file") {
  GitFolder folder;
  folder.write(".gitignore", "a*\n!ab*\n/b/c/\nd/**/e\n[xy].t\n\\!x\n#no\n f\nz/\n");
  for (const char* name : {"a", "ab", "abc/d", "b/c/d", "b/d/c/e", "d/e", "d/1/2/e", "d/1/e/f", "x.t", "z.t", "!x",
                           "#no", " f", "q/z/r", "q/a", "z"}) {
    folder.write(name, "x");
  }
  const auto [rules, root] = rules_of(folder.repo());
  REQUIRE(rules);
  int ignored = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.repo())) {
    const std::string path = entry.path().string().substr(folder.repo().size() + 1);
    if (path.starts_with(".git/") || path == ".git") continue;
    CAPTURE(path);
    const bool want = folder.try_git("check-ignore -q -- '" + path + "'");
    ignored += want ? 1 : 0;
    CHECK(rules->ignored(path, entry.is_directory()) == want);
  }
  CHECK(ignored > 8);
}

TEST_CASE("folders in no repository have no rules") {
  keytrail::test::TemporaryFolder folder;
  folder.write("a/b", "x");
  const auto provider = make_ignore_provider();
  CHECK_FALSE(provider->containing(folder.path("a")).rules);
  CHECK_FALSE(provider->containing("/").rules);
  CHECK_FALSE(provider->containing("").rules);
  CHECK_FALSE(provider->containing(folder.path("no/such")).rules);
}

TEST_CASE("the work tree around a folder is found, the innermost one, and kept") {
  GitFolder folder;
  folder.write(".gitignore", "outer\n");
  folder.git("init -q inner");
  folder.write("inner/.gitignore", "inner\n");
  folder.write("inner/x/y", "x");
  folder.write("fake/.git/empty", "");
  const auto provider = make_ignore_provider();
  const auto outer = provider->containing(folder.path("repo"));
  const auto inner = provider->containing(folder.path("repo/inner/x"));
  REQUIRE(outer.rules);
  REQUIRE(inner.rules);
  CHECK(inner.root == folder.path("repo/inner"));
  CHECK(inner.rules->ignored("inner", false));
  CHECK_FALSE(inner.rules->ignored("outer", false));
  CHECK(provider->containing(folder.path("repo/")).rules == outer.rules);
  CHECK(provider->containing(folder.path("repo/fake")).rules == outer.rules);  // its .git is no repository
}

TEST_CASE("linked work trees have rules, bare repositories have none") {
  GitFolder folder;
  folder.write(".gitignore", "*.log\n");
  folder.commit("first");
  folder.git("worktree add -q ../linked -b other");
  folder.git("clone -q --bare . ../bare.git");
  const auto linked = rules_of(folder.path("linked"));
  REQUIRE(linked.rules);
  CHECK(linked.rules->ignored("a.log", false));
  CHECK_FALSE(rules_of(folder.path("bare.git")).rules);
}

TEST_CASE("with an index that cannot be read the rules still work") {
  GitFolder folder;
  folder.write(".gitignore", "*.log\n");
  folder.commit("first");
  folder.write(".git/index", "this is no index");
  const auto [rules, root] = rules_of(folder.repo());
  REQUIRE(rules);
  CHECK(rules->ignored("a.log", false));
  CHECK_FALSE(rules->ignored("a.txt", false));
}

TEST_CASE("what a submodule holds is not for the rules around it") {
  GitFolder folder;
  folder.git("init -q -b main ../inner");
  folder.commit("inner", "inner");
  folder.write(".gitignore", "*.log\n");
  folder.git("submodule add -q ../inner module");
  folder.commit("first");
  const auto [rules, root] = rules_of(folder.repo());
  CHECK_FALSE(rules->ignored("module", true));
  CHECK_FALSE(rules->ignored("module/a.log", false));
  CHECK(rules->ignored("other/a.log", false));
}

TEST_CASE("many threads get the same answers") {
  GitFolder folder;
  folder.write(".gitignore", "*.log\n");
  folder.write("a/.gitignore", "!b.log\n");
  const auto provider = make_ignore_provider();
  std::atomic<int> wrong{0};
  run_workers(8, [&](unsigned) {
    const auto [rules, root] = provider->containing(folder.repo());
    for (int i = 0; i < 300; ++i) {
      if (!rules->ignored("a/" + std::to_string(i) + ".log", false)) ++wrong;
      if (rules->ignored("a/b.log", false)) ++wrong;
    }
  });
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace keytrail::git
