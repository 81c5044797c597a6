#include "scanner/git/revisions.h"

#include <git2.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>

#include "scanner/base/text.h"

namespace keytrail::git {
namespace {

struct ObjectFree {
  void operator()(git_object* object) const noexcept { git_object_free(object); }
};
using ObjectHandle = std::unique_ptr<git_object, ObjectFree>;

constexpr std::size_t kMaxRevisionBytes = 4096;

std::string brings(const Repository& repository, const std::string& revision) {
  if (!repository.shallow_commits().empty()) return "this clone is shallow: `git fetch --unshallow` brings the rest";
  if (revision.find('/') != std::string::npos || revision.find_first_of("^~@:") != std::string::npos) {
    return "`git fetch` brings what the remote has, `git branch -a` lists what is here";
  }
  return "`git fetch origin " + revision + "` brings it if the remote has it, `git branch -a` lists what is here";
}

// The commit that `revision` names, or nothing for zeros.
Result<std::optional<ObjectName>> resolve(const Repository& repository, const std::string& revision) {
  if (is_zeros(revision)) return std::optional<ObjectName>();
  if (revision.size() > kMaxRevisionBytes) {
    return make_error(ErrorCode::invalid_argument, "this is too long to be a revision", revision.substr(0, 60) + "…");
  }
  git_object* raw = nullptr;
  const int code = git_revparse_single(&raw, repository.handle(), revision.c_str());
  if (code == GIT_EAMBIGUOUS) {
    return make_error(ErrorCode::invalid_argument, "several objects have ids that begin like this; give more of it",
                      revision);
  }
  if (code != 0) {
    if (revision == "HEAD" && repository.tip().empty()) {
      return make_error(ErrorCode::not_found, "there is no commit yet; `keytrail scan --staged` scans what is staged",
                        revision);
    }
    return make_error(ErrorCode::not_found, "no such revision here; " + brings(repository, revision), revision);
  }
  const ObjectHandle object(raw);
  git_object* peeled = nullptr;
  if (git_object_peel(&peeled, raw, GIT_OBJECT_COMMIT) != 0) {
    return make_error(ErrorCode::invalid_argument, "this names no commit, and no tag of one", revision);
  }
  const ObjectHandle commit(peeled);
  return std::optional(ObjectName::from_bytes(git_object_id(peeled)->id));
}

Status add(const Repository& repository, const std::string& revision, std::vector<ObjectName>& to) {
  Result<std::optional<ObjectName>> commit = resolve(repository, revision.empty() ? "HEAD" : revision);
  if (!commit) return commit.error();
  if (*commit) to.push_back(**commit);
  return {};
}

Result<RangeSpec> one_commit(const Repository& repository, const std::string& revision) {
  RangeSpec spec;
  if (Status added = add(repository, revision, spec.include); !added) return added.error();
  if (spec.include.empty()) return spec;
  git_oid id;
  std::copy_n(spec.include[0].bytes.begin(), sizeof id.id, id.id);
  git_commit* raw = nullptr;
  if (git_commit_lookup(&raw, repository.handle(), &id) != 0) {
    return library_error(GIT_ERROR, "read the commit", revision);
  }
  for (unsigned i = 0; i < git_commit_parentcount(raw); ++i) {
    spec.exclude.push_back(ObjectName::from_bytes(git_commit_parent_id(raw, i)->id));
  }
  git_commit_free(raw);
  return spec;
}

}  // namespace

Result<RangeSpec> parse_range(const Repository& repository, const std::string& text) {
  if (text.size() > 2 && text.ends_with("^!")) return one_commit(repository, text.substr(0, text.size() - 2));
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) {
    return make_error(ErrorCode::invalid_argument,
                      "this is no range: give A..B, REV^! for one commit, or --since-ref REV for REV..HEAD", text);
  }
  const bool both = text.compare(dots, 3, "...") == 0;
  RangeSpec spec;
  std::vector<ObjectName> left;
  if (Status added = add(repository, text.substr(0, dots), left); !added) return added.error();
  if (Status added = add(repository, text.substr(dots + (both ? 3 : 2)), spec.include); !added) return added.error();
  if (!both) {
    spec.exclude = std::move(left);
    return spec;
  }
  if (left.empty() || spec.include.empty()) {
    return make_error(ErrorCode::invalid_argument, "three dots want two commits; zeros go with two dots", text);
  }
  git_oid one, two;
  std::copy_n(left[0].bytes.begin(), sizeof one.id, one.id);
  std::copy_n(spec.include[0].bytes.begin(), sizeof two.id, two.id);
  git_oidarray bases{};
  const int code = git_merge_bases(&bases, repository.handle(), &one, &two);
  if (code != 0 && !repository.shallow_commits().empty()) {
    return make_error(
        ErrorCode::not_found,
        "the two sides part before where this shallow clone begins; `git fetch --unshallow` brings the rest", text);
  }
  if (code != 0 && code != GIT_ENOTFOUND) return library_error(code, "find where the two sides part", text);
  for (std::size_t i = 0; i < bases.count; ++i) spec.exclude.push_back(ObjectName::from_bytes(bases.ids[i].id));
  git_oidarray_dispose(&bases);
  spec.include.push_back(left[0]);
  return spec;
}

}  // namespace keytrail::git
