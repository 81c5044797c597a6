// Bitmaps as git compresses them in a split index: runs of equal words, and words as they are.
// Format: git's Documentation/gitformat-index.txt, "Split index", and ewah/ewah_io.c for the bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "scanner/base/checked.h"

namespace keytrail::git {

// Takes one bitmap off `reader`. Nothing when it is cut off or sets a bit from `count` on. Memory and time are those of
// `count` bits, whatever the bytes say.
std::optional<std::vector<bool>> read_bitmap(ByteReader& reader, std::size_t count);

}  // namespace keytrail::git
