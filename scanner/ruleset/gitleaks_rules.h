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
Result<ImportedRule> import_rule(const GitleaksRule& rule);

}  // namespace keytrail::ruleset
