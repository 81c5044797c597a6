// Which of our rules find what a rule of gitleaks finds, by the ids of both. The ids are what users write into
// disabledRules, targetRules and .gitleaksignore.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scanner/ruleset/ruleset.h"

namespace keytrail::ruleset {

// Ids of rules in `rules`, ascending: the rule of this very id, or those of the same kind of credential. Empty: nothing
// here is known to be the same.
std::vector<std::string> ids_for_gitleaks(std::string_view gitleaks_id, const RuleSet& rules);

// gitleaks' own catch-all finds what many specific rules of ours find.
inline constexpr std::string_view kGitleaksGeneric = "generic-api-key";

// The id that a rule of gitleaks gets when it is taken over: "acme_Key" becomes "acme-key", "acme" "custom-acme".
std::string imported_id(std::string_view gitleaks_id);

}  // namespace keytrail::ruleset
