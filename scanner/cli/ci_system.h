// What a CI system's variables say of the change that a job is for. Pure: the environment is passed in.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scanner/base/result.h"

namespace keytrail::cli {

struct CiChange {
  enum class Kind {
    merge_request,  // what a branch would bring to another
    push,           // what came to a branch
    tree,           // no change at all: scheduled, started by hand
  };
  std::string system;  // "github"
  Kind kind = Kind::tree;
  std::string head = "HEAD";       // the commit that the change ends with
  std::vector<std::string> bases;  // where it begins, the best first: commits, as far as the system names any
  std::string branch;              // of a push; empty: a tag
  std::string target_branch;       // of a merge request
  std::string default_branch;      // empty: the system does not say
  bool is_new = false;             // a push: the branch was not there before
  bool knows_before = true;        // whether the system tells where a push begins
};

// The value of a variable, empty where it is not set; and the whole of a file.
struct CiEnvironment {
  std::function<std::string(const std::string& name)> variable;
  std::function<Result<std::string>(const std::string& path)> file;
};

const std::vector<std::string>& ci_systems();  // their names: "github", …

// `system`: one of the names, or "auto". KEYTRAIL_CI_BASE, a revision, takes the place of what the system says. Errors:
// invalid_argument where no system is known by its variables, or where one that is needed is missing or no commit.
Result<CiChange> ci_change(const std::string& system, const CiEnvironment& environment);

// How a job of this system has more of the history checked out.
std::string ci_deeper(const std::string& system);

}  // namespace keytrail::cli
