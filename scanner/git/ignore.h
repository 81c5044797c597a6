// The ignore rules of git work trees, as git has them: nested .gitignore files, .git/info/exclude, core.excludesfile;
// what the index holds is never ignored.
//
// The provider and its rules may be asked from several threads at once. The rules of a work tree are loaded when a
// folder of it is first asked for and kept; a change of the repository after that is not seen. Outside of work trees
// libgit2 is not even initialised. Nothing here fails: a repository that cannot be read has no rules, an index that
// cannot be read has no tracked files.
#pragma once

#include <memory>

#include "scanner/core/ignore.h"

namespace keytrail::git {

std::unique_ptr<core::IgnoreProvider> make_ignore_provider();

}  // namespace keytrail::git
