// Objects that others name and the repository lacks: each with the first place that names it, "first" being by the id
// of the object that names it, so that the answer depends neither on threads nor on how the repository is packed. One
// for each thread, then merged.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/core/skip.h"
#include "scanner/git/object_index.h"

namespace keytrail::git {

// The skip of `missing` that an object of type `type` named `namer` names.
core::Skip missing_skip(const ObjectName& missing, ObjectType type, const ObjectName& namer, std::string_view as);

// The skip of an entry that is a commit of another repository.
core::Skip submodule_skip(const std::string& name);

class MissingObjects {
 public:
  // `namer` names `missing`; `as` is the path inside a tree, or what a commit or tag calls it.
  void add(const ObjectName& missing, const ObjectName& namer, std::string_view as);
  void merge(MissingObjects&& other);
  // Sorted by id.
  std::vector<core::Skip> skips(const ObjectIndex& objects) const;
  std::size_t size() const { return first_.size(); }

  struct Place {
    ObjectName namer;
    std::string as;
  };
  const std::unordered_map<ObjectName, Place, ObjectNameHash>& places() const { return first_; }

 private:
  std::unordered_map<ObjectName, Place, ObjectNameHash> first_;
};

}  // namespace keytrail::git
