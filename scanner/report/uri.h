// Paths as URIs (RFC 3986).
#pragma once

#include <string>
#include <string_view>

namespace keytrail::report {

// Every byte that is not plain in a path segment becomes %XX; '/' stays. Invalid UTF-8 survives: bytes are encoded, not
// characters.
std::string encode_path(std::string_view path);

// "file:///home/me/repo" of an absolute path.
std::string file_uri(std::string_view absolute_path);

// `path` below `root`, or itself when it is absolute.
std::string absolute_path(std::string_view root, std::string_view path);

// Whether `text` is one http(s) URL and nothing else.
bool is_web_url(std::string_view text);

}  // namespace keytrail::report
