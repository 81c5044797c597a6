// Compiled rules. Immutable; one for all threads. Each thread scans with a Scratch of its own.
//
// Stage one is one Hyperscan pass over the bytes that looks for anchors only; stage two runs a rule's pattern (RE2),
// checks and filters in the window around its anchors. A scan is a pure function of the bytes and the rules.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/blob.h"
#include "scanner/core/known_values.h"
#include "scanner/core/match.h"
#include "scanner/engine/decision.h"
#include "scanner/engine/rule_cost.h"
#include "scanner/ruleset/ruleset.h"

namespace keytrail::engine {

// What one thread needs to scan: buffers that are kept from blob to blob, and its counts.
class Scratch {
 public:
  Scratch();
  Scratch(Scratch&&) noexcept;
  Scratch& operator=(Scratch&&) noexcept;
  ~Scratch();

  struct Counts {
    std::uint64_t fresh_bytes = 0;  // that stage one looked at
    std::uint64_t candidates = 0;
    std::uint64_t pattern_matches = 0;
    std::uint64_t matches = 0;
    std::uint64_t cut = 0;        // matches over the budget of a blob
    std::uint64_t undecoded = 0;  // encoded runs of which a part is over the limits
  };
  const Counts& counts() const;

  // From now on scan() tells `observer`, which outlives this, what becomes of each candidate. Null ends that.
  void observe(Observer* observer);
  // From now on scans measure what each rule costs. Before: empty.
  void measure_rules();
  const std::vector<RuleCost>& rule_costs() const;

 private:
  friend class Engine;
  struct State;
  std::unique_ptr<State> state_;
};

// What a scan learned of one text, for texts that are made from it by copying. Of use to the engine that made it.
class TextState {
 public:
  TextState();
  TextState(TextState&&) noexcept;
  TextState& operator=(TextState&&) noexcept;
  ~TextState();

  struct State;

 private:
  friend class Engine;
  std::unique_ptr<State> state_;  // null: nothing was found that could be inherited
};

struct EngineOptions {
  std::string cache_folder;                      // where compiled databases are kept; empty: none is read or written
  std::uint32_t max_matches_per_blob = 100'000;  // of one blob; what is over is counted in Scratch::Counts::cut
  // Bytes of one blob that are decoded; what is over is counted in Scratch::Counts::undecoded.
  std::uint64_t max_decoded_bytes = std::uint64_t{16} << 20;
  // Values that are found whatever the rules say, as matches of the rule core::kKnownRule, which must be there. May be
  // null; outlives the engine.
  const core::KnownValues* known = nullptr;
};

class Engine {
 public:
  // `rules` must outlive the engine. Takes the anchor database from the cache or compiles and caches it; patterns are
  // compiled on first use, and bad ones are reported by compile_all().
  static Result<Engine> build(const ruleset::RuleSet& rules, const EngineOptions& options);
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  Result<Scratch> make_scratch() const;

  // Appends the matches in `bytes` to `out`, by offset, at most one for each place. `scratch` comes from this engine.
  // `keep`, when given, is set for scan_copied().
  Status scan(std::string_view bytes, Scratch& scratch, std::vector<core::Match>& out, TextState* keep = nullptr) const;

  // The same result, byte for byte, for a text of which runs were copied from a base of `base_size` bytes that was
  // scanned before: only what is between the runs goes through stage one, and a rule runs again only where its window
  // leaves a run. `copies` ascend by `at` and do not overlap.
  Status scan_copied(std::string_view bytes, const TextState& base, std::uint64_t base_size,
                     const std::vector<core::Copy>& copies, Scratch& scratch, std::vector<core::Match>& out,
                     TextState* keep = nullptr) const;

  // Compiles every pattern: for `rules check`.
  Status compile_all() const;

  // The bytes on either side of an anchor that a scan may look at: pieces of a text that overlap by twice this much
  // find what the whole finds.
  std::uint32_t max_window() const;
  const ruleset::RuleSet& rules() const;

 private:
  struct State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace keytrail::engine
