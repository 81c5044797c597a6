// Rules as TOML, in the form of docs/rules.md: what `rules import` writes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scanner/ruleset/rule_derive.h"

namespace keytrail::ruleset {

// A text as TOML writes it: '…' where that can hold it, else "…" with escapes.
std::string toml_text(std::string_view text);

// One [[rule]] with each of `comments` on a line before it. Keys that have their default are left out; companions and
// blocks are not written.
std::string write_rule(const RuleDraft& draft, const std::vector<std::string>& comments);

}  // namespace keytrail::ruleset
