// Reads a pattern's bytes, escapes and numbers, and keeps the first error. For the parser alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "scanner/base/result.h"
#include "scanner/ruleset/pattern_bytes.h"
#include "scanner/ruleset/pattern_node.h"

namespace keytrail::ruleset {

inline std::string quoted(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte < 0x7F) return std::string("'") + c + "'";
  constexpr std::string_view kDigits = "0123456789abcdef";
  return std::string("byte 0x") + kDigits[byte >> 4U] + kDigits[byte & 15U];
}

// Functions that fail have noted the error and return nullptr, nullopt or false.
class PatternReader {
 protected:
  explicit PatternReader(std::string_view pattern) : pattern_(pattern) {}

  bool at_end() const { return position_ >= pattern_.size(); }
  char peek() const { return pattern_[position_]; }
  bool looking_at(std::string_view text) const { return pattern_.substr(position_, text.size()) == text; }
  bool take(std::string_view text) {
    if (!looking_at(text)) return false;
    position_ += text.size();
    return true;
  }
  std::string_view since(std::size_t start) const { return pattern_.substr(start, position_ - start); }
  std::nullptr_t fail(std::size_t offset, std::string_view what) {
    if (!error_) {
      error_ = make_error(ErrorCode::invalid_argument, "offset " + std::to_string(offset) + ": " + std::string(what));
    }
    return nullptr;
  }
  bool refuse(std::size_t offset, std::string_view what) {
    fail(offset, what);
    return false;
  }
  Error take_error() { return std::move(*error_); }

  std::optional<std::uint32_t> number();
  // A backslash and what follows, as one byte.
  std::optional<char> escaped_byte();

  std::string_view pattern_;
  std::size_t position_ = 0;

 private:
  std::optional<char> hex_byte(std::size_t start);

  std::optional<Error> error_;
};

// Saturates above kMaxCount.
inline std::optional<std::uint32_t> PatternReader::number() {
  if (at_end() || !is_digit(static_cast<unsigned char>(peek()))) return std::nullopt;
  std::uint32_t value = 0;
  for (; !at_end() && is_digit(static_cast<unsigned char>(peek())); ++position_) {
    value = std::min(value * 10 + static_cast<std::uint32_t>(peek() - '0'), kMaxCount + 1);
  }
  return value;
}

inline std::optional<char> PatternReader::escaped_byte() {
  const std::size_t start = position_++;
  if (at_end()) {
    fail(start, "a backslash at the end; write \\\\ for the character");
    return std::nullopt;
  }
  const char c = pattern_[position_++];
  if (c == 'x') return hex_byte(start);
  constexpr std::pair<char, char> kControls[] = {{'a', '\a'}, {'f', '\f'}, {'n', '\n'},
                                                 {'r', '\r'}, {'t', '\t'}, {'v', '\v'}};
  for (const auto& [letter, control] : kControls) {
    if (c == letter) return control;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte > 0 && byte < 0x80 && !is_letter_or_digit(byte)) return c;
  fail(start, "an escape of " + quoted(c) + " is not supported; write the byte as \\x41");
  return std::nullopt;
}

inline std::optional<char> PatternReader::hex_byte(std::size_t start) {
  const bool braced = take("{");
  const std::size_t first = position_;
  unsigned value = 0;
  while (!at_end() && contains(set_of("09AFaf"), static_cast<unsigned char>(peek())) && position_ - first < 2) {
    const char digit = to_lower(pattern_[position_++]);
    value = value * 16 + static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  }
  const std::size_t digits = position_ - first;
  if (digits == 0 || (!braced && digits != 2) || (braced && !take("}"))) {
    fail(start, "a byte is written \\x41 or \\x{41}, 00 to ff");
    return std::nullopt;
  }
  return static_cast<char>(value);
}

}  // namespace keytrail::ruleset
