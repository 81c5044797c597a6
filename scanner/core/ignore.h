// What a repository says should not be looked at. Implemented over libgit2 in git/, used by fs/.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace keytrail::core {

// The ignore rules of one work tree. May be asked from several threads at once.
class IgnoreRules {
 public:
  IgnoreRules() = default;
  IgnoreRules(const IgnoreRules&) = delete;
  IgnoreRules& operator=(const IgnoreRules&) = delete;
  virtual ~IgnoreRules() = default;

  // `path` is relative to the root of the work tree, with '/' between its parts. What git tracks is never ignored, nor
  // is a folder with something tracked in it.
  virtual bool ignored(std::string_view path, bool is_folder) const = 0;
};

class IgnoreProvider {
 public:
  IgnoreProvider() = default;
  IgnoreProvider(const IgnoreProvider&) = delete;
  IgnoreProvider& operator=(const IgnoreProvider&) = delete;
  virtual ~IgnoreProvider() = default;

  struct Found {
    std::shared_ptr<const IgnoreRules> rules;
    std::string root;  // absolute path of the work tree
  };
  // The rules of the work tree that contains the absolute path `folder`; empty `rules` when none does.
  virtual Found containing(const std::string& folder) = 0;
};

}  // namespace keytrail::core
