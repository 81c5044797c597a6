// Which references lead to a commit, and what keeps one that none leads to: against git's own answers.
#include <algorithm>
#include <random>
#include <set>
#include <sstream>

#include "scanner/git/references.h"
#include "tests/support/catch.h"
#include "tests/unit/git/git_folder.h"

namespace keytrail::git {
namespace {

using core::Home;
using test::GitFolder;
using test::Swept;
using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The home of the message of a commit or tag.
Home home_of(const std::string& repository, const std::string& hex, unsigned threads = 2) {
  const core::Homes homes = Swept(repository, threads).locate({hex});
  return homes.at(core::ObjectId::from_hex(hex).value()).at(0);
}

TEST_CASE("references come as local branches, remote branches, tags by age, others") {
  GitFolder folder;
  const std::string first = folder.commit("first");
  folder.commit("second");
  folder.git("tag -a -m x a-late");
  folder.git("tag z-early HEAD~1");
  folder.git("branch zeta");
  folder.git("branch alpha/beta");
  folder.git("update-ref refs/remotes/origin/main HEAD");
  folder.git("symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main");
  folder.git("update-ref refs/pull/7/head HEAD");
  folder.git("tag zeta");  // twice the same name
  const Home home = home_of(folder.repo(), first);
  CHECK(home.reach->refs ==
        Lines{"alpha/beta", "main", "heads/zeta", "origin/main", "z-early", "a-late", "tags/zeta", "pull/7/head"});
  CHECK(home.reach->ref_count == 8);
  CHECK(home.reach->held_by.empty());
  folder.git("checkout -q --detach");
  CHECK(home_of(folder.repo(), first).reach->refs.back() == "pull/7/head");
  CHECK(home_of(folder.repo(), first).reach->ref_count == 9);
}

TEST_CASE("of many references twenty are listed and all are counted") {
  GitFolder folder;
  const std::string first = folder.commit("first");
  folder.shell(
      "cd repo && for i in $(seq 300); do echo \"create refs/heads/b$i $(git rev-parse HEAD)\"; done |"
      " git update-ref --stdin");
  const Home home = home_of(folder.repo(), first);
  CHECK(home.reach->refs.size() == 20);
  CHECK(home.reach->refs[2] == "b100");
  CHECK(home.reach->ref_count == 301);
}

TEST_CASE("a tag's message is reached by the references that name the tag") {
  GitFolder folder;
  folder.commit("first");
  folder.git("tag -a -m inner inner");
  folder.git("tag -a -m outer outer inner");
  const std::string inner = folder.id("inner");
  CHECK(home_of(folder.repo(), inner).reach->refs == Lines{"inner", "outer"});
  folder.git("tag -d inner");
  CHECK(home_of(folder.repo(), inner).reach->refs == Lines{"outer"});
  folder.git("tag -d outer");
  CHECK_FALSE(home_of(folder.repo(), inner).reachable);
  CHECK(home_of(folder.repo(), inner).reach == nullptr);
}

TEST_CASE("a commit of another work tree's HEAD is held by it") {
  GitFolder folder;
  folder.commit("first");
  folder.git("worktree add -q --detach ../linked");
  const std::string alone = folder.commit("alone", "linked");
  const Home seen = home_of(folder.repo(), alone);
  CHECK_FALSE(seen.reachable);
  CHECK(seen.reach->held_by == "worktrees/linked/HEAD");
  CHECK(folder.id("worktrees/linked/HEAD") == alone);
  // Seen from there it is HEAD itself.
  const Home own = home_of(folder.path("linked"), alone);
  CHECK(own.reachable);
  CHECK(own.reach->refs == Lines{"HEAD"});
}

TEST_CASE("what the first entry of a reflog was made from is held too") {
  GitFolder folder;
  folder.commit("first");
  const std::string dropped = folder.commit("dropped");
  folder.git("reset -q --hard HEAD~1");
  // Only the last line, whose old value is the dropped commit.
  folder.shell("cd repo/.git/logs && tail -n 1 refs/heads/main > x && mv x refs/heads/main && : > HEAD");
  CHECK(home_of(folder.repo(), dropped).reach->held_by == "main@{1}");
}

TEST_CASE("a damaged reflog holds what can be read of it") {
  GitFolder folder;
  folder.commit("first");
  const std::string dropped = folder.commit("dropped");
  folder.git("reset -q --hard HEAD~1");
  folder.shell("cd repo/.git/logs && : > HEAD && printf 'no line of a reflog\\n\\n%080d\\n' 0 >> refs/heads/main");
  CHECK(home_of(folder.repo(), dropped).reach->held_by == "main@{1}");
}

TEST_CASE("branch patterns match whole names") {
  const auto reference = [](const char* name) { return Reference{name, {}, {}, Reference::Kind::other}; };
  struct Row {
    const char* pattern;
    const char* name;
    bool want;
  };
  constexpr Row kRows[] = {{"main", "refs/heads/main", true},
                           {"heads/main", "refs/heads/main", true},
                           {"refs/heads/main", "refs/heads/main", true},
                           {"main", "refs/heads/x/main", false},
                           {"x", "refs/heads/x/main", false},
                           {"x/*", "refs/heads/x/main", true},
                           {"*", "refs/heads/main", true},
                           {"*", "refs/heads/x/main", false},
                           {"**", "refs/heads/x/main", true},
                           {"v1.*", "refs/tags/v1.2", true},
                           {"v1.*", "refs/tags/v12", false},
                           {"origin/*", "refs/remotes/origin/main", true},
                           {"heads", "refs/heads/main", false},
                           {"", "refs/heads/main", false},
                           {"/", "refs/heads/main", false},
                           {"mai", "refs/heads/main", false}};
  for (const Row& row : kRows) {
    DYNAMIC_SECTION(row.pattern << " " << row.name) {
      CHECK(reference_matches(row.pattern, reference(row.name)) == row.want);
    }
  }
}

// A history with many roots, merges, branches and tags, as `git fast-import` takes it.
std::string random_history(unsigned seed, unsigned commits) {
  std::mt19937 random(seed);
  const auto pick = [&random](std::size_t below) { return static_cast<unsigned>(random() % below); };
  constexpr const char* kKinds[] = {"refs/heads/b", "refs/tags/t", "refs/remotes/o/r", "refs/pull/p"};
  std::ostringstream stream;
  for (unsigned i = 1; i <= commits; ++i) {
    stream << "commit refs/heads/work\nmark :" << i << "\ncommitter C <c@example.org> "
           << GitFolder::kFirstTime + pick(5000) << " +0000\ndata 1\nx\n";
    if (i == 1 || pick(40) == 0) {
      stream << "from 0000000000000000000000000000000000000000\n";
    } else {
      const unsigned from = i - 1 - pick(std::min(i - 1, 5U));
      const unsigned other = 1 + pick(i - 1);
      stream << "from :" << from << "\n";
      if (pick(3) == 0 && other != from) stream << "merge :" << other << "\n";
    }
    if (pick(2) == 0) stream << "reset " << kKinds[pick(4)] << i << "\nfrom :" << i << "\n\n";
  }
  return stream.str();
}

void check_as_git_tells(const GitFolder& folder, const Home& home, const std::string& commit) {
  const Lines want = lines_of(folder.git("for-each-ref --contains " + commit + " --format='%(refname:short)'"));
  const std::set<std::string> names(want.begin(), want.end());
  CHECK(home.reachable == !want.empty());
  if (want.empty()) return;
  REQUIRE(home.reach != nullptr);
  CHECK(home.reach->ref_count == want.size());
  CHECK(home.reach->refs.size() == std::min<std::size_t>(core::Reach::kMaxRefs, want.size()));
  for (const std::string& name : home.reach->refs) CHECK(names.contains(name));
}

// The last one has more of both commits and references than one pass carries. Of few commits it is asked upwards, of
// all of them downwards.
TEST_CASE("references of random histories are those that git tells") {
  const unsigned seed = GENERATE(1U, 2U, 3U);
  GitFolder folder;
  folder.write("stream", random_history(seed, seed == 3 ? 700 : 60), ".");
  folder.git("fast-import --quiet --force < ../stream");
  Lines all;
  for (const std::string& line : lines_of(folder.git("cat-file --batch-all-objects --batch-check"))) {
    if (line.find(" commit ") != std::string::npos) all.push_back(line.substr(0, 40));
  }
  const Lines few(all.begin(), all.begin() + 3);
  for (const Lines& asked : {few, all}) {
    const core::Homes homes = Swept(folder.repo()).locate(asked);
    REQUIRE(homes.size() == asked.size());
    for (std::size_t i = 0; i < asked.size(); i += 1 + asked.size() / 25) {
      check_as_git_tells(folder, homes.at(core::ObjectId::from_hex(asked[i]).value()).at(0), asked[i]);
    }
  }
}

}  // namespace
}  // namespace keytrail::git
