#include "scanner/core/match.h"

#include <array>

namespace keytrail::core {
namespace {

constexpr std::array<std::string_view, 5> kSeverities = {"info", "low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 3> kConfidences = {"low", "medium", "high"};

template <typename Enum, std::size_t count>
std::optional<Enum> parse_name(const std::array<std::string_view, count>& names, std::string_view text) {
  for (std::size_t i = 0; i < count; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Severity severity) { return kSeverities[static_cast<std::size_t>(severity)]; }
std::string_view to_string(Confidence confidence) { return kConfidences[static_cast<std::size_t>(confidence)]; }
std::optional<Severity> parse_severity(std::string_view text) { return parse_name<Severity>(kSeverities, text); }
std::optional<Confidence> parse_confidence(std::string_view text) { return parse_name<Confidence>(kConfidences, text); }

}  // namespace keytrail::core
