// What sweeps of histories leave in the cache folder for later sweeps. Three files for each repository and way of
// scanning it:
//
//   answer   what the last sweep found, good for as long as nothing of the repository changes;
//   start    what a sweep found, with what the history needs to go on from there: good for as long as the repository
//            only grows;
//   ids      of all objects that there were at the start: read only when git has packed them anew since.
//
// The answer is written after each sweep. The start is written when it does not hold any more, or when much came since:
// it is as big as the history is long, and reading 500 new objects again costs less than writing it.
//
// A file that is damaged, of other rules or of another program is not there. Files that nobody used for 30 days are
// removed, and the oldest of all when they are more than 2 GiB. Several sweeps may run at once: the last one's files
// stay, and each of them is whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scanner/base/hash.h"
#include "scanner/core/history.h"
#include "scanner/ruleset/ruleset.h"
#include "scanner/scan/sweep_state.h"

namespace keytrail::scan {

struct MemoryOptions {
  std::string folder;   // of the files; empty: nothing is kept or known
  std::string program;  // names this very program: what another one found is not believed
};

// Used from one thread.
class SweepMemory {
 public:
  // `way` names all options that change what a sweep finds. `history` may be null; it and `rules` must outlive this.
  SweepMemory(const MemoryOptions& options, const std::string& way, core::HistorySource* history,
              const ruleset::RuleSet& rules);

  // What a sweep would find, when it is known.
  std::optional<Swept> recall();
  // Has the history go on from an earlier sweep where it can. Returns what that one found (without homes), to which
  // what comes now is to be added.
  std::optional<Swept> resume();
  // After a sweep that was not interrupted.
  void keep(const Swept& swept) const;

 private:
  bool is_on() const { return fingerprint_.has_value(); }
  Sha256Digest answer_key() const;
  Sha256Digest ids_key(std::string_view begun_at) const;
  void keep_start(const Swept& swept) const;
  // Keeps prune_states() from taking files that still hold and need not be read.
  void touch_start() const;

  core::HistorySource* history_;
  const ruleset::RuleSet& rules_;
  std::string folder_;
  std::string name_;  // of the files, without its end
  Sha256Digest way_{};
  std::optional<Sha256Digest> fingerprint_;
};

}  // namespace keytrail::scan
