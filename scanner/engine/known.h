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
// Cost follows from the inventory: only runs of letters, digits and such separators as its values have are looked at,
// if they are long enough (64 bytes at a time where the processor has AVX2), and ends are asked no farther than the
// longest value with as many separators reaches: text has a separator every five bytes, a value hardly one in thirty.
// Linear in the text.
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
  // Buffers of one thread.
  struct Scratch {
    struct Element {  // a word, or one separator
      std::uint64_t begin = 0;
      std::uint64_t kinds = 0;
    };
    std::vector<std::uint64_t> bits;  // by byte: whether a value may hold it
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
  bool allows(char c) const { return allowed_[static_cast<std::uint8_t>(c)]; }
  bool is_border(std::string_view text, std::uint64_t at) const;
  void mark_allowed(std::string_view text, std::vector<std::uint64_t>& bits) const;
  void find_in(std::string_view text, core::Span region, Scratch& scratch, std::vector<core::Span>& out) const;
  void look_at_run(std::string_view text, core::Span run, Scratch& scratch, std::vector<core::Span>& out) const;
  // Those that begin before `begin_limit`.
  void look_at_slice(std::string_view text, core::Span slice, std::uint64_t begin_limit, Scratch& scratch,
                     std::vector<core::Span>& out) const;
  void look_from(std::string_view text, std::size_t first, core::Span slice, const Scratch& scratch,
                 std::vector<core::Span>& out) const;
  bool may_be(std::uint64_t length, std::uint64_t shape) const;
  bool is_value(std::string_view text, std::uint64_t shape) const;

  const core::KnownValues* values_ = nullptr;
  SipKey key_;
  std::uint64_t min_length_ = UINT64_MAX;
  std::uint64_t max_length_ = 0;
  // The length of the longest value that has so many separators or more, of those with fewer than kManySeparators.
  std::array<std::uint64_t, core::kManySeparators> reach_{};
  std::uint64_t required_ = 0;                                        // kinds that all values have
  std::array<std::uint64_t, core::kManySeparators> required_with_{};  // that those with so many separators have
  std::bitset<kMaxKnownBytes + 1> lengths_;
  std::array<bool, 256> allowed_{};
  std::array<std::uint8_t, 16> columns_{};  // of allowed ASCII: by low half, a bit for each high half
  std::vector<std::uint64_t> shapes_;       // a bit for the hash of each pair of length and shape
  std::vector<std::uint64_t> table_;        // hashes of pairs of length and probe, open addressing; 0: free
};

}  // namespace keytrail::engine
