// What several checks need: base64, digits of other bases, random characters, values that may be shown.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "scanner/base/text.h"
#include "scanner/ruleset/checks.h"

namespace keytrail::ruleset {

inline constexpr std::string_view kDigits62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
inline constexpr std::string_view kDigits36 = "0123456789abcdefghijklmnopqrstuvwxyz";
inline constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

inline bool is_printable(char c) { return c >= ' ' && c <= '~'; }
bool is_base64(char c);  // of the standard alphabet, padding included

// Both alphabets, with or without padding; nothing when a character belongs to neither, when characters stand behind
// the padding, or when the length is none that an encoder writes.
std::optional<std::string> decode_base64(std::string_view text);
// Padded when the alphabet is the standard one, never in the URL one.
std::string encode_base64(std::string_view bytes, bool url);

// Most significant digit first, padded at the left with the zero digit to `width`.
std::string digits_of(std::uint64_t value, std::string_view alphabet, std::size_t width);

std::string random_text(std::string_view alphabet, std::size_t size, std::mt19937_64& random);

// Seconds since 1970 as an ISO date and time in UTC; empty when no four-digit year has them.
std::string iso_date(double seconds);

// Adds a fact whose value was read off hostile bytes: at most 100 characters, printable ASCII, the rest shown as '?'.
// An empty value adds nothing.
void add_fact(CheckResult& result, std::string_view name, std::string_view value);

// The same with the outcome alone.
inline CheckResult outcome_of(bool passed) {
  return {passed ? CheckOutcome::passed : CheckOutcome::failed, {}, std::nullopt};
}

}  // namespace keytrail::ruleset
