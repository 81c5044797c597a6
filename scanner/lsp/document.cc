#include "scanner/lsp/document.h"

#include <algorithm>
#include <utility>

namespace keytrail::lsp {
namespace {

// Bytes of the character that begins with `c`; 1 for what begins none.
std::size_t width_of(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

std::size_t units_of(std::size_t width, PositionEncoding encoding) {
  switch (encoding) {
    case PositionEncoding::utf8:
      return width;
    case PositionEncoding::utf16:
      return width == 4 ? 2 : 1;
    case PositionEncoding::utf32:
      break;
  }
  return 1;
}

}  // namespace

Document::Document(std::string text) : text_(std::move(text)), starts_{0} { index_from(0); }

// Finds the lines that begin behind the begin of `line`.
void Document::index_from(std::size_t line) {
  starts_.resize(line + 1);
  for (std::size_t at = starts_.back(); at < text_.size(); ++at) {
    at = text_.find_first_of("\r\n", at);
    if (at == std::string::npos) return;
    if (text_[at] == '\r' && at + 1 < text_.size() && text_[at + 1] == '\n') ++at;
    starts_.push_back(at + 1);
  }
}

std::size_t Document::line_number(std::size_t offset) const {
  return static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), offset) - starts_.begin()) - 1;
}

std::string_view Document::line(std::size_t number) const {
  const std::size_t begin = starts_[number];
  const std::size_t end = number + 1 < starts_.size() ? starts_[number + 1] : text_.size();
  std::string_view line = std::string_view(text_).substr(begin, end - begin);
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::size_t Document::offset_of(Place place, PositionEncoding encoding) const {
  if (place.line >= starts_.size()) return text_.size();
  const std::string_view line = this->line(place.line);
  std::size_t at = 0;
  std::uint64_t units = 0;
  while (at < line.size()) {
    const std::size_t width = std::min(width_of(line[at]), line.size() - at);
    units += units_of(width, encoding);
    if (units > place.character) break;
    at += width;
  }
  return starts_[place.line] + at;
}

Place Document::place_of(std::size_t offset, PositionEncoding encoding) const {
  offset = std::min(offset, text_.size());
  const std::size_t number = line_number(offset);
  const std::string_view line = this->line(number);
  const std::size_t end = std::min(offset - starts_[number], line.size());
  std::uint64_t units = 0;
  for (std::size_t at = 0; at < end;) {
    const std::size_t width = std::min(width_of(line[at]), line.size() - at);
    if (at + width > end) break;
    units += units_of(width, encoding);
    at += width;
  }
  return {number, units};
}

core::Span Document::line_at(std::size_t offset) const {
  const std::size_t number = line_number(std::min(offset, text_.size()));
  return {starts_[number], starts_[number] + line(number).size()};
}

void Document::replace(Place begin, Place end, PositionEncoding encoding, std::string_view with) {
  std::size_t first = offset_of(begin, encoding);
  std::size_t last = offset_of(end, encoding);
  if (last < first) std::swap(first, last);
  text_.replace(first, last - first, with);
  // A line end before the edit may have become part of one: the line before is looked at again.
  const std::size_t number = line_number(first);
  index_from(number == 0 ? 0 : number - 1);
}

}  // namespace keytrail::lsp
