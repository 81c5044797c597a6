// The whole way: sources -> engine -> findings -> provenance -> suppressions -> report.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/finding.h"
#include "scanner/core/history.h"
#include "scanner/core/source.h"
#include "scanner/engine/engine.h"
#include "scanner/scan/narrow.h"
#include "scanner/scan/suppression.h"
#include "scanner/scan/sweep_memory.h"
#include "scanner/scan/worker.h"

namespace keytrail::scan {

// Where a running scan stands. Totals are what sources have announced so far; zero when nothing was.
struct Progress {
  const char* step = "";
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;
  std::uint64_t expected_blobs = 0;
  std::uint64_t expected_bytes = 0;
};

struct ScanOptions {
  unsigned threads = 1;
  WorkerLimits limits;
  core::Confidence min_confidence = core::Confidence::medium;
  // Scan every blob whole, also where most of it was copied from one that has been scanned: slower, the same result.
  bool exhaustive = false;
  std::vector<std::string> exclude;  // globs: occurrences at these paths are none
  Narrowing narrowing;               // of what is reported, not of what is scanned
  // Where what was found in a history is kept for the next scan of it. Not used by one that is exhaustive or that keeps
  // secrets.
  MemoryOptions memory;
  Imported* imported = nullptr;                         // what other scanners' files accept; may be null
  std::vector<engine::RuleCost>* rule_costs = nullptr;  // filled, by rule, when it is there
  // Set by a signal handler; the scan ends soon and reports what it has.
  const std::atomic<bool>* interrupted = nullptr;
  // Called about ten times a second from a thread of its own while the scan runs; may be empty.
  std::function<void(const Progress&)> on_progress;
};

// Scans everything that `source` produces. When it is a history, `history` is the same object, and findings get their
// commits and paths from it. `expander` may be null. Errors of single inputs are skips in the report; an error here
// means that there is no report.
Result<core::ScanReport> run_scan(core::Source& source, core::HistorySource* history, const core::Expander* expander,
                                  const engine::Engine& engine, Suppressions& suppressions, const ScanOptions& options);

}  // namespace keytrail::scan
