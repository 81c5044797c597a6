#include "scanner/ruleset/builtin_rules.h"

#include "scanner/ruleset/ruleset.h"

namespace keytrail::ruleset {

// Here and not in ruleset.cc: the tool that packs the rules links all but this.
Result<RuleSet> RuleSet::builtin() { return deserialise(builtin_rules_image()); }

}  // namespace keytrail::ruleset
