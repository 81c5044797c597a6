// Encoded text in a text: what of it is decoded, and the matches there. Marks (marks.h) are what is looked for; units
// (decoded_text.h) are what is decoded as one: a run from its mark on, or a chain of escapes whose contexts touch.
//
// Invariant: the outcome for a text is the same whether all of it was looked at or only what is fresh. It holds because
// everything that is decided here is decided by bytes near it:
//   - A mark follows from the kMarkBefore bytes before it and the kMarkBehind bytes from it on. One that has these in
//     one copied run is the base's, moved; everywhere else marks are looked for again. So the marks are those of
//     looking everywhere.
//   - A run's unit begins at its mark and ends where the run does, at a byte that is no text, or after kMaxUnit bytes:
//     all seen forward from the mark. Whether the mark is a line of a run that began before, what its line holds before
//     it, and what stands behind the run, is seen within kUnitMargin bytes. A chain begins at a mark whose context no
//     earlier one's touches, ends at the first that touches no next one's, or kMaxUnit bytes behind its begin; what is
//     left of the chain is no unit. So nothing far to the left moves the borders of units.
//   - A decoded text follows from its unit and kUnitMargin bytes on either side. It is matched, and searched for marks
//     again to a bounded depth, as a text of its own. So a unit that lies in one copied run with that margin has what
//     it had in the base, and every other one is decoded again.
//   - The budget counts the units' sizes in order, which both ways know. A text whose base ran out of it inherits marks
//     but no outcome.
// The windows of a stream overlap by more than a unit and its margin on either side (kDecodeReach), so that each secret
// lies in one window together with all that decides it.
//
// Cost: finding marks is one pass over fresh bytes, 64 at a time. All decoded texts of a text go through stage one in
// one call; those with a hit are matched one by one.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/core/match.h"
#include "scanner/engine/decoded_text.h"
#include "scanner/engine/fresh.h"
#include "scanner/engine/marks.h"

namespace keytrail::engine {

inline constexpr std::uint32_t kUnitMargin = 512;
inline constexpr std::uint32_t kDecodeReach = kMaxUnit + 2 * kUnitMargin;

// What was found in one unit; kept for texts that copy it.
struct DecodedMatch {
  bool is_chain = false;
  std::uint32_t unit = 0;  // where it begins
  bool is_cut = false;     // no match: a budget cut something off in this unit
  core::Match match;
};

// What decoding learned of one text.
struct DecodeState {
  std::vector<Mark> marks;          // by place; runs with their sizes
  std::vector<DecodedMatch> found;  // by unit; those of runs before those of chains
  bool over_budget = false;

  void clear();
  bool empty() const { return marks.empty() && !over_budget; }
};

// Looks at decoded texts: the rules do, and whoever else knows secrets.
class DecodedVisitor {
 public:
  virtual ~DecodedVisitor() = default;
  // Appends (position in `texts`, match in that text), by position. Sets is_cut where it gave up.
  virtual void visit(DecodedText* texts, std::size_t count, std::vector<std::pair<std::size_t, core::Match>>& out) = 0;
};

// Buffers of one thread.
class Decoder {
 public:
  // Decodes what is encoded in `text` and has `visitor` look at it. `base` and `map` are null, or of the text from
  // which runs of this one were copied. At most `max_bytes` of the text are decoded. Fills `state`, which is empty.
  void run(std::string_view text, const DecodeState* base, const CopyMap* map, std::uint64_t max_bytes,
           DecodedVisitor& visitor, DecodeState& state);

 private:
  struct Level {
    std::vector<DecodedText> texts;  // kept for their room; only the first `count` count
    std::size_t count = 0;
    DecodedText& next();
  };
  // What one text and its base give.
  struct Text {
    std::string_view text;
    const DecodeState* base = nullptr;  // null: no outcome is inherited
    const CopyMap* map = nullptr;
    std::uint64_t left = 0;  // bytes that may be decoded
  };
  void collect_marks(const Text& text, const DecodeState* base, DecodeState& state);
  void inherit_marks(const core::Copy& copy, core::Span inner, const DecodeState& base, bool outcomes,
                     const CopyMap& map, DecodeState& state);
  static bool spend(std::uint64_t bytes, Text& text, DecodeState& state);
  void decode_runs(Text& text, DecodeState& state);
  void decode_chains(Text& text, DecodeState& state);
  void visit(DecodedVisitor& visitor, DecodeState& state);
  bool decode_within(const DecodedText& outer, Level& inner);

  std::vector<std::int64_t> origins_;  // by mark: where a run whose outcome is inherited stood in the base, or -1
  Level levels_[kMaxDecodeDepth];
  std::vector<Mark> marks_;    // of a decoded text
  std::vector<Mark> escapes_;  // those that are no runs
  std::vector<std::pair<std::size_t, core::Match>> matches_;
};

}  // namespace keytrail::engine
