// The commits of a range as a source: what they bring, and their messages. core/changes.h has the definition.
#pragma once

#include <memory>
#include <string>

#include "scanner/base/result.h"
#include "scanner/core/changes.h"
#include "scanner/git/push.h"
#include "scanner/git/variables.h"

namespace keytrail::git {

// `range` as in git/revisions.h, of the repository at `path` (git/changes_repository.h). Errors: not_found for a
// revision or a repository that is not there, invalid_argument for what is no range, and those of opening.
//
// run() delivers each blob once, whatever the number of commits and paths that it comes with. Homes have the commits of
// the range alone: `removed_by` is nothing where none of them removed it, `at_tip` is meant of the end of the range.
Result<std::unique_ptr<core::ChangeSource>> open_range(const std::string& range, const std::string& path,
                                                       bool path_given, const Variables& variables);

// The same for a push. Messages of tags that it brings come too, and what they name where that is no commit: without
// homes, for no commit has it.
Result<std::unique_ptr<core::ChangeSource>> open_push(const Push& push, const std::string& path, bool path_given,
                                                      const Variables& variables);

}  // namespace keytrail::git
