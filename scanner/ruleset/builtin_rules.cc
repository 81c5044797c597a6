#include "scanner/ruleset/builtin_rules.h"

#include <algorithm>
#include <utility>

#include "scanner/ruleset/rules_image.h"
#include "scanner/ruleset/ruleset.h"

namespace keytrail::ruleset {

// Here and not in ruleset.cc: the tool that packs the rules links all but this.
Result<RuleSet> RuleSet::builtin() { return deserialise(builtin_rules_image()); }

Result<RuleSet> RuleSet::builtin_without_texts() {
  Result<RulesImage> read = read_rules_image(builtin_rules_image(), ImageParts::without_texts);
  if (!read) return read.error();
  RuleSet set;
  set.rules_ = std::move(read->rules);
  set.digest_ = std::move(read->digest);
  if (Status status = set.index_aliases(); !status) return status.error();
  return set;
}

Status RuleSet::add_texts() {
  const auto nameless = [](const Rule& rule) { return rule.name.empty(); };
  if (std::none_of(rules_.begin(), rules_.end(), nameless)) return {};
  Result<RuleSet> whole = builtin();
  if (!whole) return whole.error();
  for (Rule& rule : rules_) {
    const auto place = whole->index_of(rule.id);
    if (!nameless(rule) || !place) continue;
    Rule& from = whole->rules_[*place];
    rule.name = std::move(from.name);
    rule.provider = std::move(from.provider);
    rule.description = std::move(from.description);
    rule.rotate = std::move(from.rotate);
    rule.category = from.category;
    rule.negative_examples = std::move(from.negative_examples);
    rule.source = std::move(from.source);
  }
  return {};
}

}  // namespace keytrail::ruleset
