#include "scanner/ruleset/ruleset.h"

#include <algorithm>

#include "scanner/ruleset/rules_image.h"
#include "scanner/ruleset/rules_toml.h"

namespace keytrail::ruleset {
namespace {

bool id_before(const Rule& rule, std::string_view id) { return rule.id < id; }

// Marks the rules that one word of a selection names; whether there was one.
bool mark(const std::vector<Rule>& rules, std::string_view word, std::vector<bool>& marks) {
  const bool prefix = !word.empty() && word.back() == '*';
  if (prefix) word.remove_suffix(1);
  bool found = false;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto fits = [&](std::string_view id) { return prefix ? id.starts_with(word) : id == word; };
    if (!fits(rules[i].id) && std::none_of(rules[i].aliases.begin(), rules[i].aliases.end(), fits)) continue;
    marks[i] = true;
    found = true;
  }
  return found;
}

Status mark_all(const std::vector<Rule>& rules, const std::vector<std::string>& words, std::vector<bool>& marks) {
  for (const std::string& word : words) {
    if (mark(rules, word, marks)) continue;
    return make_error(ErrorCode::invalid_argument, "no rule has this id: `keytrail rules list` shows them", word);
  }
  return {};
}

}  // namespace

Result<RuleSet> RuleSet::parse(std::string_view toml, const std::string& file_name) {
  Result<std::vector<Rule>> rules = parse_rules(toml, file_name);
  if (!rules) return rules.error();
  RuleSet set;
  set.rules_ = std::move(*rules);
  if (Status status = set.finish(); !status) return status.error();
  return set;
}

Result<RuleSet> RuleSet::from_rules(std::vector<Rule> rules) {
  RuleSet set;
  set.rules_ = std::move(rules);
  if (Status status = set.finish(); !status) return status.error();
  if (Status status = set.check_companions(); !status) return status.error();
  return set;
}

Status RuleSet::merge(RuleSet other) {
  RuleSet merged;
  std::vector<std::string> replaced;
  for (const Rule& rule : other.rules_) {
    replaced.push_back(rule.id);
    replaced.insert(replaced.end(), rule.aliases.begin(), rule.aliases.end());
  }
  std::sort(replaced.begin(), replaced.end());
  const auto is_replaced = [&](const std::string& id) {
    return std::binary_search(replaced.begin(), replaced.end(), id);
  };
  for (Rule& rule : other.rules_) merged.rules_.push_back(std::move(rule));
  for (const Rule& rule : rules_) {
    if (is_replaced(rule.id) || std::any_of(rule.aliases.begin(), rule.aliases.end(), is_replaced)) continue;
    merged.rules_.push_back(rule);
  }
  if (Status status = merged.finish(); !status) return status;
  if (Status status = merged.check_companions(); !status) return status;
  *this = std::move(merged);
  return {};
}

Status RuleSet::select(const std::vector<std::string>& keep, const std::vector<std::string>& drop) {
  std::vector<bool> kept(rules_.size(), keep.empty());
  std::vector<bool> dropped(rules_.size(), false);
  if (Status status = mark_all(rules_, keep, kept); !status) return status;
  if (Status status = mark_all(rules_, drop, dropped); !status) return status;

  RuleSet selected;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (kept[i] && !dropped[i]) selected.rules_.push_back(rules_[i]);
  }
  // An optional companion may go: what it would have raised stays as it is.
  for (Rule& rule : selected.rules_) {
    std::erase_if(rule.companions, [&](const Companion& companion) {
      return !companion.required && selected.find(companion.rule) == nullptr;
    });
  }
  if (Status status = selected.check_companions(); !status) return status;
  if (Status status = selected.finish(); !status) return status;
  *this = std::move(selected);
  return {};
}

const Rule* RuleSet::find(std::string_view id) const {
  const auto index = index_of(id);
  return index ? &rules_[*index] : nullptr;
}

std::optional<core::RuleIndex> RuleSet::index_of(std::string_view id) const {
  const auto place = std::lower_bound(rules_.begin(), rules_.end(), id, id_before);
  if (place != rules_.end() && place->id == id) return static_cast<core::RuleIndex>(place - rules_.begin());
  const auto alias = std::lower_bound(aliases_.begin(), aliases_.end(), id,
                                      [](const auto& entry, std::string_view name) { return entry.first < name; });
  if (alias == aliases_.end() || alias->first != id) return std::nullopt;
  return alias->second;
}

std::string RuleSet::serialise() const { return write_rules_image(rules_, digest_); }

Result<RuleSet> RuleSet::deserialise(std::string_view image) {
  Result<RulesImage> read = read_rules_image(image);
  if (!read) return read.error();
  RuleSet set;
  set.rules_ = std::move(read->rules);
  set.digest_ = std::move(read->digest);
  if (Status status = set.index_aliases(); !status) return status.error();
  return set;
}

Status RuleSet::finish() {
  std::stable_sort(rules_.begin(), rules_.end(), [](const Rule& a, const Rule& b) { return a.id < b.id; });
  for (std::size_t i = 1; i < rules_.size(); ++i) {
    const Rule& first = rules_[i - 1];
    const Rule& second = rules_[i];
    if (first.id != second.id) continue;
    return make_error(ErrorCode::invalid_argument,
                      "the rule `" + second.id + "` stands already at " + first.source + ": give it another id",
                      second.source);
  }
  if (Status status = index_aliases(); !status) return status;
  digest_ = rules_digest(rules_);
  return {};
}

Status RuleSet::index_aliases() {
  aliases_.clear();
  for (core::RuleIndex i = 0; i < rules_.size(); ++i) {
    for (const std::string& alias : rules_[i].aliases) {
      const auto place = std::lower_bound(rules_.begin(), rules_.end(), alias, id_before);
      // Its own id stands first where another rule was merged into this one: fingerprints stay those of this one.
      if (place != rules_.end() && place->id == alias && alias != rules_[i].id) {
        return make_error(ErrorCode::invalid_argument,
                          "the alias `" + alias + "` of the rule `" + rules_[i].id + "` is the id of another rule",
                          rules_[i].source);
      }
      aliases_.emplace_back(alias, i);
    }
  }
  std::sort(aliases_.begin(), aliases_.end());
  const auto twice = std::adjacent_find(aliases_.begin(), aliases_.end(),
                                        [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twice == aliases_.end()) return {};
  const Rule& rule = rules_[std::next(twice)->second];
  return make_error(ErrorCode::invalid_argument,
                    "the alias `" + twice->first + "` of the rule `" + rule.id + "` is an alias of another rule too",
                    rule.source);
}

Status RuleSet::check_companions() const {
  for (const Rule& rule : rules_) {
    for (const Companion& companion : rule.companions) {
      if (find(companion.rule) != nullptr) continue;
      return make_error(ErrorCode::invalid_argument,
                        "the rule `" + rule.id + "` has the companion `" + companion.rule + "`, which is not there",
                        rule.source);
    }
  }
  return {};
}

}  // namespace keytrail::ruleset
