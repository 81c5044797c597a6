#include "scanner/scan/position.h"

#include <algorithm>

namespace keytrail::scan {

PositionCounter::Place PositionCounter::at(std::uint64_t offset) {
  if (offset <= offset_) return place_;
  const std::string_view step = text_.substr(offset_, offset - offset_);
  const auto lines = static_cast<std::uint64_t>(std::count(step.begin(), step.end(), '\n'));
  std::string_view line = step;
  if (lines > 0) {
    place_.line += lines;
    place_.column = 1;
    line = step.substr(step.rfind('\n') + 1);
  }
  place_.column += static_cast<std::uint64_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  offset_ = offset;
  return place_;
}

}  // namespace keytrail::scan
