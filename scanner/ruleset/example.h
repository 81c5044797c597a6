// Examples made from a rule's shape: texts that the rule must find. No token-like text stands in the repository.
#pragma once

#include <random>
#include <string>

#include "scanner/core/match.h"
#include "scanner/ruleset/rule.h"

namespace keytrail::ruleset {

struct Example {
  std::string text;
  core::Span secret;  // where the rule must find it
};

// A text with one valid credential of the rule: pattern sampled, check made valid, context word beside it where the
// rule wants one. Companions are other rules' matches: the caller puts their examples beside it. Deterministic for a
// seed. Empty when the pattern does not parse.
Example make_example(const Rule& rule, std::mt19937_64& random);

}  // namespace keytrail::ruleset
