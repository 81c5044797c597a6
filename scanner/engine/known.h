// Known values: the inventory's tokens in any text, whether a rule knows their shape or not, without their values.
//
// Which texts are asked. Letters and digits are word characters, all else separates. A value is found wherever it
// stands so that on each side a separator, or the end of the text, is the neighbour, or its own last character there is
// a separator. So `KEY=value`, `"value",`, `https://user:value@host/` and `value.` all give it, though a value may hold
// any of these signs itself; `xvalue` does not. For each begin between two such borders each end is asked that gives a
// length and a shape (core/value_shape.h: kinds of characters, number of separators) that some value has. These two
// cost an addition and a look into a bit table, and hardly a piece of source text has both; the SipHash probe is for
// the survivors, and the fingerprint decides: no false alarms.
//
// Not covered, and left to the rules: values with white space or control characters. One with 63 separators or more is
// found where its neighbours are no letters, no digits and none of the separators of any value of the inventory.
//
// Cost follows from the inventory. Of each value one kind of character is taken that is rare in text: a digit, else a
// capital, else a rare sign. Only runs that hold such a telling byte are looked at, of letters, digits and such
// separators as values have, and long enough; all of it told 64 bytes at a time where the processor has AVX2. That
// leaves a tenth of the runs of source text, as most tokens have digits and most names have none. Then the letters of a
// run say how many bytes and separators a value of them must have, and ends are asked no farther than the longest value
// with such letters and as many separators reaches. Linear in the text.
//
// Rejected: a maximal run in each of a few alphabets (the sign before a value, `=` above all, is in the alphabet of
// base64); a rolling hash (it would have to be stored beside the probe, and a weak hash tells more of a value); keeping
// the hash of a value's first bytes (a key that got lost would let values be guessed in halves).
//
// Invariant: whether [b, e) is found follows from the bytes [b - 1, e + 1). So one that lies in a copied run with a
// byte on either side is the base's, and all others touch text within the longest value of a border between runs.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

#include "scanner/core/known_values.h"
#include "scanner/core/match.h"
#include "scanner/core/value_shape.h"
#include "scanner/engine/fresh.h"

namespace keytrail::engine {

inline constexpr std::uint32_t kMaxKnownBytes = 4096;

// Immutable; for all threads.
class KnownFinder {
 public:
  // By byte of 64, a bit: whether a value may hold it, which kind of letter it is, and whether it is telling.
  struct Marks {
    std::uint64_t allowed = 0;
    std::uint64_t small = 0;
    std::uint64_t capital = 0;
    std::uint64_t digit = 0;
    std::uint64_t telling = 0;
  };
  // Buffers of one thread.
  struct Scratch {
    struct Element {  // a word, or one separator
      std::uint64_t begin = 0;
      std::uint64_t kinds = 0;
    };
    std::vector<Marks> marks;
    std::vector<Element> elements;
    std::vector<core::Span> regions;
  };

  KnownFinder() = default;
  // `values` may be null, and outlives this.
  explicit KnownFinder(const core::KnownValues* values);

  bool empty() const { return table_.empty(); }
  // Appends the places of values in `text`, by offset.
  void find(std::string_view text, Scratch& scratch, std::vector<core::Span>& out) const;
  // The same for a text of which runs were copied from one that has `base`.
  void find_copied(std::string_view text, const std::vector<core::Span>& base, const CopyMap& map, Scratch& scratch,
                   std::vector<core::Span>& out) const;

 private:
  static constexpr std::size_t kLetterSets = 8;  // of small, capital, digit
  // What is common to the values whose letters are in one of the sets.
  struct Limits {
    // By separators, and fewer of them: the shortest value.
    std::array<std::uint32_t, core::kManySeparators + 1> least{};
    // By separators, and more of them: the longest value, of those with fewer than kManySeparators.
    std::array<std::uint32_t, core::kManySeparators> reach{};
    std::array<std::uint64_t, core::kManySeparators> required{};  // kinds that all values with so many separators have
    std::bitset<kMaxKnownBytes + 1> lengths;
  };
  // A run, or a part of one, with the limits of its letters.
  struct Piece {
    core::Span span;
    const Limits& limits;
  };

  // Bytes by what is asked of them; `columns` of ASCII: by low half, a bit for each high half.
  struct ByteSet {
    std::array<bool, 256> has{};
    std::array<std::uint8_t, 16> columns{};
    void add(std::uint64_t kinds);
  };

  bool allows(char c) const { return allowed_.has[static_cast<std::uint8_t>(c)]; }
  bool is_border(std::string_view text, std::uint64_t at) const;
  void add_limits(std::uint32_t length, std::uint64_t shape);
  void add_shapes(const std::vector<core::KnownProbe>& probes);
  void add_probes(const std::vector<core::KnownProbe>& probes);
  Marks mark_plain(std::string_view text) const;
  void mark_avx2(const char* bytes, std::uint64_t blocks, Marks* out) const;
  void mark(std::string_view text, std::vector<Marks>& marks) const;
  void look_at_short_run(std::string_view text, std::uint64_t region_begin, core::Span run,
                         const std::vector<Marks>& marks, std::vector<core::Span>& out) const;
  // Null where no value can stand in the run of `marks`.
  const Limits* limits_of(const std::vector<Marks>& marks, core::Span run) const;
  void find_in(std::string_view text, core::Span region, Scratch& scratch, std::vector<core::Span>& out) const;
  void look_at_run(std::string_view text, const Piece& run, Scratch& scratch, std::vector<core::Span>& out) const;
  // Those that begin before `begin_limit`.
  void look_at_slice(std::string_view text, const Piece& slice, std::uint64_t begin_limit, Scratch& scratch,
                     std::vector<core::Span>& out) const;
  void look_from(std::string_view text, std::size_t first, const Piece& slice, const Scratch& scratch,
                 std::vector<core::Span>& out) const;
  bool may_be(std::uint64_t length, std::uint64_t shape) const;
  bool is_value(std::string_view text, std::uint64_t shape) const;

  const core::KnownValues* values_ = nullptr;
  SipKey key_;
  std::uint64_t min_length_ = UINT64_MAX;
  std::uint64_t max_length_ = 0;
  std::vector<Limits> limits_;  // by set of letters
  // By set of letters, and separators: a bit for each length up to 63 of values that have exactly these.
  std::array<std::array<std::uint64_t, 64>, kLetterSets> short_lengths_{};
  ByteSet allowed_;
  ByteSet telling_;
  std::vector<std::uint64_t> shapes_;  // a bit for the hash of each pair of length and shape
  std::vector<std::uint64_t> first_;   // a bit for each of the table's: it fits into a cache that the table does not
  std::vector<std::uint64_t> table_;   // hashes of pairs of length and probe, open addressing; 0: free
};

}  // namespace keytrail::engine
