#include "scanner/report/text_style.h"

#include <algorithm>
#include <array>
#include <ostream>

#include "scanner/report/unicode.h"

namespace keytrail::report {

std::string TextStyle::paint(std::string_view code, std::string_view text) const {
  if (!colour_ || text.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string TextStyle::severity(core::Severity severity) const {
  constexpr std::array<std::string_view, 5> kCodes = {"2", "36", "33", "31", "1;31"};
  return paint(kCodes[static_cast<std::size_t>(severity)], core::to_string(severity));
}

void TextStyle::write_wrapped(std::string_view first, std::string_view text, std::ostream& out) const {
  const std::size_t indent = display_width(first);
  const std::size_t limit = std::max<std::size_t>(width_, indent + 20);
  std::size_t column = indent;
  out << first;
  bool line_start = true;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    const std::size_t columns = display_width(word);
    if (!line_start && column + 1 + columns > limit) {
      out << '\n' << std::string(indent, ' ');
      column = indent;
      line_start = true;
    }
    if (!line_start) out << ' ';
    out << word;
    column += columns + (line_start ? 0 : 1);
    line_start = false;
  }
  out << '\n';
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return grouped(number) + " " + std::string(number == 1 ? one : many);
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return counted(bytes, "byte", "bytes");
  std::size_t unit = 0;
  std::uint64_t size = 1024;
  while (unit + 1 < kUnits.size() && bytes / size >= 1024) {
    size *= 1024;
    ++unit;
  }
  return grouped(bytes / size) + "." + std::to_string(bytes % size * 10 / size) + " " + std::string(kUnits[unit]);
}

}  // namespace keytrail::report
