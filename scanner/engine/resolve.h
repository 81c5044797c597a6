// One secret, one match: what is left when several rules want the same bytes.
#pragma once

#include <vector>

#include "scanner/core/match.h"
#include "scanner/engine/decision.h"
#include "scanner/ruleset/ruleset.h"

namespace keytrail::engine {

// Drops matches whose required companion is not near, and raises the confidence of those whose optional one is.
// `matches` in any order; leaves them sorted by rule and offset.
void apply_companions(const ruleset::RuleSet& rules, std::vector<core::Match>& matches, Observer* observer = nullptr);

// Of matches whose secrets overlap the surest rule's stays (rule kind, then what was not decoded, then those of all
// paths, then confidence, length, id, place in `matches`); the ids of the others are kept in its `related`. Leaves them
// sorted by offset. What was found by its value alone (core::kKnownRule) keeps its place; a rule's match of the same
// bytes takes it over, with all confidence, and has that rule in `related`. O(n log n).
void resolve_overlaps(const ruleset::RuleSet& rules, std::vector<core::Match>& matches, Observer* observer = nullptr);

}  // namespace keytrail::engine
