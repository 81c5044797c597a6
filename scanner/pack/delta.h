// Deltas: a text told as runs copied from a base and bytes inserted between them.
// Format: git's Documentation/gitformat-pack.txt, "Deltified representation".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/blob.h"

namespace keytrail::pack {

struct DeltaSizes {
  std::uint64_t base = 0;
  std::uint64_t result = 0;
};

// The sizes at a delta's head; nothing when they are cut off or absurd.
std::optional<DeltaSizes> delta_sizes(std::string_view delta);

// Whether a delta of `bytes` can give `sizes.result`: one of its bytes copies at most 8 MiB (two digits spell 255 x 64
// KiB), and at most the base. Asked before memory is.
bool plausible_result(std::size_t bytes, const DeltaSizes& sizes);

// Writes the text to `out`, which has room for delta_sizes().result bytes, and notes in `copies` which runs of it were
// copied; runs that go on in both texts are one. False, with `out` in any state, when the delta contradicts itself or
// `base`.
bool apply_delta(std::string_view delta, std::string_view base, char* out, std::vector<core::Copy>& copies);

}  // namespace keytrail::pack
