// Checks that need no network: checksums, structures, and what can be read off a secret. Pure functions of the bytes.
// Where a check's algorithm comes from stands at its code.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/match.h"
#include "scanner/ruleset/rule.h"

namespace keytrail::ruleset {

enum class CheckOutcome : std::uint8_t {
  passed,  // a checksum or structure holds: no chance hit
  failed,
  unknown,     // nothing is proved either way: the form may be one that nobody has described
  not_secret,  // it is what the rule looks for, but holds nothing secret (a reference, a sample)
};

struct CheckResult {
  CheckOutcome outcome = CheckOutcome::passed;
  std::vector<core::Fact> facts;
  std::optional<core::Severity> severity;  // when what was read changes it
};

// `matched` is all that the pattern matched, `secret` the part of it that is the secret, `around` the text near it,
// which may hold what a checksum is also over.
CheckResult run_check(CheckId check, std::string_view matched, std::string_view secret, std::string_view around = {});

// Changes the checksum or structure of a generated secret so that the check passes. False when the check has none that
// can be made (then the sample stands as it is).
bool make_valid(CheckId check, std::string& secret, std::mt19937_64& random);

std::optional<CheckId> parse_check(std::string_view name);

}  // namespace keytrail::ruleset
