// Rules like "!name" in .gitignore files: libgit2 1.5 drops one that has no wildcard unless it negates a rule of the
// same file, where git lets it negate those of the files above it too. So, where libgit2 says that something is
// ignored, this says whether such a rule speaks against it. It errs towards "not ignored": more is scanned then, never
// less.
//
// May be asked from several threads at once. Reads each file once.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/base/thread.h"

namespace keytrail::git {

class Negations {
 public:
  // `exclude_file` is .git/info/exclude.
  Negations(std::string root, std::string exclude_file)
      : root_(std::move(root)), exclude_file_(std::move(exclude_file)) {}

  // Whether a rule without wildcards, in the exclude file or a .gitignore of a folder above it, re-includes `path`
  // (relative to the root).
  bool speak_for(std::string_view path) const;

 private:
  const std::vector<std::string>& rules_of(const std::string& file) const;

  std::string root_;
  std::string exclude_file_;
  mutable Mutex mutex_;
  mutable std::map<std::string, std::vector<std::string>> rules_ GUARDED_BY(mutex_);  // by file, without their "!"
};

}  // namespace keytrail::git
