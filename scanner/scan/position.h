// Lines and columns of offsets, counted forward from a known place.
#pragma once

#include <cstdint>
#include <string_view>

#include "scanner/core/finding.h"

namespace keytrail::scan {

// Counts through one text. Offsets must be asked in ascending order; the whole costs one pass over the text, on a line
// of 32 MB as well. A column is one more than the code points before it (bytes that do not continue a UTF-8 sequence).
class PositionCounter {
 public:
  struct Place {
    std::uint64_t line = 1;
    std::uint64_t column = 1;
  };

  // `start` is the place of the text's first byte.
  PositionCounter(std::string_view text, Place start) : text_(text), place_(start) {}

  Place at(std::uint64_t offset);

 private:
  std::string_view text_;
  std::uint64_t offset_ = 0;
  Place place_;
};

}  // namespace keytrail::scan
