// What is staged, as a source: the blobs of the index that HEAD has not at their path. core/changes.h has the
// definition; the work tree is not looked at.
#pragma once

#include <memory>
#include <string>

#include "scanner/base/result.h"
#include "scanner/core/changes.h"
#include "scanner/git/variables.h"

namespace keytrail::git {

// Of the repository at `path` (git/changes_repository.h). Errors: invalid_argument for a bare one, and those of opening
// and of git/index_file.h.
//
// run() delivers a blob as BlobKind::file with its path in the repository, once for each path. Of a conflict all sides
// are staged. Before the first commit everything is new. Submodules, and files that git knows only of an intent to add,
// have no bytes in the index and are left out. There are no homes: no commit has it yet.
Result<std::unique_ptr<core::ChangeSource>> open_staged(const std::string& path, bool path_given,
                                                        const Variables& variables);

}  // namespace keytrail::git
