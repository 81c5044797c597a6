// The whole history of a repository as a source: every object of its database once, then, for the blobs that something
// was found in, the commits that brought and removed them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/history.h"

namespace keytrail::git {

// Which way objects are read. Both deliver the same; libgit2 is the slow reference for the pack walk.
enum class Reader { pack_walk, libgit2 };

// The repository at `path` or in the nearest folder above it. Errors are those of opening: not_found, unsupported,
// corrupt, permission_denied.
//
// run() delivers blobs as BlobKind::git_blob, and the messages of commits and annotated tags; trees hold nothing but
// names. What cannot be read is a skip and never ends the run. A commit or tag without the structure of one is
// delivered whole, and named as corrupt.
//
// locate() works with as many threads as run() had, reads no object when no blob is wanted, and uses while it runs
// about 30 bytes of memory for each tree and 8 for each folder in it. Homes come by author time, then commit id, then
// path. `removed_by` is the first descendant of the commit that lacks the blob at the path and has a parent that has it
// there; nothing while `at_tip`. For the message of a commit the home is that commit, for that of a tag the commit it
// tags, with the tagger as author and committer. A blob in no commit has a home without one where a reference names it
// (a tag of a blob), or an index does, with the path it has there. Names go through the mailmap. Cancelled, it is an
// error with the code `cancelled`. Authors and paths are the bytes of the repository: they need not be UTF-8.
//
// `branches` are names or globs of references (references.h, reference_matches; HEAD is one too): homes tell whether
// one of these leads to them. invalid_argument for one that names nothing.
Result<std::unique_ptr<core::HistorySource>> open_history(const std::string& path, Reader reader = Reader::pack_walk,
                                                          std::vector<std::string> branches = {});

}  // namespace keytrail::git
