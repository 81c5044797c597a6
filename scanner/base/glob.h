// Path patterns in the manner of .gitignore: `*` and `?` stop at a slash, `**` does not, `[a-z]` is a class, and a
// backslash takes the next character as it is. A pattern without a slash (but for a trailing one) matches a path's last
// part at any depth; with one it is anchored at the root. A pattern that matches a folder matches all below it.
// Linear in pattern times path; no recursion.
#pragma once

#include <string_view>

namespace keytrail {

// `path` is relative to the root, with '/' between its parts and none at its start.
bool glob_matches(std::string_view pattern, std::string_view path);

}  // namespace keytrail
