// The rules of a SARIF run: the ones that its findings name, each with help, level and security-severity.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/report/formats.h"
#include "scanner/report/json_writer.h"

namespace keytrail::report {

class SarifRules {
 public:
  explicit SarifRules(const Job& job);

  // Position in the list that write() writes. `id` is the rule of a finding of the report.
  std::uint64_t index_of(std::string_view id) const;
  void write(JsonWriter& json) const;

 private:
  struct Used {
    std::string id;
    core::Severity severity;  // of its first finding: what a rule that the rule set lacks is given
  };
  void write_rule(const Used& used, JsonWriter& json) const;

  const ruleset::RuleSet& rules_;
  std::vector<Used> used_;  // sorted by id
};

// Text as SARIF wants it in a message: braces doubled and square brackets escaped (3.11.5, 3.11.6), control characters
// made visible.
std::string sarif_text(std::string_view text);
// The same with a period at the end.
std::string sarif_sentence(std::string_view text);

// What to do about a secret of this rule, in sentences.
std::string sarif_advice(const ruleset::Rule* rule);

}  // namespace keytrail::report
