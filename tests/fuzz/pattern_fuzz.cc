// Patterns: any text is parsed or refused; what parses has sane widths, and its samples are within them.
#include <algorithm>
#include <random>

#include "scanner/ruleset/pattern.h"
#include "tests/fuzz/input.h"

using keytrail::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto pattern = keytrail::ruleset::Pattern::parse(keytrail::fuzz::text_of(data, size));
  if (!pattern) {
    require(!pattern.error().message.empty());
    return 0;
  }
  const auto& parsed = pattern.value();
  require(parsed.min_width() <= parsed.max_width());
  for (const auto& literal : parsed.required_literals(3)) {
    require(literal.text.size() >= 3);
    require(literal.min_before <= literal.max_before);
    require(literal.max_before + literal.text.size() <= parsed.max_width());
  }
  constexpr std::uint32_t kMaxSampled = 1U << 16;
  if (parsed.max_width() > kMaxSampled) return 0;
  std::mt19937_64 random(1);
  for (std::uint32_t group = 0; group <= std::min(parsed.groups(), 2U); ++group) {
    keytrail::core::Span secret;
    const std::string sample = parsed.sample(random, group, secret);
    require(sample.size() >= parsed.min_width() && sample.size() <= parsed.max_width());
    require(secret.begin <= secret.end && secret.end <= sample.size());
  }
  return 0;
}
