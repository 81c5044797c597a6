// gitleaks configurations: any bytes are a configuration or an error with a place, and each of its rules is a rule of
// ours, which reads back as it was written, or an error with the rule's place.
#include "scanner/ruleset/gitleaks_rules.h"
#include "scanner/ruleset/rules_writer.h"
#include "scanner/ruleset/ruleset.h"
#include "tests/fuzz/input.h"

using keytrail::fuzz::require;
using keytrail::ruleset::RuleSet;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config = keytrail::ruleset::parse_gitleaks_toml(keytrail::fuzz::text_of(data, size), "fuzz.toml");
  if (!config) {
    require(config.error().subject.find("fuzz.toml") != std::string::npos);
    return 0;
  }
  for (const auto& rule : config.value().rules) {
    const auto made = keytrail::ruleset::import_rule(rule);
    if (!made) {
      require(made.error().subject.find("fuzz.toml") != std::string::npos);
      continue;
    }
    const auto read = RuleSet::parse(keytrail::ruleset::write_rule(made.value().draft, made.value().bounds), "w.toml");
    require(read.has_value());
    const auto direct = RuleSet::from_rules({made.value().rule});
    require(direct.has_value());
    require(read.value().rules().front().pattern == made.value().rule.pattern);
  }
  return 0;
}
