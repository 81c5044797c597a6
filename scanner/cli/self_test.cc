#include "scanner/cli/self_test.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "scanner/ruleset/example.h"

namespace keytrail::cli {
namespace {

// A made secret can look like a word or a placeholder, which filters drop: one of so many does not.
constexpr int kTries = 8;
constexpr int kRules = 4;

bool stands_alone(const ruleset::Rule& rule) {
  const auto required = [](const ruleset::Companion& companion) { return companion.required; };
  return rule.include_paths.empty() && std::none_of(rule.companions.begin(), rule.companions.end(), required);
}

Result<bool> finds(const engine::Engine& engine, engine::Scratch& scratch, const ruleset::Rule& rule) {
  std::mt19937_64 random(1);
  for (int i = 0; i < kTries; ++i) {
    const ruleset::Example example = ruleset::make_example(rule, random);
    const std::string text = "\n" + example.text + "\n";
    std::vector<core::Match> matches;
    if (Status scanned = engine.scan(text, scratch, matches); !scanned) return scanned.error();
    if (!matches.empty()) return true;
  }
  return false;
}

}  // namespace

Status self_test(const engine::Engine& engine) {
  auto scratch = engine.make_scratch();
  if (!scratch) return scratch.error();
  // Surest kinds first, and of these the one with the shortest way from shape to match.
  std::vector<const ruleset::Rule*> rules;
  for (const ruleset::Rule& rule : engine.rules().rules()) {
    if (stands_alone(rule)) rules.push_back(&rule);
  }
  const auto order = [](const ruleset::Rule* rule) {
    return std::pair(rule->kind == ruleset::RuleKind::token ? 0 : 1,
                     rule->check == ruleset::CheckId::github_crc32 ? 0 : 1);
  };
  std::stable_sort(rules.begin(), rules.end(), [&](const auto* a, const auto* b) { return order(a) < order(b); });
  if (rules.size() > kRules) rules.resize(kRules);
  for (const ruleset::Rule* rule : rules) {
    const Result<bool> found = finds(engine, *scratch, *rule);
    if (!found) return found.error();
    if (*found) return {};
  }
  return make_error(ErrorCode::internal,
                    rules.empty() ? "there is no rule that finds anything; `keytrail rules list` lists those in use"
                                  : "the self-test failed: a secret that was made for it was not found; "
                                    "`keytrail rules check`, and look at `rules`, `only_rules` and `skip_rules` in "
                                    ".keytrail.toml");
}

}  // namespace keytrail::cli
