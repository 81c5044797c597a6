// Patterns of rules as RE2 wants them.
#pragma once

#include <memory>
#include <string>

namespace re2 {
class RE2;
}

namespace keytrail::engine {

// Bytes, not code points: files hold any bytes, and widths are counted in them. Errors are told by RE2::ok().
std::unique_ptr<re2::RE2> compile_pattern(const std::string& pattern);

}  // namespace keytrail::engine
