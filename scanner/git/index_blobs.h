// Blobs that the index of a work tree names: what `git add` stored and no commit has yet.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "scanner/git/object_index.h"
#include "scanner/git/repository.h"

namespace keytrail::git {

// The paths, sorted, at which the indexes of all work trees have each of `wanted`. An index that cannot be read names
// nothing.
std::unordered_map<ObjectName, std::vector<std::string>, ObjectNameHash> find_in_indexes(
    const Repository& repository, const std::unordered_set<ObjectName, ObjectNameHash>& wanted);

}  // namespace keytrail::git
