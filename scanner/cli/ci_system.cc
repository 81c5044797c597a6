#include "scanner/cli/ci_system.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "scanner/base/text.h"

namespace keytrail::cli {
namespace {

using nlohmann::json;

class Variables {
 public:
  explicit Variables(const CiEnvironment& environment) : environment_(environment) {}

  std::string operator()(const char* name) const { return environment_.variable(name); }
  bool set(const char* name) const { return !environment_.variable(name).empty(); }
  Result<std::string> file(const std::string& path) const { return environment_.file(path); }

 private:
  const CiEnvironment& environment_;
};

std::string branch_name(const std::string& reference) {
  constexpr std::string_view kHeads = "refs/heads/";
  return reference.starts_with(kHeads) ? reference.substr(kHeads.size()) : reference;
}

void add_base(CiChange& change, const std::string& commit) {
  if (!commit.empty() && !is_zeros(commit)) change.bases.push_back(commit);
}

// A member of nested objects, where it is a text.
std::string text_at(const json& document, std::initializer_list<const char*> path) {
  const json* at = &document;
  for (const char* name : path) {
    if (!at->is_object() || !at->contains(name)) return {};
    at = &(*at)[name];
  }
  return at->is_string() ? at->get<std::string>() : std::string();
}

bool is_event_without_change(const std::string& event) {
  static const std::array<std::string_view, 3> kChanges = {"push", "merge_group", "create"};
  return !event.starts_with("pull_request") && std::find(kChanges.begin(), kChanges.end(), event) == kChanges.end();
}

// GitHub: the event's own document has both ends.
Result<CiChange> github(const Variables& variables) {
  CiChange change;
  const std::string event = variables("GITHUB_EVENT_NAME");
  if (is_event_without_change(event)) return change;
  const std::string path = variables("GITHUB_EVENT_PATH");
  const auto text = variables.file(path);
  if (!text) return make_error(ErrorCode::invalid_argument, "GITHUB_EVENT_PATH cannot be read", path);
  const json document = json::parse(*text, nullptr, false);
  if (!document.is_object()) return make_error(ErrorCode::invalid_argument, "GITHUB_EVENT_PATH holds no event", path);
  change.default_branch = text_at(document, {"repository", "default_branch"});
  if (event.starts_with("pull_request")) {
    change.kind = CiChange::Kind::merge_request;
    change.target_branch = text_at(document, {"pull_request", "base", "ref"});
    add_base(change, text_at(document, {"pull_request", "base", "sha"}));
    change.head = text_at(document, {"pull_request", "head", "sha"});
  } else if (event == "merge_group") {
    change.kind = CiChange::Kind::merge_request;
    change.target_branch = branch_name(text_at(document, {"merge_group", "base_ref"}));
    add_base(change, text_at(document, {"merge_group", "base_sha"}));
    change.head = text_at(document, {"merge_group", "head_sha"});
  } else {
    change.kind = CiChange::Kind::push;
    const std::string reference = variables("GITHUB_REF");
    if (!reference.starts_with("refs/tags/")) change.branch = branch_name(reference);
    const std::string before = text_at(document, {"before"});
    add_base(change, before);
    change.is_new = before.empty() || is_zeros(before);
    change.head = variables("GITHUB_SHA");
  }
  return change;
}

Result<CiChange> gitlab(const Variables& variables) {
  CiChange change;
  change.default_branch = variables("CI_DEFAULT_BRANCH");
  change.head = variables("CI_COMMIT_SHA");
  const std::string source = variables("CI_PIPELINE_SOURCE");
  if (variables.set("CI_MERGE_REQUEST_IID")) {
    change.kind = CiChange::Kind::merge_request;
    change.target_branch = variables("CI_MERGE_REQUEST_TARGET_BRANCH_NAME");
    // Set where the pipeline runs on the merged result, whose own history holds what the target got meanwhile.
    if (const std::string tip = variables("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"); !tip.empty()) change.head = tip;
    add_base(change, variables("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"));
    add_base(change, variables("CI_MERGE_REQUEST_DIFF_BASE_SHA"));
  } else if (variables.set("CI_EXTERNAL_PULL_REQUEST_IID")) {
    change.kind = CiChange::Kind::merge_request;
    change.target_branch = variables("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME");
    add_base(change, variables("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA"));
  } else if (source == "push" || source.empty()) {
    change.kind = CiChange::Kind::push;
    change.branch = variables("CI_COMMIT_BRANCH");
    const std::string before = variables("CI_COMMIT_BEFORE_SHA");
    add_base(change, before);
    change.is_new = before.empty() || is_zeros(before);
  }
  return change;
}

Result<CiChange> jenkins(const Variables& variables) {
  CiChange change;
  change.head = variables.set("GIT_COMMIT") ? variables("GIT_COMMIT") : "HEAD";
  if (variables.set("CHANGE_TARGET")) {
    change.kind = CiChange::Kind::merge_request;
    change.target_branch = variables("CHANGE_TARGET");
    return change;
  }
  change.kind = CiChange::Kind::push;
  change.branch = variables.set("BRANCH_NAME") ? variables("BRANCH_NAME") : variables("GIT_LOCAL_BRANCH");
  if (variables("BRANCH_IS_PRIMARY") == "true") change.default_branch = change.branch;
  // Since the last build that was good: a secret that made one fail is not forgotten by the next.
  add_base(change, variables("GIT_PREVIOUS_SUCCESSFUL_COMMIT"));
  change.is_new = change.bases.empty();
  return change;
}

Result<CiChange> buildkite(const Variables& variables) {
  CiChange change;
  change.default_branch = variables("BUILDKITE_PIPELINE_DEFAULT_BRANCH");
  change.head = variables.set("BUILDKITE_COMMIT") ? variables("BUILDKITE_COMMIT") : "HEAD";
  const std::string source = variables("BUILDKITE_SOURCE");
  if (const std::string request = variables("BUILDKITE_PULL_REQUEST"); !request.empty() && request != "false") {
    change.kind = CiChange::Kind::merge_request;
    change.target_branch = variables("BUILDKITE_PULL_REQUEST_BASE_BRANCH");
  } else if (source != "schedule" && source != "ui") {
    change.kind = CiChange::Kind::push;
    change.knows_before = false;
    if (!variables.set("BUILDKITE_TAG")) change.branch = variables("BUILDKITE_BRANCH");
  }
  return change;
}

Result<CiChange> circleci(const Variables& variables) {
  CiChange change;
  change.kind = CiChange::Kind::push;
  change.knows_before = false;
  change.branch = variables("CIRCLE_BRANCH");
  if (variables.set("CIRCLE_SHA1")) change.head = variables("CIRCLE_SHA1");
  return change;
}

Result<CiChange> azure(const Variables& variables) {
  CiChange change;
  change.head = variables.set("BUILD_SOURCEVERSION") ? variables("BUILD_SOURCEVERSION") : "HEAD";
  const std::string reason = variables("BUILD_REASON");
  if (variables.set("SYSTEM_PULLREQUEST_TARGETBRANCH")) {
    change.kind = CiChange::Kind::merge_request;
    change.target_branch = branch_name(variables("SYSTEM_PULLREQUEST_TARGETBRANCH"));
    // What is checked out is the merged result.
    if (variables.set("SYSTEM_PULLREQUEST_SOURCECOMMITID"))
      change.head = variables("SYSTEM_PULLREQUEST_SOURCECOMMITID");
  } else if (reason != "Schedule" && reason != "Manual") {
    change.kind = CiChange::Kind::push;
    change.knows_before = false;
    const std::string reference = variables("BUILD_SOURCEBRANCH");
    if (!reference.starts_with("refs/tags/")) change.branch = branch_name(reference);
  }
  return change;
}

Result<CiChange> bitbucket(const Variables& variables) {
  CiChange change;
  change.head = variables.set("BITBUCKET_COMMIT") ? variables("BITBUCKET_COMMIT") : "HEAD";
  if (variables.set("BITBUCKET_PR_ID")) {
    change.kind = CiChange::Kind::merge_request;
    change.target_branch = variables("BITBUCKET_PR_DESTINATION_BRANCH");
    add_base(change, variables("BITBUCKET_PR_DESTINATION_COMMIT"));
  } else {
    change.kind = CiChange::Kind::push;
    change.knows_before = false;
    change.branch = variables("BITBUCKET_BRANCH");
  }
  return change;
}

struct System {
  const char* name;
  const char* known_by;  // a variable that it always sets
  Result<CiChange> (*change)(const Variables& variables);
  const char* deeper;
};

constexpr std::array kSystems = {
    System{"github", "GITHUB_ACTIONS", github, "`fetch-depth: 0` of actions/checkout"},
    System{"gitlab", "GITLAB_CI", gitlab, "`GIT_DEPTH: \"0\"` in the job's variables"},
    System{"buildkite", "BUILDKITE", buildkite, "no --depth in BUILDKITE_GIT_CLONE_FLAGS"},
    System{"circleci", "CIRCLECI", circleci, "`checkout` with `method: full`"},
    System{"azure", "TF_BUILD", azure, "`fetchDepth: 0` in the checkout step"},
    System{"bitbucket", "BITBUCKET_BUILD_NUMBER", bitbucket, "`clone: depth: full` in bitbucket-pipelines.yml"},
    System{"jenkins", "JENKINS_URL", jenkins, "no shallow clone among the checkout's behaviours"},
};

const System* find_system(const std::string& name, const Variables& variables) {
  for (const System& system : kSystems) {
    if (name == "auto" ? variables.set(system.known_by) : name == system.name) return &system;
  }
  return nullptr;
}

// A value that git would take for an option is no revision.
Status check_revision(const std::string& revision) {
  if (!revision.starts_with('-') && revision.find("..") == std::string::npos) return {};
  return make_error(ErrorCode::invalid_argument, "this is no revision", revision);
}

}  // namespace

const std::vector<std::string>& ci_systems() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    list.reserve(kSystems.size());
    for (const System& system : kSystems) list.emplace_back(system.name);
    return list;
  }();
  return names;
}

