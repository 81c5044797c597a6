#include "scanner/engine/rule_check.h"

#include <algorithm>
#include <random>

#include "scanner/base/hash.h"
#include "scanner/engine/engine.h"
#include "scanner/ruleset/example.h"

namespace keytrail::engine {
namespace {

using core::Match;
using core::Span;
using ruleset::Rule;
using ruleset::RuleSet;

constexpr int kExamplesPerRule = 8;

// One engine and its scratch.
struct Bench {
  Engine engine;
  Scratch scratch;

  static Result<Bench> make(const RuleSet& rules) {
    auto engine = Engine::build(rules, {});
    if (!engine) return engine.error();
    auto scratch = engine->make_scratch();
    if (!scratch) return scratch.error();
    return Bench{std::move(*engine), std::move(*scratch)};
  }

  Result<std::vector<Match>> scan(std::string_view text) {
    std::vector<Match> matches;
    if (Status scanned = engine.scan(text, scratch, matches); !scanned) return scanned.error();
    return matches;
  }
};

bool finds(const std::vector<Match>& matches, core::RuleIndex rule, const Span& secret) {
  return std::any_of(matches.begin(), matches.end(),
                     [&](const Match& m) { return m.rule == rule && m.secret == secret; });
}

bool finds_or_gives_way(const std::vector<Match>& matches, core::RuleIndex rule, const Span& secret) {
  return std::any_of(matches.begin(), matches.end(), [&](const Match& m) {
    const bool named = m.rule == rule || std::find(m.related.begin(), m.related.end(), rule) != m.related.end();
    return named && m.secret.overlaps(secret);
  });
}

class Checker {
 public:
  Checker(const RuleSet& rules, Bench all) : rules_(rules), all_(std::move(all)) {}

  Status check(core::RuleIndex index) {
    const Rule& rule = rules_.rules()[index];
    RuleSet alone = rules_;
    std::vector<std::string> keep = {rule.id};
    for (const ruleset::Companion& companion : rule.companions) keep.push_back(companion.rule);
    if (Status selected = alone.select(keep, {}); !selected) return selected;
    auto bench = Bench::make(alone);
    if (!bench) return bench.error();
    const core::RuleIndex index_alone = *alone.index_of(rule.id);
    if (Status compiled = bench->engine.compile_all(); !compiled) {
      problems_.push_back(compiled.error().describe());
      return {};
    }
    if (Status positives = check_positives(rule, index, index_alone, *bench); !positives) return positives;
    return check_negatives(rule, index_alone, *bench);
  }

  std::vector<std::string>& problems() { return problems_; }

 private:
  void report(const Rule& rule, const std::string& what) {
    problems_.push_back(rule.source + ": " + rule.id + ": " + what);
  }

  Status check_positives(const Rule& rule, core::RuleIndex index, core::RuleIndex index_alone, Bench& alone) {
    std::mt19937_64 random(hash64(rule.id));
    int missed_alone = 0;
    int missed_among_all = 0;
    for (int i = 0; i < kExamplesPerRule; ++i) {
      const ruleset::Example example = complete_example(rules_, rule, random);
      const auto by_itself = alone.scan(example.text);
      if (!by_itself) return by_itself.error();
      missed_alone += finds(*by_itself, index_alone, example.secret) ? 0 : 1;
      const auto among_all = all_.scan(example.text);
      if (!among_all) return among_all.error();
      missed_among_all += finds_or_gives_way(*among_all, index, example.secret) ? 0 : 1;
    }
    const std::string of = " of " + std::to_string(kExamplesPerRule) + " examples made from its shape ";
    if (missed_alone > 0) report(rule, std::to_string(missed_alone) + of + "are not found");
    if (missed_alone == 0 && missed_among_all > 0) {
      report(rule, std::to_string(missed_among_all) + of + "are lost to other rules");
    }
    return {};
  }

  Status check_negatives(const Rule& rule, core::RuleIndex index_alone, Bench& alone) {
    for (std::size_t i = 0; i < rule.negative_examples.size(); ++i) {
      const auto matches = alone.scan(rule.negative_examples[i]);
      if (!matches) return matches.error();
      const bool found =
          std::any_of(matches->begin(), matches->end(), [&](const Match& m) { return m.rule == index_alone; });
      if (found) report(rule, "negative example " + std::to_string(i + 1) + " is found");
    }
    return {};
  }

  const RuleSet& rules_;
  Bench all_;
  std::vector<std::string> problems_;
};

}  // namespace

ruleset::Example complete_example(const ruleset::RuleSet& rules, const ruleset::Rule& rule, std::mt19937_64& random) {
  ruleset::Example example = ruleset::make_example(rule, random);
  for (const ruleset::Companion& companion : rule.companions) {
    const Rule* other = rules.find(companion.rule);
    if (companion.required && other != nullptr) example.text += "\n" + ruleset::make_example(*other, random).text;
  }
  return example;
}

Result<std::vector<std::string>> check_rules(const RuleSet& rules) {
  auto all = Bench::make(rules);
  if (!all) return all.error();
  Checker checker(rules, std::move(*all));
  for (core::RuleIndex i = 0; i < rules.rules().size(); ++i) {
    if (Status checked = checker.check(i); !checked) return checked.error();
  }
  return std::move(checker.problems());
}

}  // namespace keytrail::engine
