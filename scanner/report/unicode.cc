#include "scanner/report/unicode.h"

#include <cstdio>

namespace keytrail::report {

CodePoint decode_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return {first, 1, false};
  std::uint32_t value = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {first, 1, false};
    value = value << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) return {first, 1, false};
  return {value, size, true};
}

void append_utf8(std::uint32_t code_point, std::string& out) {
  const auto push = [&](std::uint32_t byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  const auto tail = [&](unsigned shift) { push(0x80U | (code_point >> shift & 0x3FU)); };
  if (code_point < 0x80) {
    push(code_point);
  } else if (code_point < 0x800) {
    push(0xC0U | code_point >> 6U);
    tail(0);
  } else if (code_point < 0x10000) {
    push(0xE0U | code_point >> 12U);
    tail(6);
    tail(0);
  } else {
    push(0xF0U | code_point >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_control(std::uint32_t c) {
  if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return true;
  if (c < 0x061C) return false;
  return c == 0x061C || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
         c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

std::string visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    char escaped[16];
    if (c.valid && !is_control(c.value)) {
      out.append(text.substr(0, c.bytes));
    } else if (c.valid && c.value == '\n') {
      out += "\\n";
    } else if (c.valid && c.value == '\r') {
      out += "\\r";
    } else if (c.valid && c.value == '\t') {
      out += "\\t";
    } else {
      std::snprintf(escaped, sizeof escaped, c.valid && c.value > 0x7F ? "\\u{%x}" : "\\x%02x", c.value);
      out += escaped;
    }
    text.remove_prefix(c.bytes);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    text.remove_prefix(decode_utf8(text).bytes);
    ++columns;
  }
  return columns;
}

}  // namespace keytrail::report
