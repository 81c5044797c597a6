// Encoded text as what it means, with the way back: for each of its bytes the bytes of the source that it was made
// from.
//
// A decoded text begins with what stands before the encoded run on its line and, where the run ends by itself, goes on
// with a few bytes behind it, as they are: rules want the name and the quotes beside a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/match.h"
#include "scanner/engine/marks.h"

namespace keytrail::engine {

inline constexpr std::uint32_t kLinePrefix = 128;      // bytes of the line before a run
inline constexpr std::uint32_t kRunSuffix = 8;         // bytes behind it
inline constexpr std::uint32_t kEscapeContext = 256;   // bytes on either side of an escape, on its line
inline constexpr std::uint32_t kMaxUnit = 32U << 10U;  // bytes of the source; what is longer is cut there
inline constexpr std::size_t kMaxDecodeDepth = 3;

struct DecodedText {
  struct Place {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  std::string text;
  std::vector<Place> places;  // by byte of `text`
  core::Span unit;            // of the source; decides with kUnitMargin bytes on either side all that is here
  std::vector<std::uint32_t> encodings;  // outermost first; each a set of bits 1 << MarkKind
  bool url_safe = false;                 // the innermost is base64 of the URL alphabet
  bool is_chain = false;                 // of escapes, not a run
  bool is_cut = false;

  void clear();
  // Bytes [begin, end) of the text that it is made of, as they are.
  void add_plain(std::string_view from, std::uint64_t begin, std::uint64_t end);
  void add(char c, std::uint64_t begin, std::uint64_t end) {
    text += c;
    places.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  }

  // The bytes of the source that the bytes of `span` were made from. `span` is not empty.
  core::Span source(core::Span span) const { return {places[span.begin].begin, places[span.end - 1].end}; }
  // Whether something in `span` does not stand in the source as it stands here.
  bool is_changed(core::Span span) const;
  // Replaces places in the text that this one was made of by that one's.
  void move_to_source_of(const DecodedText& outer);
  // "base64", "percent, base64url"
  std::string encoding() const;
};

// Decodes the run at `mark`, whose size it sets. False when nothing comes of it: it is a picture's data, a line of a
// wrapped run that began before, or too short.
bool decode_run(std::string_view text, Mark& mark, DecodedText& out);

// The part of `text` around `marks`, which are escapes, with what they stand for.
void decode_escapes(std::string_view text, core::Span unit, const Mark* first, const Mark* last, DecodedText& out);

// The part of the line around an escape that is decoded with it.
core::Span escape_context(std::string_view text, const Mark& mark);

// A value that is base64 of one printable word without spaces, as Kubernetes writes secrets; else empty. `sure` is
// whether chance is ruled out.
std::string decode_value(std::string_view value, bool& sure);

}  // namespace keytrail::engine
