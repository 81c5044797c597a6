// The form of a secret that may be shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace keytrail::core {

// At most the first `public_prefix` bytes (what every secret of the kind begins with) and the last four characters,
// with "****" between; fewer of a short secret, so that at least twelve characters for each shown four stay hidden.
// Of a secret over several lines, nothing but the prefix.
std::string mask(std::string_view secret, std::size_t public_prefix);

}  // namespace keytrail::core
