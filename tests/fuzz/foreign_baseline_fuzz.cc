// Baselines of other scanners: any bytes are entries that name a file, or an error that names the baseline.
#include "scanner/cli/foreign_baseline.h"
#include "tests/fuzz/input.h"

using keytrail::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = keytrail::fuzz::text_of(data, size);
  (void)keytrail::cli::is_foreign_baseline(text);
  static const keytrail::ruleset::RuleSet kRules;
  const auto entries = keytrail::cli::parse_foreign_baseline(text, "fuzz.json", kRules);
  if (!entries) {
    require(entries.error().subject.find("fuzz.json") != std::string::npos);
    return 0;
  }
  for (const auto& entry : entries.value()) require(!entry.value.empty() || entry.line > 0);
  return 0;
}
