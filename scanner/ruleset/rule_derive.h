// What follows from a rule as written: widths, borders, anchors with their places, public prefix; and whether the rule
// holds together. Compiles nothing, knows no TOML.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ruleset/rule.h"

namespace keytrail::ruleset {

// A rule as a file gives it; of `rule` the fields "as written" but for those that stand here.
struct RuleDraft {
  Rule rule;
  std::optional<std::uint32_t> secret_group;        // absent: the first group when there is one
  std::optional<std::vector<std::string>> anchors;  // absent: found in the pattern, or the context words
  bool anchors_caseless = false;
  std::vector<std::string> anchor_patterns;
  // A provider's words that everyday code has too: "box" stands for "box_token", "box secret", "boxkey", ….
  std::vector<std::string> names;
  bool wants_borders = true;
  std::string block;  // "pem" or "ppk" for block rules, else empty
  std::string run;    // a class of bytes, such as [0-9a-z]
  std::optional<std::uint32_t> run_bytes;
};

// An error's subject is the name of the key that is wrong.
Result<Rule> derive_rule(RuleDraft draft);

}  // namespace keytrail::ruleset
