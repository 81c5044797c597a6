#include "scanner/cli/ci_system.h"

#include <map>

#include "tests/support/catch.h"

namespace keytrail {
namespace {

using cli::CiChange;

Result<CiChange> change(const std::string& system, const std::map<std::string, std::string>& variables,
                        const std::string& event = "") {
  const auto variable = [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  };
  const auto file = [&](const std::string& path) -> Result<std::string> {
    if (event.empty()) return make_error(ErrorCode::not_found, "no such file", path);
    return event;
  };
  return cli::ci_change(system, {variable, file});
}

TEST_CASE("auto takes the system whose variable is set") {
  for (const auto& [variable, name] : std::map<std::string, std::string>{{"GITLAB_CI", "gitlab"},
                                                                         {"BUILDKITE", "buildkite"},
                                                                         {"CIRCLECI", "circleci"},
                                                                         {"TF_BUILD", "azure"},
                                                                         {"BITBUCKET_BUILD_NUMBER", "bitbucket"},
                                                                         {"JENKINS_URL", "jenkins"}}) {
    DYNAMIC_SECTION(name) {
      const auto found = change("auto", {{variable, "true"}});
      REQUIRE(found.has_value());
      CHECK(found->system == name);
    }
  }
  CHECK_FALSE(change("auto", {}).has_value());
  CHECK_FALSE(change("auto", {{"CI", "true"}}).has_value());
}

TEST_CASE("an event that is none of GitHub's is refused, and members of other types are none") {
  const std::map<std::string, std::string> push = {{"GITHUB_ACTIONS", "true"},
                                                   {"GITHUB_EVENT_NAME", "push"},
                                                   {"GITHUB_EVENT_PATH", "e"},
                                                   {"GITHUB_REF", "refs/heads/a"}};
  for (const char* event : {"", "{", "[]", "null", "7", "\"text\"", "\xff"}) {
    CHECK_FALSE(change("github", push, event).has_value());
  }
  for (const char* event :
       {"{}", R"({"before": 7})", R"({"before": {}, "repository": []})", R"({"repository": "x"})"}) {
    const auto found = change("github", push, event);
    REQUIRE(found.has_value());
    CHECK(found->bases.empty());
    CHECK(found->default_branch.empty());
  }
}

TEST_CASE("what git would take for an option or a range is no revision") {
  for (const char* revision : {"--upload-pack=x", "-n", "a..b", "a...b"}) {
    CHECK_FALSE(change("circleci", {{"CIRCLE_SHA1", revision}}).has_value());
    CHECK_FALSE(change("circleci", {{"KEYTRAIL_CI_BASE", revision}}).has_value());
    CHECK_FALSE(change("buildkite", {{"BUILDKITE_PULL_REQUEST", "1"}, {"BUILDKITE_PULL_REQUEST_BASE_BRANCH", revision}})
                    .has_value());
  }
}

TEST_CASE("a job that is for no change has none, unless somebody names a base") {
  const auto scheduled = change("azure", {{"BUILD_REASON", "Schedule"}});
  REQUIRE(scheduled.has_value());
  CHECK(scheduled->kind == CiChange::Kind::tree);
  const auto named = change("azure", {{"BUILD_REASON", "Schedule"}, {"KEYTRAIL_CI_BASE", "v1.0"}});
  REQUIRE(named.has_value());
  CHECK(named->kind == CiChange::Kind::push);
  CHECK(named->bases == std::vector<std::string>{"v1.0"});
}

TEST_CASE("zeros are no commit but a branch that is new") {
  const auto found = change("gitlab", {{"CI_PIPELINE_SOURCE", "push"}, {"CI_COMMIT_BEFORE_SHA", std::string(40, '0')}});
  REQUIRE(found.has_value());
  CHECK(found->is_new);
  CHECK(found->bases.empty());
}

}  // namespace
}  // namespace keytrail
