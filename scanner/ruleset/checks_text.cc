#include "scanner/ruleset/checks_text.h"

#include <algorithm>
#include <cstdint>

#include "scanner/base/dates.h"
#include "scanner/base/text.h"

namespace keytrail::ruleset {
namespace {

constexpr std::size_t kFactCharacters = 100;
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// -1 for what is no digit.
int base64_value(char c) {
  if (is_upper(c)) return c - 'A';
  if (is_letter(c)) return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

}  // namespace

bool is_base64(char c) { return is_alnum(c) || c == '+' || c == '/' || c == '='; }

std::optional<std::string> decode_base64(std::string_view text) {
  const std::size_t size = std::min(text.find('='), text.size());
  const std::string_view padding = text.substr(size);
  if (size % 4 == 1 || padding.size() > 2 || padding.find_first_not_of('=') != std::string_view::npos)
    return std::nullopt;
  if (!padding.empty() && text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(size / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text.substr(0, size)) {
    const int value = base64_value(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFFFU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFFU);
  }
  return bytes;
}

std::string encode_base64(std::string_view bytes, bool url) {
  const std::string_view alphabet = url ? kBase64Url : kBase64;
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (k < count ? static_cast<std::uint8_t>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      if (k <= count) {
        text += alphabet[bits >> (18 - 6 * k) & 63U];
      } else if (!url) {
        text += '=';
      }
    }
  }
  return text;
}

std::string digits_of(std::uint64_t value, std::string_view alphabet, std::size_t width) {
  std::string text;
  for (; value != 0; value /= alphabet.size()) text += alphabet[value % alphabet.size()];
  if (text.size() < width) text.append(width - text.size(), alphabet.front());
  std::reverse(text.begin(), text.end());
  return text;
}

std::string random_text(std::string_view alphabet, std::size_t size, std::mt19937_64& random) {
  std::string text(size, ' ');
  for (char& c : text) c = alphabet[random() % alphabet.size()];
  return text;
}

void add_fact(CheckResult& result, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  std::string shown(value.substr(0, kFactCharacters));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return !is_printable(c); }, '?');
  result.facts.emplace_back(std::string(name), std::move(shown));
}

std::string iso_date(double seconds) {
  constexpr double kYear10000 = 253402300800.0;
  return seconds >= 0 && seconds < kYear10000 ? utc_time(static_cast<std::int64_t>(seconds)) : std::string();
}

}  // namespace keytrail::ruleset
