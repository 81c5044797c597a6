// Ranges of commits: the same as git's, whatever the history looks like.
#include "scanner/git/commit_range.h"

#include <algorithm>
#include <random>
#include <sstream>

#include "scanner/git/path_states.h"
#include "tests/support/catch.h"
#include "tests/unit/git/git_folder.h"

namespace keytrail::git {
namespace {

using test::GitFolder;
using test::RecordingSink;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

struct Walked {
  explicit Walked(const std::string& path) : repository(Repository::open(path).value()) {}

  Result<RangeSpec> parse(const std::string& text) const { return parse_range(repository, text); }
  CommitRange range(const RangeSpec& spec) {
    Lookup lookup = Lookup::open(object_folders(repository.common_folder() + "objects", {})).value();
    return commits_of(lookup, spec, repository.shallow_commits(), sink);
  }
  std::vector<std::string> names(const std::string& text) {
    std::vector<std::string> found;
    for (const RangeCommit& commit : range(parse(text).value()).commits) found.push_back(commit.name.hex());
    std::sort(found.begin(), found.end());
    return found;
  }

  Repository repository;
  RecordingSink sink;
};

// Commits with random parents among the last ones, and clocks that now and then are days wrong. Named c0, c1, …
void make_history(const GitFolder& folder, unsigned seed, int count) {
  std::mt19937 random(seed);
  std::string script;
  for (int i = 0; i < count; ++i) {
    const std::int64_t wrong = random() % 6 == 0 ? static_cast<std::int64_t>(random() % 600'000) - 300'000 : 0;
    script += "commit refs/tags/c" + std::to_string(i) + "\nmark :" + std::to_string(i + 1) +
              "\ncommitter A <a@example.org> " + std::to_string(1'700'000'000 + i * 600 + wrong) +
              " +0000\ndata 1\nx\n";
    const int parents = i == 0 || random() % 25 == 0 ? 0 : random() % 4 == 0 ? 2 : 1;
    for (int p = 0; p < parents; ++p) {
      script += (p == 0 ? "from :" : "merge :") +
                std::to_string(1 + std::max<int>(0, i - 1 - static_cast<int>(random() % 8))) + "\n";
    }
    script += "M 644 inline f" + std::to_string(random() % 5) + "\ndata 2\n" + std::to_string(random() % 10) + "\n\n";
  }
  folder.write("script", script, ".");
  folder.git("fast-import --quiet < ../script");
}

// Not what `git rev-list one..two` says: where clocks are wrong that has commits which both reach.
TEST_CASE("a range has the commits that one side reaches and the other does not") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    GitFolder folder;
    make_history(folder, seed, 60);
    Walked walked(folder.repo());
    std::mt19937 random(seed);
    for (int round = 0; round < 8; ++round) {
      const std::string one = "c" + std::to_string(random() % 60);
      const std::string two = "c" + std::to_string(random() % 60);
      INFO(seed << " " << one << " " << two);
      const auto reached_by_one = lines_of(folder.git("rev-list " + one));
      const auto reached_by_two = lines_of(folder.git("rev-list " + two));
      std::vector<std::string> want;
      std::set_difference(reached_by_two.begin(), reached_by_two.end(), reached_by_one.begin(), reached_by_one.end(),
                          std::back_inserter(want));
      CHECK(walked.names(one + ".." + two) == want);
      want.clear();
      std::set_symmetric_difference(reached_by_two.begin(), reached_by_two.end(), reached_by_one.begin(),
                                    reached_by_one.end(), std::back_inserter(want));
      CHECK(walked.names(one + "..." + two) == want);
      CHECK(walked.names(two + "^!") == std::vector<std::string>{folder.id(two)});
    }
  }
}

TEST_CASE("parents come before children, and are named with their trees") {
  GitFolder folder;
  make_history(folder, 9, 60);
  Walked walked(folder.repo());
  const CommitRange range = walked.range(walked.parse("c5...c59").value());
  REQUIRE(range.commits.size() > 3);
  CHECK(range.skips.empty());
  for (std::size_t i = 0; i < range.commits.size(); ++i) {
    for (const std::size_t parent : range.commits[i].parents) CHECK(parent < i);
    const std::string name = range.commits[i].name.hex();
    std::vector<std::string> trees;
    for (const ObjectName& tree : range.commits[i].parent_trees) trees.push_back(tree.hex());
    const std::string parents = folder.git("log -1 --format=%P " + name);
    std::istringstream stream(parents);
    std::vector<std::string> want;
    for (std::string parent; stream >> parent;) want.push_back(folder.id(parent + "^{tree}"));
    CHECK(trees == want);
  }
}

TEST_CASE("a parent that is not there is named, and the excluded commits are compared with instead") {
  GitFolder folder;
  folder.write("a", "1");
  folder.commit("first");
  folder.git("branch excluded");
  folder.write("a", "2");
  const std::string lost = folder.commit("second");
  folder.write("a", "3");
  folder.commit("third");
  const std::string excluded = folder.id("excluded^{tree}");
  test::overwrite(folder.loose(lost), "");
  Walked walked(folder.repo());
  const CommitRange range = walked.range(walked.parse("excluded..HEAD").value());
  REQUIRE(range.commits.size() == 1);
  REQUIRE(range.commits[0].parent_trees.size() == 1);
  CHECK(range.commits[0].parent_trees[0].hex() == excluded);
  REQUIRE(range.skips.size() == 1);
  CHECK(range.skips[0].path == lost);
  CHECK(range.skips[0].reason == core::SkipReason::corrupt_object);
}

TEST_CASE("the end of a shallow clone is said when the range goes on behind it") {
  GitFolder folder;
  for (int i = 0; i < 5; ++i) folder.commit("commit");
  folder.git("branch old HEAD~4");
  folder.git("clone -q --depth 2 --no-single-branch file://" + folder.repo() + " shallow", ".");
  Walked walked(folder.path("shallow"));
  const CommitRange complete = walked.range(walked.parse("HEAD^..HEAD").value());
  CHECK(complete.commits.size() == 1);
  CHECK(complete.skips.empty());
  const CommitRange cut = walked.range(walked.parse("origin/old..HEAD").value());
  CHECK(cut.commits.size() == 2);
  REQUIRE(cut.skips.size() == 1);
  CHECK(cut.skips[0].reason == core::SkipReason::shallow);
  CHECK(cut.skips[0].detail.find("git fetch --unshallow") != std::string::npos);
  CHECK(walked.parse("HEAD~4..HEAD").error().message.find("git fetch --unshallow") != std::string::npos);
  CHECK(walked.parse("origin/old...HEAD").error().message.find("git fetch --unshallow") != std::string::npos);
}

TEST_CASE("what is no range is refused") {
  GitFolder folder;
  folder.write("a", "a");
  folder.commit("first");
  const Walked walked(folder.repo());
  struct Row {
    const char* text;
    ErrorCode code;
    const char* subject;
  };
  const Row rows[] = {
      {"HEAD", ErrorCode::invalid_argument, "HEAD"},      {"", ErrorCode::invalid_argument, ""},
      {"nowhere..HEAD", ErrorCode::not_found, "nowhere"}, {"HEAD..nowhere", ErrorCode::not_found, "nowhere"},
      {"HEAD....HEAD", ErrorCode::not_found, ".HEAD"},    {"HEAD:a..HEAD", ErrorCode::invalid_argument, "HEAD:a"},
      {"nowhere^!", ErrorCode::not_found, "nowhere"},     {"^!", ErrorCode::invalid_argument, "^!"},
      {"HEAD~1..HEAD", ErrorCode::not_found, "HEAD~1"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const Result<RangeSpec> spec = walked.parse(row.text);
    REQUIRE_FALSE(spec.has_value());
    CHECK(spec.error().code == row.code);
    CHECK(spec.error().subject == row.subject);
  }
}

TEST_CASE("the states of paths are those that git shows") {
  GitFolder folder;
  make_history(folder, 3, 40);
  Walked walked(folder.repo());
  const std::vector<RangeCommit> commits = walked.range(walked.parse("c2..c39").value()).commits;
  Lookup lookup = Lookup::open(object_folders(walked.repository.common_folder() + "objects", {})).value();
  const std::vector<std::string> paths = {"f0", "f1", "f2/f", "none", "f0"};
  const PathStates states(lookup, commits, paths);
  REQUIRE(states.known());
  for (std::size_t i = 0; i < commits.size(); ++i) {
    for (std::size_t path = 0; path < paths.size(); ++path) {
      const std::string at = commits[i].name.hex() + ":" + paths[path];
      const bool there = folder.try_git("rev-parse -q --verify " + at);
      CHECK((states.at(i, path) != ObjectName{}) == there);
      if (there) CHECK(states.at(i, path).hex() == folder.id(at));
    }
  }
}

}  // namespace
}  // namespace keytrail::git
