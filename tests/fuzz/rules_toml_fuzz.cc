// Rule files: any bytes are rules or an error with a place; what is accepted survives its image and keeps its digest.
#include "scanner/ruleset/ruleset.h"
#include "tests/fuzz/input.h"

using keytrail::fuzz::require;
using keytrail::ruleset::RuleSet;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto rules = RuleSet::parse(keytrail::fuzz::text_of(data, size), "fuzz.toml");
  if (!rules) {
    require(rules.error().describe().find("fuzz.toml") != std::string::npos);
    return 0;
  }
  const auto again = RuleSet::deserialise(rules.value().serialise());
  require(again.has_value());
  require(again.value().digest() == rules.value().digest());
  require(again.value().rules().size() == rules.value().rules().size());
  for (const auto& rule : rules.value().rules()) require(rule.min_width <= rule.max_width);
  return 0;
}
