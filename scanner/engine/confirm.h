// Stage two: one rule in one window. Pattern, borders, check, context, filters.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/match.h"
#include "scanner/engine/decision.h"
#include "scanner/engine/filters.h"
#include "scanner/ruleset/rule.h"

namespace re2 {
class RE2;
}

namespace keytrail::engine {

struct ConfirmCounts {
  std::uint64_t pattern_matches = 0;
  std::uint64_t outside_borders = 0;
  std::uint64_t without_context = 0;
  std::uint64_t failed_check = 0;
  std::uint64_t allowed = 0;  // by the rule's own allow patterns
  std::array<std::uint64_t, kDrops> dropped{};
};

// One rule ready to run. Its patterns are compiled when first needed, once for all threads.
class Confirmer {
 public:
  explicit Confirmer(const ruleset::Rule& rule);
  ~Confirmer();
  Confirmer(const Confirmer&) = delete;
  Confirmer& operator=(const Confirmer&) = delete;

  Status compile() const;

  // Appends the matches that lie in `window` of `text`, forward only. A hostile text that makes the pattern try again
  // at every byte is given up in time linear in the window: then false is returned and the rest of the window is lost.
  // `observer`, when there is one, is told what became of each match of the pattern, but for those that stay.
  bool run(core::RuleIndex index, std::string_view text, core::Span window, ConfirmCounts& counts,
           std::vector<core::Match>& out, Observer* observer = nullptr) const;

  // How far outside of a window the bytes can matter: borders, context and filters look there.
  std::uint64_t reach() const { return rule_.window() + kLineReach + 16; }

 private:
  struct Verdict {
    Outcome outcome = Outcome::found;
    Drop drop = Drop::none;
  };
  // Whether `match`, which ends within a longer word, is a sample all the same; then it reaches to the word's end.
  bool is_long_sample(std::string_view text, core::Match& match) const;
  Verdict judge_match(std::string_view text, core::Match& match, ConfirmCounts& counts) const;
  bool has_context(std::string_view text, core::Span span) const;
  core::Span block_span(std::string_view text, core::Span header) const;

  const ruleset::Rule& rule_;
  mutable std::once_flag compiled_;
  mutable std::unique_ptr<re2::RE2> pattern_;
  mutable std::vector<std::unique_ptr<re2::RE2>> allow_;
};

}  // namespace keytrail::engine
