// Filters: what looks like a secret and is none. Pure functions of the bytes, linear time.
//
// The order and the strength of the tests follow the rule's kind: the surer the shape, the fewer tests, so that a real
// token beside the word "example" is still found. Words are compared with the value (or its part behind the public
// prefix), never with the whole line, except for `generic` and `context` rules, where the name beside the value speaks
// too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "scanner/core/match.h"
#include "scanner/ruleset/rule.h"

namespace keytrail::engine {

// Why a match was dropped; `none` when it stays.
enum class Drop : std::uint8_t {
  none,
  sample,        // published by a vendor as an example, known by its hash
  reference,     // ${VAR}, {{ x }}, vault paths, function calls, identifiers: names a secret
  masked,        // ****, xxxx, dots
  placeholder,   // "changeme", "your-token-here"
  repeated,      // one character, or one short block, again and again
  sequence,      // "abcdef", "12345678", "qwerty"
  low_entropy,   // less random than the shape allows
  not_random,    // words, file names, versions, plain text (kinds context and generic)
  digest,        // a hash or an id by its label or form
  other_name,    // the name beside it says that it is something else (kind generic)
  encrypted,     // SOPS, Ansible Vault, sealed: not readable
  public_value,  // a public key or identifier
};
inline constexpr std::size_t kDrops = static_cast<std::size_t>(Drop::public_value) + 1;

std::string_view to_string(Drop drop);

struct Candidate {
  ruleset::RuleKind kind = ruleset::RuleKind::token;
  std::string_view secret;          // the whole secret
  std::uint32_t public_prefix = 0;  // bytes of it that every secret of the rule begins with
  double min_entropy = 0;           // of the rule; scaled down for short secrets by the filter
  bool checksum_passed = false;     // then only `sample` is asked
  // The text of the match's line around it, at most kLineReach bytes on either side.
  std::string_view before;
  std::string_view behind;
};
inline constexpr std::size_t kLineReach = 128;

Drop judge(const Candidate& candidate);

// Whether a match that judge() keeps is likelier a sample than not: a word with marks for letters, a password of plain
// words, a host that exists in documents only. It is reported with low confidence.
bool is_doubtful(const Candidate& candidate);

// Shannon entropy, bits per byte.
double entropy(std::string_view text);

}  // namespace keytrail::engine
