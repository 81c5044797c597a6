#include "scanner/engine/rule_overlap.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "scanner/base/hash.h"
#include "scanner/engine/engine.h"
#include "scanner/engine/rule_check.h"

namespace keytrail::engine {
namespace {

using core::RuleIndex;

constexpr int kExamples = 4;

// Which rules found an example, and which of them have it.
struct Finders {
  std::set<RuleIndex> all;
  std::set<RuleIndex> winners;
};

class Finder {
 public:
  Finder(const ruleset::RuleSet& rules, const Engine& engine, Scratch& scratch)
      : rules_(rules), engine_(engine), scratch_(scratch) {}

  // The rules that find every example of this one, and whether it has all of them; nothing when it misses one itself.
  Status look(RuleIndex index) {
    const ruleset::Rule& rule = rules_.rules()[index];
    std::mt19937_64 random(hash64(rule.id));
    std::map<RuleIndex, int> found;
    std::map<RuleIndex, int> won;
    for (int i = 0; i < kExamples; ++i) {
      const ruleset::Example example = complete_example(rules_, rule, random);
      const Result<Finders> finders = scan(example);
      if (!finders) return finders.error();
      for (const RuleIndex other : finders->all) ++found[other];
      for (const RuleIndex other : finders->winners) ++won[other];
    }
    if (found[index] < kExamples) return {};
    for (const auto& [other, times] : found) {
      if (other != index && times == kExamples) pairs_[{index, other}] = won[other] == kExamples;
    }
    return {};
  }

  std::vector<RuleOverlap> overlaps() const {
    std::vector<RuleOverlap> list;
    for (const auto& [pair, lost] : pairs_) {
      const auto& [index, other] = pair;
      const ruleset::Rule& rule = rules_.rules()[index];
      const ruleset::Rule& by = rules_.rules()[other];
      const bool mutual = pairs_.contains({other, index});
      if (mutual && other < index) continue;
      if (!lost && (rule.kind != by.kind || rule.confidence > by.confidence)) continue;
      list.push_back({rule.id, by.id, mutual, lost ? by.id : rule.id});
    }
    return list;
  }

 private:
  Result<Finders> scan(const ruleset::Example& example) {
    std::vector<core::Match> matches;
    if (Status scanned = engine_.scan(example.text, scratch_, matches); !scanned) return scanned.error();
    Finders finders;
    for (const core::Match& match : matches) {
      if (!match.secret.overlaps(example.secret)) continue;
      finders.winners.insert(match.rule);
      finders.all.insert(match.rule);
      finders.all.insert(match.related.begin(), match.related.end());
    }
    return finders;
  }

  const ruleset::RuleSet& rules_;
  const Engine& engine_;
  Scratch& scratch_;
  std::map<std::pair<RuleIndex, RuleIndex>, bool> pairs_;  // -> whether the second has all of the first's
};

}  // namespace

Result<std::vector<RuleOverlap>> find_rule_overlaps(const ruleset::RuleSet& rules) {
  auto engine = Engine::build(rules, {});
  if (!engine) return engine.error();
  auto scratch = engine->make_scratch();
  if (!scratch) return scratch.error();
  Finder finder(rules, *engine, *scratch);
  for (RuleIndex i = 0; i < rules.rules().size(); ++i) {
    if (Status looked = finder.look(i); !looked) return looked.error();
  }
  return finder.overlaps();
}

}  // namespace keytrail::engine
