// What is reported of a credential that cannot be a live one: a published sample, a made-up value ("sk_live_abcdef…")
// or one whose checksum is wrong, in the shape and at the place of one provider's credential. Dropping it silently
// hides a value that somebody "made harmless" by hand, and a checker's blind spot; reporting it at the rule's severity
// blocks work for nothing. So it is reported for information (severity `info`, below what fails a run), with the fact
// `sample`.
//
// Only rules of the kinds `token` and `context` do so: there the provider is known. What refers to a secret, is masked
// or encrypted, or is a digest by its label, is no credential at all and stays dropped.
#pragma once

#include <string_view>

#include "scanner/core/match.h"
#include "scanner/engine/filters.h"

namespace keytrail::engine {

// The value of the fact `sample` when a match of `rule` that was dropped for `drop` is still worth a line; empty
// otherwise. `before` and `behind` are the line's text around the secret, as for judge().
std::string_view sample_reason(const ruleset::Rule& rule, Drop drop, std::string_view secret, std::string_view before);

// Marks a match as one: severity, confidence and fact.
void mark_sample(core::Match& match, std::string_view reason);
bool is_sample(const core::Match& match);

}  // namespace keytrail::engine
