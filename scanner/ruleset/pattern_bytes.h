// Sets of bytes, and the named ones of RE2's syntax. For the pattern's own files alone. Pure functions.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "scanner/ruleset/rule.h"

namespace keytrail::ruleset {

inline bool contains(const ByteSet& set, unsigned byte) { return ((set[byte >> 6U] >> (byte & 63U)) & 1U) != 0; }
inline void insert(ByteSet& set, unsigned byte) { set[byte >> 6U] |= std::uint64_t{1} << (byte & 63U); }
inline void insert_range(ByteSet& set, unsigned first, unsigned last) {
  for (unsigned byte = first; byte <= last; ++byte) insert(set, byte);
}
inline void unite(ByteSet& set, const ByteSet& other) {
  for (std::size_t word = 0; word < set.size(); ++word) set[word] |= other[word];
}
inline int count_members(const ByteSet& set) {
  return std::popcount(set[0]) + std::popcount(set[1]) + std::popcount(set[2]) + std::popcount(set[3]);
}
inline ByteSet complement(const ByteSet& set) { return {~set[0], ~set[1], ~set[2], ~set[3]}; }

inline bool is_upper(unsigned byte) { return byte >= 'A' && byte <= 'Z'; }
inline bool is_lower(unsigned byte) { return byte >= 'a' && byte <= 'z'; }
inline bool is_letter(unsigned byte) { return is_upper(byte) || is_lower(byte); }
inline bool is_digit(unsigned byte) { return byte >= '0' && byte <= '9'; }
inline bool is_letter_or_digit(unsigned byte) { return is_letter(byte) || is_digit(byte); }
inline bool is_word(unsigned byte) { return is_letter_or_digit(byte) || byte == '_'; }
inline char to_lower(char c) { return is_upper(static_cast<unsigned char>(c)) ? static_cast<char>(c - 'A' + 'a') : c; }

inline void fold_case(ByteSet& set) {
  const auto pair = [&set](unsigned upper) {
    if (contains(set, upper)) insert(set, upper + 32);
    if (contains(set, upper + 32)) insert(set, upper);
  };
  for (unsigned upper = 'A'; upper <= 'Z'; ++upper) pair(upper);
  // RE2 folds the letters of Latin-1 as well; 0xD7 is the multiplication sign.
  for (unsigned upper = 0xC0; upper <= 0xDE; ++upper) {
    if (upper != 0xD7) pair(upper);
  }
}

// Each two bytes of `ranges` are a first and a last member.
struct NamedClass {
  std::string_view name;
  std::string_view ranges;
};

inline constexpr NamedClass kPosixClasses[] = {
    {"alnum", "09AZaz"},
    {"alpha", "AZaz"},
    {"ascii", {"\x00\x7f", 2}},
    {"blank", "\t\t  "},
    {"cntrl", {"\x00\x1f\x7f\x7f", 4}},
    {"digit", "09"},
    {"graph", "!~"},
    {"lower", "az"},
    {"print", " ~"},
    {"punct", "!/:@[`{~"},
    {"space", "\t\r  "},
    {"upper", "AZ"},
    {"word", "09AZaz__"},
    {"xdigit", "09AFaf"},
};
inline constexpr NamedClass kEscapeClasses[] = {{"d", "09"}, {"w", "09AZaz__"}, {"s", "\t\n\f\r  "}};

inline ByteSet set_of(std::string_view ranges) {
  ByteSet set{};
  for (std::size_t i = 0; i + 1 < ranges.size(); i += 2) {
    insert_range(set, static_cast<unsigned char>(ranges[i]), static_cast<unsigned char>(ranges[i + 1]));
  }
  return set;
}

}  // namespace keytrail::ruleset
