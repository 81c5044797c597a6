// The repository of a scan of changes, found as git finds it for its hooks.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/git/lookup.h"
#include "scanner/git/repository.h"
#include "scanner/git/variables.h"

namespace keytrail::git {

struct ChangesRepository {
  Repository repository;
  std::vector<std::string> object_folders;
  Lookup lookup;  // the repository's libgit2 handle reads through it too
  std::string index_file;
  bool has_work_tree = false;

  // Where git's variables say, or at `path` ("." when the user named none) and in the folders above it. Variables speak
  // of the repository that they name, or of that of the current folder: where `path` is in another one they do not
  // count.
  static Result<ChangesRepository> open(const std::string& path, bool path_given, const Variables& variables);
};

}  // namespace keytrail::git
