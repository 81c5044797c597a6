// Stage one: the anchors of all rules, looked for in one Hyperscan pass.
//
// What Hyperscan looks for are literals. A pattern among hundreds of literals makes it run an automaton over every
// byte: with 59 patterns beside 685 literals it read 0.2 GB/s, with literals alone 1.6. So an anchor that is a pattern
// is looked for by the literals of which it needs one, and the pattern itself, its guard, is tried where one of them
// stands: that is a few hundred places in a megabyte. Only a pattern without such literals goes to Hyperscan as it is.
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
#include "scanner/engine/guard.h"
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

// Something looked for that ends before the byte `end`. Two words: a state keeps many.
struct Hit {
  static constexpr std::uint16_t kOpen = 0x8000;  // in `passed`: no guard has been tried yet

  std::uint32_t end = 0;
  std::uint16_t what = 0;    // which of the things looked for
  std::uint16_t passed = 0;  // bit i: its guard i matches there
};

class AnchorDatabase {
 public:
  // One rule that a hit stands for, and how far around its end the rule looks.
  struct Target {
    core::RuleIndex rule = 0;
    std::uint32_t before = 0;  // bytes before the end of the hit
    std::uint32_t behind = 0;  // bytes behind it
    std::uint16_t guard = 0;   // as a bit of Hit::passed; 0: none
  };

  // Loads the database from `cache_folder` or compiles it and puts it there; no folder, no cache. A cache file that is
  // damaged or of another version is replaced; one that cannot be written costs time and nothing else.
  static Result<AnchorDatabase> build(const ruleset::RuleSet& rules, const std::string& cache_folder);

  Result<HsScratch> make_scratch() const;

  // Appends every hit in `bytes` (at most 4 GiB) to `out`, by end. Those with guards are open. More than `max_hits` are
  // limit_exceeded, with those up to there in `out`.
  Status scan(std::string_view bytes, hs_scratch* scratch, std::size_t max_hits, std::vector<Hit>& out) const;

  // Tries the guards of a hit that is open, in the text in which it was found.
  void settle(std::string_view text, Hit& hit) const;
  // How many bytes before and behind a hit's end its guards look at, with the byte beside that decides a word's border.
  struct Reach {
    std::uint32_t before = 0;
    std::uint32_t behind = 0;
  };
  bool has_guards(const Hit& hit) const { return !sought_[hit.what].guards.empty(); }
  const Reach& reach(const Hit& hit) const { return sought_[hit.what].reach; }
  // Of a hit: the bytes of a literal, one of a pattern.
  std::uint32_t width(const Hit& hit) const {
    const Sought& sought = sought_[hit.what];
    return sought.is_pattern ? 1 : static_cast<std::uint32_t>(sought.text.size());
  }
  const std::vector<Target>& targets(const Hit& hit) const { return sought_[hit.what].targets; }

  // Nothing that is looked for matches more bytes than this, or looks at a byte outside of its match.
  std::uint32_t max_width() const { return max_width_; }
  // Compiles every guard: for `rules check`.
  Status compile_guards() const;

 private:
  struct Tried {
    const Guard* guard = nullptr;
    Guard::Place place;
  };
  struct Sought {
    std::string text;  // a literal, or a pattern
    bool caseless = false;
    bool is_pattern = false;
    std::vector<Target> targets;
    std::vector<Tried> guards;
    Reach reach;
  };
  class Collector;

  Result<HsDatabase> compile() const;

  HsDatabase database_;
  std::vector<Sought> sought_;
  std::vector<std::unique_ptr<Guard>> guards_;
  std::uint32_t max_width_ = 1;
};

}  // namespace keytrail::engine
