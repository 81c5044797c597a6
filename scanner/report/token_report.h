// What the inventory says, in the forms that the formats share: the token and the verdict of a finding, and the tokens
// that have verdicts. Private to the writers, and to who writes an inventory's own reports.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "scanner/core/finding.h"
#include "scanner/core/token.h"
#include "scanner/report/formats.h"
#include "scanner/report/json_writer.h"
#include "scanner/report/text_style.h"

namespace keytrail::report {

// `token` and `verdict`; null where there is none.
void write_judgement(const core::Finding& finding, JsonWriter& json);
void write_verdict_members(const core::Verdict& verdict, JsonWriter& json);
// The members of an object that the caller opens and closes.
void write_token_members(const core::TokenStatus& status, JsonWriter& json);

// Lines of a finding's details: ("token", "billing-stripe"), ("verdict", "P0 leaked, open: …").
std::vector<core::Fact> judgement_lines(const core::Finding& finding);
// The same in one line, for formats that have one text for a finding: " token: billing-stripe. verdict: …." or nothing.
std::string judgement_text(const core::Finding& finding);
// "P2 rotation-overdue", "P0 leaked, open", "P3 leaked-revoked, closed, probable".
std::string verdict_title(const core::Verdict& verdict);
// The tokens that want something, most urgent first; the worst ones alone unless all are wanted.
void write_tokens(const Job& job, const TextStyle& style, std::ostream& out);

// How pressing a result is, from 0 to 100 (SARIF's rank).
std::uint64_t rank_of(const core::Verdict& verdict);

}  // namespace keytrail::report