Result<CiChange> ci_change(const std::string& name, const CiEnvironment& environment) {
  const Variables variables(environment);
  const System* system = find_system(name, variables);
  if (system == nullptr) {
    return make_error(ErrorCode::invalid_argument,
                      "no CI system is known by its variables; name it, or give --since-ref REV instead",
                      "--ci " + name);
  }
  Result<CiChange> change = system->change(variables);
  if (!change) return change;
  change->system = system->name;
  if (change->head.empty()) change->head = "HEAD";
  if (const std::string base = variables("KEYTRAIL_CI_BASE"); !base.empty() && !is_zeros(base)) {
    if (change->kind == CiChange::Kind::tree) change->kind = CiChange::Kind::push;
    change->bases = {base};
    change->is_new = false;
    change->knows_before = true;
  }
  if (change->kind == CiChange::Kind::merge_request && change->bases.empty() && change->target_branch.empty()) {
    return make_error(ErrorCode::invalid_argument,
                      "the variables name no target branch; set KEYTRAIL_CI_BASE to a revision to compare with",
                      change->system);
  }
  for (const std::string& base : change->bases) {
    if (Status good = check_revision(base); !good) return good.error();
  }
  for (const std::string& branch : {change->head, change->target_branch, change->default_branch, change->branch}) {
    if (Status good = check_revision(branch); !good) return good.error();
  }
  return change;
}

std::string ci_deeper(const std::string& name) {
  for (const System& system : kSystems) {
    if (name == system.name) return system.deeper;
  }
  return {};
}

}  // namespace keytrail::cli
