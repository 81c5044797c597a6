#include "scanner/git/repository.h"

#include <algorithm>
#include <filesystem>

#include "scanner/git/history.h"
#include "scanner/git/references.h"
#include "tests/support/catch.h"
#include "tests/unit/git/git_folder.h"

namespace keytrail::git {
namespace {

using test::GitFolder;

bool holds(const std::vector<ObjectName>& names, const std::string& hex) {
  return std::any_of(names.begin(), names.end(), [&](const ObjectName& name) { return name.hex() == hex; });
}

TEST_CASE("a repository is found at a path and above it") {
  GitFolder folder;
  folder.write("a/b/c.txt", "x");
  const std::string commit = folder.commit("first");
  folder.git("worktree add -q ../linked -b other");
  folder.git("clone -q --bare . ../bare.git");
  std::filesystem::create_directory(folder.path("pointed"));
  folder.write(".git", "gitdir: ../repo/.git\n", "pointed");
  struct Row {
    const char* name;
    const char* path;
    bool bare;
  };
  const Row rows[] = {
      {"the work tree", "repo", false},          {"a folder below it", "repo/a/b", false},
      {"its .git folder", "repo/.git", false},   {"a file below it", "repo/a/b/c.txt", false},
      {"a linked work tree", "linked/a", false}, {"a .git file", "pointed", false},
      {"a bare repository", "bare.git", true},   {"a folder of a bare one", "bare.git/refs/heads", true},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const Result<Repository> repository = Repository::open(folder.path(row.path));
      REQUIRE(repository);
      CHECK(repository->tip() == commit);
      CHECK(repository->work_tree().empty() == row.bare);
      CHECK(std::filesystem::exists(repository->common_folder() + "objects"));
    }
  }
}

TEST_CASE("where there is no repository the error says what to do") {
  keytrail::test::TemporaryFolder folder;
  for (const std::string& path : {folder.path(), folder.path("does/not/exist")}) {
    const auto opened = open_history(path);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::not_found);
    CHECK(opened.error().subject == path);
    CHECK(opened.error().message.find("keytrail scan PATH") != std::string::npos);
  }
}

TEST_CASE("formats that cannot be read are unsupported") {
  GitFolder folder;
  SECTION("SHA-256") {
    if (!folder.try_git("init -q --object-format=sha256 ../other")) return;
    const auto opened = open_history(folder.path("other"));
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::unsupported);
    CHECK(opened.error().message.find("sha256") != std::string::npos);
  }
  SECTION("reftables") {
    folder.git("config core.repositoryformatversion 1");
    folder.git("config extensions.refstorage files");
    CHECK(open_history(folder.repo()));
    folder.shell("sed -i 's/refstorage = files/refstorage = reftable/' repo/.git/config");
    const auto opened = open_history(folder.repo());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::unsupported);
  }
  SECTION("an extension that nobody knows") {
    folder.git("config core.repositoryformatversion 1");
    folder.shell("printf '[extensions]\\n\\tunheardof = true\\n' >> repo/.git/config");
    const auto opened = open_history(folder.repo());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::unsupported);
  }
  SECTION("extensions that change nothing about objects are read") {
    folder.git("config core.repositoryformatversion 1");
    folder.git("config extensions.partialclone origin");
    folder.git("config extensions.worktreeconfig true");
    CHECK(open_history(folder.repo()));
  }
}

TEST_CASE("a remote is told without its credentials") {
  struct Row {
    const char* url;
    const char* want;
  };
  const Row rows[] = {
      {"https://example.org/a/b.git", "https://example.org/a/b.git"},
      {"https://user"
       ":word@example.org/a/b.git",
       "https://example.org/a/b.git"},
      {"https://word@example.org/a@b", "https://example.org/a@b"},
      {"https://a@b@example.org", "https://example.org"},
      {"https://example.org/a?key=word#word", "https://example.org/a"},
      {"ssh://git@example.org:22/a", "ssh://example.org:22/a"},
      {"git@example.org:a/b.git", "example.org:a/b.git"},
      {"user:word@example.org:a/b.git", "example.org:a/b.git"},
      {"/srv/a@b/c.git", "/srv/a@b/c.git"},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CHECK(without_credentials(row.url) == row.want);
  }
  GitFolder folder;
  CHECK(Repository::open(folder.repo())->remote_uri().empty());
  folder.git(
      "remote add origin https://user"
      ":word@example.org/x");
  CHECK(Repository::open(folder.repo())->remote_uri() == "https://example.org/x");
}

TEST_CASE("references, HEADs and reflogs are what history starts at") {
  GitFolder folder;
  const std::string first = folder.commit("first");
  const std::string dropped = folder.commit("dropped");
  folder.git("reset -q --hard HEAD~1");
  const std::string tagged = folder.commit("tagged");
  folder.git("tag -a -m said v1");
  folder.git("pack-refs --all");
  folder.git("worktree add -q --detach ../linked");
  const std::string detached = folder.commit("detached", "linked");
  folder.shell("rm -rf repo/.git/worktrees/linked/logs");
  const auto repository = Repository::open(folder.repo());
  std::vector<ObjectName> roots;
  for (const Reference& reference : list_references(*repository)) roots.push_back(reference.target);
  const Holders holders = Holders::list(*repository);
  for (std::size_t i = 0; i < holders.size(); ++i) roots.push_back(holders.target(i));
  std::sort(roots.begin(), roots.end());
  CHECK(holds(roots, folder.id("v1")));
  CHECK(holds(roots, tagged));
  CHECK(holds(roots, first));
  CHECK(holds(roots, dropped));
  CHECK(holds(roots, detached));
  CHECK_FALSE(holds(roots, std::string(40, '0')));
}

TEST_CASE("a detached HEAD is the tip, and an empty repository has none") {
  GitFolder folder;
  CHECK(Repository::open(folder.repo())->tip().empty());
  const std::string first = folder.commit("first");
  folder.commit("second");
  folder.git("checkout -q " + first);
  CHECK(Repository::open(folder.repo())->tip() == first);
}

}  // namespace
}  // namespace keytrail::git
