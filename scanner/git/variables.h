// The variables by which git tells its hooks, and users tell git, where a repository is. Read by the caller: nothing in
// this folder asks the environment.
#pragma once

#include <string>

namespace keytrail::git {

// Empty where a variable is not set. Relative paths are relative to the current folder.
struct Variables {
  std::string git_dir;            // GIT_DIR
  std::string work_tree;          // GIT_WORK_TREE
  std::string index_file;         // GIT_INDEX_FILE: partial commits stage in a file of their own
  std::string object_directory;   // GIT_OBJECT_DIRECTORY: pre-receive hooks see new objects in a quarantine
  std::string alternate_objects;  // GIT_ALTERNATE_OBJECT_DIRECTORIES: folders, separated by colons
};

}  // namespace keytrail::git
