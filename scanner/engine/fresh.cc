#include "scanner/engine/fresh.h"

#include <algorithm>

namespace keytrail::engine {

using core::Copy;

bool CopyMap::holds(const Copy& copy, core::Span window, std::uint64_t reach) const {
  const bool left = begins(copy) || window.begin >= copy.at + reach;
  const bool right = window.end <= copy.at + copy.size && (ends(copy) || window.end + reach <= copy.at + copy.size);
  return left && right;
}

const Copy* CopyMap::holding(core::Span window, std::uint64_t reach) const {
  auto behind = std::upper_bound(copies_.begin(), copies_.end(), window.begin,
                                 [](std::uint64_t at, const Copy& copy) { return at < copy.at; });
  if (behind == copies_.begin()) return nullptr;
  const Copy& copy = *std::prev(behind);
  return holds(copy, window, reach) ? &copy : nullptr;
}

bool CopyMap::keeps(const Copy& copy, std::uint64_t end, const AnchorDatabase::Reach& reach) const {
  return (begins(copy) || end >= copy.from + reach.before) &&
         (ends(copy) || end + reach.behind <= copy.from + copy.size);
}

void FreshText::add_piece(std::uint64_t first_end, std::uint64_t last_end) {
  if (first_end > last_end) return;
  const std::uint64_t text_at = first_end > max_width_ ? first_end - max_width_ : 0;
  // Pieces that touch are one.
  if (!pieces_.empty() && text_at <= pieces_.back().last_end) {
    bytes_ += last_end - pieces_.back().last_end;
    pieces_.back().last_end = last_end;
    return;
  }
  pieces_.push_back({first_end, last_end, text_at, bytes_});
  bytes_ += last_end - text_at;
}

void FreshText::collect(std::string_view text, const CopyMap& map, std::uint32_t max_width) {
  text_ = text;
  max_width_ = max_width;
  bytes_ = 0;
  pieces_.clear();
  std::uint64_t next_end = 1;  // the first end that is not decided yet
  for (const Copy& copy : map.copies()) {
    if (copy.size < max_width) continue;
    add_piece(next_end, copy.at + max_width - 1);
    next_end = copy.at + copy.size + 1;
  }
  add_piece(next_end, text.size());
}

Status FreshText::scan(const AnchorDatabase& anchors, hs_scratch* scratch, const std::vector<Hit>& base_hits,
                       const CopyMap& map, std::vector<Hit>& out) {
  buffer_.clear();
  for (const Piece& piece : pieces_) buffer_.append(text_.substr(piece.text_at, piece.last_end - piece.text_at));
  found_.clear();
  if (Status scanned = anchors.scan(buffer_, scratch, 4096 + 4 * buffer_.size(), found_); !scanned) return scanned;

  auto found = found_.begin();
  auto copy = map.copies().begin();
  // Ends up to here are decided: a piece that reaches over a short run has scanned that as well.
  std::uint64_t decided = 0;
  const auto inherit_before = [&](std::uint64_t end) {
    for (; copy != map.copies().end() && copy->at + 1 < end; ++copy) {
      if (copy->size < max_width_) continue;
      auto hit = std::lower_bound(base_hits.begin(), base_hits.end(), copy->from + max_width_,
                                  [](const Hit& h, std::uint64_t e) { return h.end < e; });
      for (; hit != base_hits.end() && hit->end <= copy->from + copy->size; ++hit) {
        const std::uint64_t moved = hit->end - copy->from + copy->at;
        if (moved <= decided) continue;
        out.push_back({static_cast<std::uint32_t>(moved), hit->what, hit->passed});
        // Its guards have seen what this text lacks, or lacked what it has.
        if (anchors.has_guards(*hit) && !map.keeps(*copy, hit->end, anchors.reach(*hit)))
          out.back().passed = Hit::kOpen;
      }
    }
  };
  for (const Piece& piece : pieces_) {
    inherit_before(piece.first_end);
    const std::uint64_t buffer_end = piece.buffer_at + (piece.last_end - piece.text_at);
    for (; found != found_.end() && found->end <= buffer_end; ++found) {
      const std::uint64_t end = found->end - piece.buffer_at + piece.text_at;
      if (end >= piece.first_end) out.push_back({static_cast<std::uint32_t>(end), found->what, found->passed});
    }
    decided = piece.last_end;
  }
  inherit_before(text_.size() + 1);
  return {};
}

}  // namespace keytrail::engine
