// Stage zero of decoding: the places of a text at which encoded text may stand.
//
// A mark is either the begin of a run that may be base64 or hexadecimal digits of a text (a maximal run of their
// characters, of which the first kMinRun decode to plain ASCII text), or one escape: %2B, &quot;, \u0041, \x41, \/, or
// what stands between two literals that the language puts together ("abc" + "def") and at a line's continuation.
//
// Locality: whether a mark stands at a place, and its size when it is an escape, follows from the kMarkBefore bytes
// before the place and the kMarkBehind bytes from it on, and from nothing else. So marks inside of a copied run are the
// base's, moved (decode.h tells the rest).
//
// Speed: mark_bits.h tells in one pass what is worth a look. Rejected: a look at each quote, percent sign and
// backslash, twice the time; the base64 forms of all anchors as literals, three alignments each, which would triple the
// anchors and find what is decoded once only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "scanner/core/match.h"

namespace keytrail::engine {

enum class MarkKind : std::uint8_t {
  base64,        // either alphabet
  base64_utf16,  // base64 of UTF-16, little-endian
  hex,
  percent,
  html,
  escape,
  join,  // nothing of it stays: the literals on either side are one
};

inline bool is_run(MarkKind kind) { return kind <= MarkKind::hex; }

struct Mark {
  std::uint32_t at = 0;
  std::uint16_t size = 0;  // of an escape; of a run once it has been decoded, until then 0
  MarkKind kind = MarkKind::base64;
};

inline constexpr std::uint32_t kMarkBefore = 20;
inline constexpr std::uint32_t kMarkBehind = 80;
inline constexpr std::uint32_t kMinRun = 24;     // characters of base64
inline constexpr std::uint32_t kMinHexRun = 32;  // hexadecimal digits

// Appends the marks that stand in `region` of `text`, by place.
void find_marks(std::string_view text, core::Span region, std::vector<Mark>& out);

// The character that the escape `mark` stands for.
char escaped_character(std::string_view text, const Mark& mark);

// -1: no character of the alphabet.
int base64_value(char c);
int hex_value(char c);
// What a text consists of: printable ASCII, tabs and line ends.
bool is_text_byte(std::uint32_t byte);

// Where the characters of a run begin that has its mark at `at`: behind the letter of an escaped line end (\n), and
// behind 0x.
std::uint64_t run_begin(std::string_view text, const Mark& mark);

}  // namespace keytrail::engine
