// The binary form of rules that is compiled into the program, made for reading: no parsing, one pass, one copy.
//
//   "KTRULES1"  hash64 of what follows (8 bytes, big-endian)  digest (32 bytes)  number of rules  rules…
//
// Numbers are base-128 varints, strings and lists carry their length before them, the entropy stands as its bits. The
// hash is against damage, not against malice; every read is bounded all the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ruleset/rule.h"

namespace keytrail::ruleset {

struct RulesImage {
  std::string digest;  // 32 hexadecimal digits
  std::vector<Rule> rules;
};

// What decides the digest: all of the rules but their `source`.
std::string rules_digest(const std::vector<Rule>& rules);

std::string write_rules_image(const std::vector<Rule>& rules, std::string_view digest);

// `corrupt` when the image is damaged or not in ascending order of ids.
Result<RulesImage> read_rules_image(std::string_view image);

}  // namespace keytrail::ruleset
