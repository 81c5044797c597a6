// Encoders, for texts that tests want decoded.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace keytrail::tests {

// Either alphabet, with or without padding.
inline std::string base64(std::string_view text, bool url = false, bool pad = true) {
  const std::string alphabet =
      std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") + (url ? "-_" : "+/");
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    const std::size_t count = std::min<std::size_t>(3, text.size() - i);
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < count ? static_cast<std::uint8_t>(text[i + k]) : 0U);
    }
    for (std::size_t k = 0; k <= count; ++k) out += alphabet[bits >> (18 - 6 * k) & 63U];
    if (pad) out.append(3 - count, '=');
  }
  return out;
}

// Two digits for each byte, each pair behind `before`.
inline std::string in_hex(std::string_view text, const std::string& before) {
  std::string out;
  for (const char c : text) {
    out += before;
    out += "0123456789abcdef"[static_cast<std::uint8_t>(c) >> 4U];
    out += "0123456789abcdef"[static_cast<std::uint8_t>(c) & 15U];
  }
  return out;
}

// ASCII as UTF-16, little-endian.
inline std::string wide(std::string_view text) {
  std::string out;
  for (const char c : text) (out += c) += '\0';
  return out;
}

}  // namespace keytrail::tests
