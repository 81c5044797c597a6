// A git repository on disk, opened for reading: where its parts are, and where its history starts.
//
// Owns its libgit2 handle. Belongs to one thread at a time. Nothing here writes, and nothing of the repository (hooks,
// filters, commands of its configuration) is ever run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/git/libgit2.h"
#include "scanner/git/object_index.h"

namespace keytrail::git {

class Repository {
 public:
  // The repository at `path` or in the nearest folder above it: a work tree, a linked work tree, a bare repository, or
  // a folder whose `.git` is a file that names one. not_found when there is none, unsupported when its format is one
  // that cannot be read (SHA-256 ids, reftables).
  static Result<Repository> open(const std::string& path);

  // The folder that holds what all work trees share: objects, references. Ends in a slash.
  const std::string& common_folder() const { return common_folder_; }
  // The folder of this work tree's own HEAD and index; the same in a repository with one work tree. Ends in a slash.
  std::string git_folder() const;
  // The work tree, ending in a slash; empty for a bare repository.
  std::string work_tree() const;

  // What git keeps for each linked work tree (its HEAD, its index), as folders that end in a slash. Sorted.
  std::vector<std::string> work_tree_folders() const;

  // The commit that HEAD names; empty in a repository without commits.
  std::string tip() const;
  // The URL of `origin` without anything in it that can be a credential; empty when there is none.
  std::string remote_uri() const;

  // The commits at which a shallow clone was cut off. Sorted.
  std::vector<ObjectName> shallow_commits() const;

  git_repository* handle() const { return handle_.get(); }

 private:
  Repository(std::unique_ptr<Library> library, RepositoryHandle handle);

  std::unique_ptr<Library> library_;  // before the handle: must go after it
  RepositoryHandle handle_;
  std::string common_folder_;
};

// `url` without user, password, query and fragment.
std::string without_credentials(std::string url);

}  // namespace keytrail::git
