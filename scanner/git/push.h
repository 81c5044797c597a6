// What a push brings: everything that the new values of its references lead to, and what is known does not.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/git/lookup.h"
#include "scanner/git/repository.h"
#include "scanner/git/revisions.h"

namespace keytrail::git {

// As hooks are told of it. Ids are hexadecimal.
struct Push {
  std::vector<std::string> tips;   // new values of references: commits, annotated tags, and what else a tag can name
  std::vector<std::string> known;  // commits that the other side has; one that is not here is left out
  // What references that begin with this lead to is known too: "refs/" where the push arrives, "refs/remotes/origin/"
  // where it starts. Empty: none.
  std::string known_references;
};

// The push as objects of the repository.
struct PushedObjects {
  RangeSpec commits;
  std::vector<ObjectName> tags;   // annotated: their messages are new
  std::vector<ObjectName> trees;  // named by a tag: all that is below them is new
  std::vector<ObjectName> blobs;
};

// invalid_argument for a tip that is no id. A tip that cannot be read counts as a commit: the walk names it.
Result<PushedObjects> resolve_push(const Repository& repository, Lookup& lookup, const Push& push);

}  // namespace keytrail::git
