#include "scanner/engine/decode.h"

#include <algorithm>
#include <tuple>

namespace keytrail::engine {

using core::Copy;
using core::Span;

namespace {

// What the texts in one decoded text may take together: twice its size, and this.
constexpr std::size_t kInnerFloor = 4096;

void move(Span& span, std::uint64_t from, std::uint64_t to) {
  span.begin = span.begin - from + to;
  span.end = span.end - from + to;
}

// Appends what the base found in the unit that began at `from`, and begins at `to` now.
void inherit(const DecodeState& base, bool is_chain, std::uint64_t from, std::uint64_t to, DecodeState& state) {
  auto found =
      std::lower_bound(base.found.begin(), base.found.end(), std::pair{is_chain, static_cast<std::uint32_t>(from)},
                       [](const DecodedMatch& f, const auto& key) {
                         return std::pair{f.is_chain, f.unit} < key;
                       });
  for (; found != base.found.end() && found->is_chain == is_chain && found->unit == from; ++found) {
    DecodedMatch moved = *found;
    moved.unit = static_cast<std::uint32_t>(to);
    move(moved.match.span, from, to);
    move(moved.match.secret, from, to);
    state.found.push_back(std::move(moved));
  }
}

// Calls `found(unit, first, last, is_cut)` for each chain of `marks`, which are escapes by place, until it says false.
template <typename Found>
void for_each_chain(std::string_view text, const std::vector<Mark>& marks, const Found& found) {
  for (std::size_t i = 0; i < marks.size();) {
    Span unit = escape_context(text, marks[i]);
    std::size_t next = i + 1;
    for (; next < marks.size(); ++next) {
      const Span context = escape_context(text, marks[next]);
      if (context.begin > unit.end) break;
      unit.end = std::max(unit.end, context.end);
    }
    const bool is_cut = unit.size() > kMaxUnit;
    if (is_cut) unit.end = unit.begin + kMaxUnit;
    if (!found(unit, marks.data() + i, marks.data() + next, is_cut)) return;
    i = next;
  }
}

}  // namespace

void DecodeState::clear() {
  marks.clear();
  found.clear();
  over_budget = false;
}

DecodedText& Decoder::Level::next() {
  if (count == texts.size()) texts.emplace_back();
  return texts[count++];
}

void Decoder::inherit_marks(const Copy& copy, Span inner, const DecodeState& base, bool outcomes, const CopyMap& map,
                            DecodeState& state) {
  auto mark = std::lower_bound(base.marks.begin(), base.marks.end(), inner.begin - copy.at + copy.from,
                               [](const Mark& m, std::uint64_t place) { return m.at < place; });
  for (; mark != base.marks.end() && mark->at < inner.end - copy.at + copy.from; ++mark) {
    Mark moved = *mark;
    moved.at = static_cast<std::uint32_t>(mark->at - copy.from + copy.at);
    const std::uint64_t end = std::uint64_t{moved.at} + mark->size;
    const bool whole =
        !is_run(mark->kind) || (outcomes && mark->size > 0 && map.holds(copy, {moved.at, end}, kUnitMargin));
    if (!whole) moved.size = 0;
    state.marks.push_back(moved);
    origins_.push_back(whole ? std::int64_t{mark->at} : -1);
  }
}

void Decoder::collect_marks(const Text& text, const DecodeState* base, DecodeState& state) {
  origins_.clear();
  const auto find = [&](std::uint64_t begin, std::uint64_t end) {
    find_marks(text.text, {begin, end}, state.marks);
    origins_.resize(state.marks.size(), -1);
  };
  std::uint64_t next = 0;  // marks before it are known
  if (text.map != nullptr && base != nullptr) {
    for (const Copy& copy : text.map->copies()) {
      const std::uint64_t end = copy.at + copy.size;
      const Span inner{CopyMap::begins(copy) ? 0 : copy.at + kMarkBefore,
                       text.map->ends(copy) ? end : std::max<std::uint64_t>(end, kMarkBehind) - kMarkBehind};
      if (inner.begin >= inner.end) continue;
      find(next, inner.begin);
      inherit_marks(copy, inner, *base, text.base != nullptr, *text.map, state);
      next = inner.end;
    }
  }
  find(next, text.text.size());
}

bool Decoder::spend(std::uint64_t bytes, Text& text, DecodeState& state) {
  if (bytes > text.left) {
    state.over_budget = true;
    return false;
  }
  text.left -= bytes;
  return true;
}

void Decoder::decode_runs(Text& text, DecodeState& state) {
  for (std::size_t i = 0; i < state.marks.size(); ++i) {
    Mark& mark = state.marks[i];
    if (!is_run(mark.kind)) continue;
    if (text.base != nullptr && origins_[i] >= 0) {
      if (!spend(kLinePrefix + std::uint64_t{mark.size}, text, state)) return;
      inherit(*text.base, false, static_cast<std::uint64_t>(origins_[i]), mark.at, state);
      continue;
    }
    DecodedText& decoded = levels_[0].next();
    const bool is_text = decode_run(text.text, mark, decoded);
    const bool within = spend(kLinePrefix + std::uint64_t{mark.size}, text, state);
    if (!is_text || !within) --levels_[0].count;
    if (!within) return;
  }
}

void Decoder::decode_chains(Text& text, DecodeState& state) {
  escapes_.clear();
  for (const Mark& mark : state.marks) {
    if (!is_run(mark.kind)) escapes_.push_back(mark);
  }
  for_each_chain(text.text, escapes_, [&](Span unit, const Mark* first, const Mark* last, bool is_cut) {
    if (!spend(unit.size(), text, state)) return false;
    const Copy* copy = text.base == nullptr ? nullptr : text.map->holding(unit, kUnitMargin);
    if (copy != nullptr) {
      inherit(*text.base, true, unit.begin - copy->at + copy->from, unit.begin, state);
      return true;
    }
    DecodedText& decoded = levels_[0].next();
    decode_escapes(text.text, unit, first, last, decoded);
    decoded.is_cut = is_cut;
    return true;
  });
}

// Appends what is encoded in `outer`. What stands in the source as it stands there is not looked at again. False when
// the budget cut something off.
bool Decoder::decode_within(const DecodedText& outer, Level& inner) {
  std::size_t left = 2 * outer.text.size() + kInnerFloor;
  const auto keep = [&](DecodedText& text) {
    if (text.text.size() > left) {
      --inner.count;
      return false;
    }
    left -= text.text.size();
    text.move_to_source_of(outer);
    return true;
  };
  marks_.clear();
  escapes_.clear();
  find_marks(outer.text, {0, outer.text.size()}, marks_);
  for (Mark& mark : marks_) {
    if (!is_run(mark.kind)) {
      if (outer.is_changed({mark.at, std::uint64_t{mark.at} + mark.size})) escapes_.push_back(mark);
      continue;
    }
    DecodedText& text = inner.next();
    const bool is_text = decode_run(outer.text, mark, text);
    if (!is_text || !outer.is_changed({mark.at, std::uint64_t{mark.at} + mark.size})) {
      --inner.count;
    } else if (!keep(text)) {
      return false;
    }
  }
  bool whole = true;
  for_each_chain(outer.text, escapes_, [&](Span unit, const Mark* first, const Mark* last, bool) {
    DecodedText& text = inner.next();
    decode_escapes(outer.text, unit, first, last, text);
    return whole = keep(text);
  });
  return whole;
}

void Decoder::visit(DecodedVisitor& visitor, DecodeState& state) {
  for (std::size_t depth = 0; depth < kMaxDecodeDepth && levels_[depth].count > 0; ++depth) {
    Level& level = levels_[depth];
    matches_.clear();
    visitor.visit(level.texts.data(), level.count, matches_);
    for (auto& [position, match] : matches_) {
      const DecodedText& text = level.texts[position];
      // Literals are put together everywhere: there the secret itself must be in pieces, not only what stands around
      // it.
      const bool joined =
          text.encodings.size() == 1 && text.encodings[0] == 1U << static_cast<unsigned>(MarkKind::join);
      if (match.secret.size() == 0 || !text.is_changed(joined ? match.secret : match.span)) continue;
      match.decoded = text.text.substr(match.secret.begin, match.secret.size());
      match.facts.emplace_back("encoding", text.encoding());
      match.span = text.source(match.span);
      match.secret = text.source(match.secret);
      state.found.push_back({text.is_chain, static_cast<std::uint32_t>(text.unit.begin), false, std::move(match)});
    }
    const bool deeper = depth + 1 < kMaxDecodeDepth;
    if (deeper) levels_[depth + 1].count = 0;
    for (std::size_t i = 0; i < level.count; ++i) {
      DecodedText& text = level.texts[i];
      if (deeper && !decode_within(text, levels_[depth + 1])) text.is_cut = true;
      if (text.is_cut) state.found.push_back({text.is_chain, static_cast<std::uint32_t>(text.unit.begin), true, {}});
    }
  }
}

void Decoder::run(std::string_view text, const DecodeState* base, const CopyMap* map, std::uint64_t max_bytes,
                  DecodedVisitor& visitor, DecodeState& state) {
  // A base that ran out of its budget lacks outcomes.
  Text whole{text, base != nullptr && !base->over_budget ? base : nullptr, map, max_bytes};
  collect_marks(whole, base, state);
  if (state.marks.empty()) return;
  levels_[0].count = 0;
  decode_runs(whole, state);
  if (!state.over_budget) decode_chains(whole, state);
  visit(visitor, state);
  std::stable_sort(state.found.begin(), state.found.end(), [](const DecodedMatch& a, const DecodedMatch& b) {
    return std::tie(a.is_chain, a.unit) < std::tie(b.is_chain, b.unit);
  });
}

}  // namespace keytrail::engine
