// How many rounds a test with random inputs runs. KEYTRAIL_TEST_EFFORT=short, which the sanitizer presets set, is a
// fifth: there a round costs ten times as much, and the same rounds run in full without sanitizers.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace keytrail::test {

template <class Count>
Count rounds(Count all) {
  const char* effort = std::getenv("KEYTRAIL_TEST_EFFORT");
  return effort != nullptr && std::string_view(effort) == "short" ? std::max<Count>(all / 5, 1) : all;
}

}  // namespace keytrail::test
