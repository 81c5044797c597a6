// How each format that has a scale of its own says a severity.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "scanner/core/match.h"

namespace keytrail::report {

struct SeverityNames {
  std::string_view sarif_level;
  std::string_view security_severity;  // what GitHub shows: over 9.0 critical, 7.0 high, 4.0 medium, 0.1 low
  std::string_view gitlab;
  std::string_view sonarqube;         // its scale of old
  std::string_view sonarqube_impact;  // and of today
};

inline const SeverityNames& names_of(core::Severity severity) {
  static constexpr std::array<SeverityNames, 5> kNames = {{
      {"note", "1.0", "Info", "INFO", "LOW"},
      {"note", "3.0", "Low", "MINOR", "LOW"},
      {"warning", "5.5", "Medium", "MAJOR", "MEDIUM"},
      {"error", "8.0", "High", "CRITICAL", "HIGH"},
      {"error", "9.5", "Critical", "BLOCKER", "HIGH"},
  }};
  static_assert(static_cast<int>(core::Severity::info) == 0 && static_cast<int>(core::Severity::critical) == 4);
  return kNames[static_cast<std::size_t>(severity)];
}

}  // namespace keytrail::report
