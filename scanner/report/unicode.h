// Bytes that anybody may have chosen (paths, authors, commit messages), made safe to show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace keytrail::report {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 1;
  bool valid = false;  // false: one byte that begins no well-formed UTF-8 sequence
};

// The code point at the start of `text`, which is not empty.
CodePoint decode_utf8(std::string_view text);
void append_utf8(std::uint32_t code_point, std::string& out);

// Whether a code point could steer a terminal or reorder what a reader sees: C0, DEL, C1, line separators,
// bidirectional controls, invisible marks.
bool is_control(std::uint32_t code_point);

// For people: control characters become \n, \t, \x1b or \u{202e}, bytes that are no UTF-8 become \xff.
std::string visible(std::string_view text);

// Columns of `text`, counting every code point as one.
std::size_t display_width(std::string_view text);

}  // namespace keytrail::report
