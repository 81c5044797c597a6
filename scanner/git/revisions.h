// What a user calls a range of commits: "A..B" and the like, as gitrevisions(7) has them.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/git/object_index.h"
#include "scanner/git/repository.h"

namespace keytrail::git {

// The commits that `include` reach and `exclude` do not.
struct RangeSpec {
  std::vector<ObjectName> include;
  std::vector<ObjectName> exclude;
};

// Understands, with HEAD in the place of a side that is empty:
//     A..B    what B reaches and A does not
//     A...B   what one of them reaches and the other does not
//     B^!     the commit B alone
// A side of zeros stands for nothing: that is how hooks name a reference that is new or gone. An error names the
// revision that is unknown, and what brings it here; its code is invalid_argument where the text is no range.
Result<RangeSpec> parse_range(const Repository& repository, const std::string& text);

}  // namespace keytrail::git
