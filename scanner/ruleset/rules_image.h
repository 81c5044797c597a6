// The binary form of rules that is compiled into the program, made for reading: no parsing, one pass, one copy.
//
//   "KTRULES2"  hash64 of what follows (8 bytes, big-endian)  digest (32 bytes)  number of rules  rules…  their texts…
//
// The texts (names, descriptions, examples) stand apart: a scan that finds nothing never reads them, which is most of
// the strings and so of the time that reading takes.
//
// Numbers are base-128 varints, strings and lists carry their length before them, the entropy stands as its bits. The
// hash is against damage, not against malice; every read is bounded all the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ruleset/rule.h"

namespace keytrail::ruleset {

enum class ImageParts : std::uint8_t { all, without_texts };

struct RulesImage {
  std::string digest;  // 32 hexadecimal digits
  std::vector<Rule> rules;
};

// What decides the digest: all of the rules but their `source`.
std::string rules_digest(const std::vector<Rule>& rules);

std::string write_rules_image(const std::vector<Rule>& rules, std::string_view digest);

// `corrupt` when the image is damaged or not in ascending order of ids.
Result<RulesImage> read_rules_image(std::string_view image, ImageParts parts = ImageParts::all);

}  // namespace keytrail::ruleset
