// ASCII text: the classes of a byte, case, and what is cut off or put together everywhere. By the ASCII table, whatever
// the locale; a byte over 0x7f belongs to no class and has no case. Pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace keytrail {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
constexpr bool is_alnum(char c) { return is_digit(c) || is_letter(c); }
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

constexpr char lower(char c) { return is_upper(c) ? static_cast<char>(c | 0x20) : c; }
std::string lower(std::string_view text);

// Without the spaces, tabs and line ends at both ends; a view into `text`.
std::string_view trimmed(std::string_view text);
std::string joined(const std::vector<std::string>& parts, std::string_view between);
inline bool contains(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// The last part of a path.
std::string_view base_name(std::string_view path);

// git's id of no object, of either length.
bool is_zeros(std::string_view id);

}  // namespace keytrail
