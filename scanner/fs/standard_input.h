// The source of `keytrail scan -`: one stream of any length, reported as "<stdin>".
#pragma once

#include <memory>

#include "scanner/core/source.h"

namespace keytrail::fs {

inline constexpr const char* kStandardInputPath = "<stdin>";

// Reads `fd` to its end without closing it. An error of reading reaches the sink with the stream.
std::unique_ptr<core::Source> make_standard_input_source(int fd = 0);

}  // namespace keytrail::fs
