// Regular expressions of Go as patterns of rules (pattern.h). Both are RE2's syntax; rules take no repetition without
// an upper bound, and bytes instead of code points.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"

namespace keytrail::ruleset {

struct BoundedPattern {
  std::string pattern;               // Pattern::parse() takes it
  std::string run;                   // a class by which a match goes on behind the pattern; empty: it ends there
  std::vector<std::string> changes;  // what was bounded, for people: "'\s*' at offset 12 became {0,128}"
};

// `*`, `+` and {n,} get bounds, as wide as the limits of patterns allow; a class without a bound at the very end
// becomes a run. Other forms of writing are replaced by equal ones. What cannot be expressed is invalid_argument, with
// the reason.
Result<BoundedPattern> bound_pattern(std::string_view go_pattern);

// Whether `pattern` is one name with a wildcard or two, such as "\.min\.js$" or "(^|/)vendor/": then a glob of ours
// that matches the same paths. Empty: no glob says that.
std::string path_glob(std::string_view pattern);

}  // namespace keytrail::ruleset
