// What of a text may be the place of a mark (marks.h), told for 64 bytes at once: each byte is put into classes by two
// look-ups of its halves in a vector, as simdjson tells the signs of JSON, and what stands between the right neighbours
// follows from a few operations on words of a bit for each byte. AVX-512 and AVX2 where the processor has them.
//
// Rejected: the classes of what may stand behind a special character only where a block has one. Most blocks of code
// do, and the branch that cannot be foreseen made it 37 ns a block in place of 25 (regions of 60 to 220 bytes of
// redis).
//
// Everything that this keeps is looked at; what it leaves out is no mark. Whether a byte is kept follows from the one
// before it and from at most 128 bytes behind it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace keytrail::engine {

// The number that a character of base64 stands for, of either alphabet; -1: it is in neither.
inline constexpr std::array<std::int8_t, 256> kBase64 = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  values['-'] = 62;
  values['_'] = 63;
  return values;
}();

inline constexpr std::size_t kMarkBlock = 64;
inline constexpr std::size_t kMarkBatch = 32;  // blocks in one call at most

// One bit for each byte of a block, the first one lowest.
struct MarkBits {
  std::uint64_t runs;    // where kMinRun characters of base64 or more begin
  std::uint64_t others;  // what may begin an escape or end a literal that goes on
};

// White space, and what puts literals together.
bool is_gap(char c);

// Fills `out` for the `blocks` blocks of `text` from `at` on; the text may end in the last of them.
void find_mark_bits(std::string_view text, std::uint64_t at, std::size_t blocks, MarkBits* out);

}  // namespace keytrail::engine
