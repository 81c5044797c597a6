// The engine with the built-in rules: any bytes give matches in order, inside the bytes, the same each time, and the
// same whatever was scanned before with the same scratch.
#include <cstdlib>
#include <vector>

#include "scanner/engine/engine.h"
#include "tests/fuzz/input.h"

using keytrail::core::Match;
using keytrail::engine::Engine;
using keytrail::fuzz::require;
using keytrail::ruleset::RuleSet;

namespace {

const Engine& engine() {
  static const RuleSet rules = [] {
    auto builtin = RuleSet::builtin();
    require(builtin.has_value());
    return std::move(builtin).value();
  }();
  static const Engine built = [] {
    auto result = Engine::build(rules, {});
    require(result.has_value());
    return std::move(result).value();
  }();
  return built;
}

std::vector<Match> scan(std::string_view bytes, keytrail::engine::Scratch& scratch) {
  std::vector<Match> matches;
  require(engine().scan(bytes, scratch, matches).has_value());
  return matches;
}

bool same(const std::vector<Match>& a, const std::vector<Match>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].rule != b[i].rule || a[i].span != b[i].span || a[i].secret != b[i].secret) return false;
    if (a[i].confidence != b[i].confidence || a[i].severity != b[i].severity || a[i].facts != b[i].facts) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto shared = engine().make_scratch();
  require(shared.has_value());
  const std::string_view bytes = keytrail::fuzz::text_of(data, size);
  const std::vector<Match> matches = scan(bytes, shared.value());
  std::uint64_t previous = 0;
  for (const Match& match : matches) {
    require(match.rule < engine().rules().rules().size());
    require(match.span.begin <= match.secret.begin && match.secret.begin < match.secret.end);
    require(match.secret.end <= match.span.end && match.span.end <= bytes.size());
    require(match.span.begin >= previous);
    previous = match.span.begin;
  }
  auto fresh = engine().make_scratch();
  require(fresh.has_value());
  require(same(matches, scan(bytes, fresh.value())));
  return 0;
}
