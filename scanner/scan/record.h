// What a worker keeps of one match: everything that a report needs, and no secret.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scanner/core/finding.h"

namespace keytrail::scan {

struct Record {
  core::RuleIndex rule = 0;
  core::Severity severity = core::Severity::medium;
  core::Confidence confidence = core::Confidence::medium;
  std::string fingerprint;
  std::string masked;
  std::string secret;  // empty unless asked for
  std::vector<core::RuleIndex> related;
  std::vector<core::Fact> facts;
  core::Occurrence occurrence;  // without a home; of a git blob without its path
  std::optional<core::Suppression> comment;
  std::vector<std::uint32_t> marks;      // see Imported::marks
  std::optional<core::TokenLink> token;  // of the inventory, where there is one
};

}  // namespace keytrail::scan
