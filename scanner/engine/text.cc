#include "scanner/engine/text.h"

#include <algorithm>
#include <array>

namespace keytrail::engine {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;
constexpr std::uint32_t kByteOrderMark = 0xFEFF;

void append_code_point(std::uint32_t point, std::string& out) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

}  // namespace

Encoding detect_encoding(std::string_view head) {
  head = head.substr(0, kEncodingHeadBytes);
  if (head.substr(0, 2) == "\xFF\xFE") return Encoding::utf16_little;
  if (head.substr(0, 2) == "\xFE\xFF") return Encoding::utf16_big;
  if (head.find('\0') == std::string_view::npos) return Encoding::bytes;
  // UTF-16 of mostly ASCII text: every second byte is zero, the others hardly ever are.
  std::array<std::size_t, 2> zeros{};
  const std::size_t pairs = head.size() / 2;
  for (std::size_t i = 0; i < pairs * 2; ++i) zeros[i & 1] += static_cast<std::size_t>(head[i] == '\0');
  const auto mostly = [pairs](std::size_t count) { return pairs >= 2 && count * 10 >= pairs * 7; };
  const auto hardly = [pairs](std::size_t count) { return count * 50 <= pairs; };
  if (mostly(zeros[1]) && hardly(zeros[0])) return Encoding::utf16_little;
  if (mostly(zeros[0]) && hardly(zeros[1])) return Encoding::utf16_big;
  return Encoding::binary;
}

void append_utf8(std::string_view utf16, bool big_endian, std::string& out) {
  out.reserve(out.size() + utf16.size() / 2);
  const auto unit_at = [&](std::size_t i) {
    const auto first = static_cast<std::uint8_t>(utf16[i]);
    const auto second = static_cast<std::uint8_t>(utf16[i + 1]);
    return static_cast<std::uint32_t>(big_endian ? first << 8 | second : second << 8 | first);
  };
  for (std::size_t i = 0; i + 1 < utf16.size(); i += 2) {
    const std::uint32_t unit = unit_at(i);
    if (unit == kByteOrderMark && i == 0) continue;
    if (is_high_surrogate(unit) && i + 3 < utf16.size() && is_low_surrogate(unit_at(i + 2))) {
      append_code_point(0x10000 + ((unit - 0xD800) << 10) + (unit_at(i + 2) - 0xDC00), out);
      i += 2;
    } else {
      append_code_point(is_high_surrogate(unit) || is_low_surrogate(unit) ? kReplacement : unit, out);
    }
  }
}

}  // namespace keytrail::engine
