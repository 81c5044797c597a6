// A rule of gitleaks as one of ours.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ruleset/gitleaks_toml.h"
#include "scanner/ruleset/rule_derive.h"

namespace keytrail::ruleset {

struct ImportedRule {
  RuleDraft draft;  // as it would be written
  Rule rule;
  std::vector<std::string> bounds;   // repetitions that were bounded, one sentence each
  std::vector<std::string> changes;  // what else became of it that its author may not expect
};

// The kind is `token` (`context` where only its keywords tell where to look): its pattern decides, with the filters
// that every token passes. Anchors are its keywords where every match contains one, else what its pattern contains. An
// error says why it cannot be expressed; its subject is the rule's place. Path and allowlists are the caller's.
//
// A rule with skipReport has low confidence and the severity info: it is for those that require it.
Result<ImportedRule> import_rule(const GitleaksRule& rule);

// What a rule requires beside it, as a companion: our rule `id`. Ours count bytes: a line is taken for 100, and
// "anywhere" for 4,096; `change` says what it became.
Companion companion_for(const GitleaksRequired& required, const std::string& id, std::string& change);

// Whether one of `rules` requires the rule `id`.
bool is_required(const std::vector<GitleaksRule>& rules, const std::string& id);

}  // namespace keytrail::ruleset
