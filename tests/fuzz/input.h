// What the fuzz targets share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace keytrail::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// What must hold whatever the input is. Not an assert: it counts in a release build as well.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace keytrail::fuzz
