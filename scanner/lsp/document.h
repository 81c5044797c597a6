// A text that is open in an editor: places in it as editors count them, and edits of it.
//
// Lines end with "\n", "\r\n" or "\r" and count from 0. Characters of a line count from 0, in UTF-16 code units unless
// client and server agreed on another encoding. A place behind the end of a line means its end, one behind the last
// line the end of the text, one within a character its begin: no place is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/match.h"

namespace keytrail::lsp {

enum class PositionEncoding : std::uint8_t { utf8, utf16, utf32 };

struct Place {
  std::uint64_t line = 0;
  std::uint64_t character = 0;

  friend auto operator<=>(const Place&, const Place&) = default;
};

class Document {
 public:
  explicit Document(std::string text);

  const std::string& text() const { return text_; }
  std::size_t offset_of(Place place, PositionEncoding encoding) const;
  Place place_of(std::size_t offset, PositionEncoding encoding) const;
  // The line that holds `offset`, without its end.
  core::Span line_at(std::size_t offset) const;

  // Replaces what is between two places, in either order.
  void replace(Place begin, Place end, PositionEncoding encoding, std::string_view with);

 private:
  void index_from(std::size_t line);
  std::size_t line_number(std::size_t offset) const;
  std::string_view line(std::size_t number) const;

  std::string text_;
  std::vector<std::size_t> starts_;  // of lines; the first is 0
};

}  // namespace keytrail::lsp
