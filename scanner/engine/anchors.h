// Stage one: all anchors of all rules in one Hyperscan pass.
//
// The database is immutable and shared; each thread has a scratch. A compiled database is kept in a cache folder, so
// that starting the program compiles nothing: 300 anchors compile in 40 ms and load in 0.1 ms.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ruleset/ruleset.h"

struct hs_database;
struct hs_scratch;

namespace keytrail::engine {

struct HsDatabaseFree {
  void operator()(hs_database* database) const noexcept;
};
struct HsScratchFree {
  void operator()(hs_scratch* scratch) const noexcept;
};
using HsDatabase = std::unique_ptr<hs_database, HsDatabaseFree>;
using HsScratch = std::unique_ptr<hs_scratch, HsScratchFree>;

// An anchor that ends before the byte `end`. Two words: a state keeps many.
struct Hit {
  std::uint32_t end = 0;
  std::uint32_t anchor = 0;
};

class AnchorDatabase {
 public:
  // One rule that an anchor stands for, and how far around the anchor's end the rule looks.
  struct Target {
    core::RuleIndex rule = 0;
    std::uint32_t before = 0;  // bytes before the end of the hit
    std::uint32_t behind = 0;  // bytes behind it
  };

  // Loads the database from `cache_folder` or compiles it and puts it there; no folder, no cache. A cache file that is
  // damaged or of another version is replaced; one that cannot be written costs time and nothing else.
  static Result<AnchorDatabase> build(const ruleset::RuleSet& rules, const std::string& cache_folder);

  Result<HsScratch> make_scratch() const;

  // Appends every hit in `bytes` (at most 4 GiB) to `out`, by end. More than `max_hits` are limit_exceeded, with those
  // up to there in `out`.
  Status scan(std::string_view bytes, hs_scratch* scratch, std::size_t max_hits, std::vector<Hit>& out) const;

  const std::vector<Target>& targets(std::uint32_t anchor) const { return targets_[anchor]; }
  std::size_t size() const { return targets_.size(); }
  // No anchor matches more bytes than this, and none looks at a byte outside of its match.
  std::uint32_t max_width() const { return max_width_; }

 private:
  HsDatabase database_;
  std::vector<std::vector<Target>> targets_;  // by anchor
  std::uint32_t max_width_ = 1;
};

}  // namespace keytrail::engine
