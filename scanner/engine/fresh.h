// Stage one over fresh spans: what of a text was not copied from a text that has been scanned.
//
// An anchor matches at most `width` bytes and looks at nothing else, so whether one ends at byte e follows from the
// `width` bytes before e. Where all of these were copied in one run, the base's outcome holds; the other ends, those
// inside of inserted text and within `width` bytes behind the begin of a run, must be looked for. So the pieces of text
// that can hold such an anchor, `width - 1` bytes farther than the ends on the left, are put one behind the other and
// go through Hyperscan in one call. An anchor that seems to stand across two pieces ends too near to its piece's begin
// to be one of the ends that are wanted there, so it needs no separator: it is dropped with the others.
//
// Rejected: one call of Hyperscan a piece. A delta has about ten runs, and the call's fixed cost was more than the
// bytes'.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/blob.h"
#include "scanner/core/match.h"
#include "scanner/engine/anchors.h"

namespace keytrail::engine {

// Runs of a text that stand in its base. A view of the list it is given.
class CopyMap {
 public:
  CopyMap(const std::vector<core::Copy>& copies, std::uint64_t text_size, std::uint64_t base_size)
      : copies_(copies), text_size_(text_size), base_size_(base_size) {}

  const std::vector<core::Copy>& copies() const { return copies_; }
  std::uint64_t text_size() const { return text_size_; }
  // Whether `copy` holds the first byte of both texts; their last.
  static bool begins(const core::Copy& copy) { return copy.at == 0 && copy.from == 0; }
  bool ends(const core::Copy& copy) const {
    return copy.at + copy.size == text_size_ && copy.from + copy.size == base_size_;
  }

  // Whether `copy` holds `window` with `reach` bytes more on either side, fewer only where text and base both end.
  bool holds(const core::Copy& copy, core::Span window, std::uint64_t reach) const;
  // The run that holds `window` with `reach` bytes more on either side, fewer only where text and base both end; null
  // when there is none.
  const core::Copy* holding(core::Span window, std::uint64_t reach) const;
  // The same for a hit that ends at `end` in the base and of which `copy` holds the end.
  bool keeps(const core::Copy& copy, std::uint64_t end, const AnchorDatabase::Reach& reach) const;

 private:
  const std::vector<core::Copy>& copies_;
  std::uint64_t text_size_;
  std::uint64_t base_size_;
};

// Buffers for one thread.
class FreshText {
 public:
  // Finds the pieces of `text` that must be scanned for anchors of at most `max_width` bytes.
  void collect(std::string_view text, const CopyMap& map, std::uint32_t max_width);
  std::size_t size() const { return bytes_; }

  // Appends the hits of the whole text to `out`, by end: the base's, moved, and those of the pieces.
  Status scan(const AnchorDatabase& anchors, hs_scratch* scratch, const std::vector<Hit>& base_hits, const CopyMap& map,
              std::vector<Hit>& out);

 private:
  // Ends in (begin, end] are wanted; the text that decides them stands in the buffer at `buffer_at`.
  struct Piece {
    std::uint64_t first_end = 0;
    std::uint64_t last_end = 0;
    std::uint64_t text_at = 0;
    std::uint64_t buffer_at = 0;
  };
  void add_piece(std::uint64_t first_end, std::uint64_t last_end);

  std::string_view text_;
  std::uint32_t max_width_ = 0;
  std::size_t bytes_ = 0;
  std::vector<Piece> pieces_;
  std::string buffer_;
  std::vector<Hit> found_;
};

}  // namespace keytrail::engine
