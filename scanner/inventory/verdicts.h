// Inventory + policy + what a scan found -> verdicts. A pure function: the time is passed in.
//
// Open and closed. A leak is closed by the inventory alone:
//   the token is revoked                                        leaked-revoked
//   the value that was found is an earlier one of the token     leaked-superseded, unless it is still valid: its last
//                                                               day is to come, or the token is being rotated and this
//                                                               is the value before the current one
//   the value is not known (a probable join), and the current one was made later than the first exposure
//                                                               leaked-superseded
//   anything else, so the current value itself, whatever dates say: a commit's date can be made up     leaked
// No exposure date (a file that is in no commit) is: now. Where neither the value nor a date tells, it is open.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scanner/core/finding.h"
#include "scanner/core/token.h"
#include "scanner/inventory/policy.h"
#include "scanner/inventory/store.h"

namespace keytrail::inventory {

// What is known of one secret that was found.
struct Exposure {
  std::optional<core::TokenLink> link;             // none: untracked
  core::Severity severity = core::Severity::high;  // of the rule
  std::optional<core::Instant> first;              // when it was first exposed; none: it stands there now
  std::string where;                               // "in commit 1a2b3c4d5e6f", "in config/app.env"
  std::string rule;                                // id, for what the secret is called where no token is known
  std::vector<std::string> paths;
  bool is_public = false;
  bool suppressed = false;
};

// The first exposure is the earliest commit that brought it (the committer's date: the author's may be any), or unknown
// where a place is in no commit alone.
Exposure exposure_of(const core::Finding& finding, bool is_public);

struct Verdicts {
  std::vector<core::Verdict> exposures;   // one for each, in their order
  std::vector<core::TokenStatus> tokens;  // one for each token, in their order
};

// Links that name no token of `tokens` count as none.
Verdicts judge(std::vector<core::Token> tokens, const std::vector<Exposure>& exposures, const Policy& policy,
               core::Instant now);

// Sets token, verdict and severity of each finding, sorts the findings anew, and gives the report the tokens that have
// a verdict, worst first. Severity: P0 critical, P1 high, P2 medium, P3 low; of a closed leak info; of an untracked
// secret that of its rule, and in public at least high.
void judge_report(core::ScanReport& report, std::vector<core::Token> tokens, const Policy& policy, bool is_public,
                  core::Instant now);

// Most urgent first, then by what is due first, then by id.
void sort_by_urgency(std::vector<core::TokenStatus>& tokens);

// ---- parts of judge(), for those who need one of them

// When the policy wants it rotated next; nothing for a token that is out of use, or whose value has no known date.
std::optional<core::Instant> rotate_by(const core::Token& token, const Policy& policy, core::Tier tier);
// What of a store may be due at `until` or has a verdict with an exception.
DueBound due_bound(const Policy& policy, core::Instant now, core::Instant until);
// Whether it can still be used, as far as the inventory knows.
bool is_in_use(const core::Token& token);
// The verdicts that need no finding, but for `reused`, which looks at several tokens.
void add_token_verdicts(core::TokenStatus& status, const Policy& policy, core::Instant now);
// Adds `reused` to tokens of equal fingerprints.
void add_reused(std::vector<core::TokenStatus>& tokens, const Policy& policy, core::Instant now);
// A verdict with what the policy says of its kind: priority, deadline, exception.
core::Verdict make_verdict(core::VerdictKind kind, const core::TokenStatus& status, const Policy& policy,
                           core::Instant now);

}  // namespace keytrail::inventory
