// How rare a literal is in text, estimated. For pattern_facts.cc alone; pure functions.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "scanner/ruleset/pattern_bytes.h"

namespace keytrail::ruleset {

inline std::string folded(std::string text) {
  for (char& c : text) c = to_lower(c);
  return text;
}

// Words of everyday code and prose: however long, they are no rare sight.
inline constexpr std::string_view kCommonWords[] = {
    "access",   "account", "admin",  "api",      "app",    "auth",    "authorization", "base",   "basic",  "bearer",
    "begin",    "client",  "code",   "com",      "config", "data",    "end",           "file",   "header", "host",
    "http",     "https",   "id",     "key",      "login",  "name",    "net",           "org",    "pass",   "passwd",
    "password", "private", "public", "secret",   "server", "service", "session",       "string", "test",   "token",
    "type",     "url",     "user",   "username", "value",  "www"};

// How rare a byte is in text, in bits; rough on purpose.
inline double byte_bits(char c) {
  constexpr std::string_view kFrequent = "etaoinsrl";
  constexpr std::string_view kUsual = "\n\t ,.()=\"'";
  if (kFrequent.find(to_lower(c)) != std::string_view::npos) return is_upper(static_cast<unsigned char>(c)) ? 6.5 : 4.5;
  if (c == ' ') return 3;
  if (kUsual.find(c) != std::string_view::npos) return 5;
  return is_lower(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '/' ? 5.5 : 7;
}

inline double literal_bits(const std::string& text) {
  constexpr double kWordBits = 8;
  const std::string lower = folded(text);
  double bits = 0;
  for (std::size_t i = 0; i < lower.size();) {
    std::size_t longest = 0;
    for (const std::string_view word : kCommonWords) {
      if (word.size() > longest && std::string_view(lower).substr(i, word.size()) == word) longest = word.size();
    }
    const std::size_t step = std::max<std::size_t>(longest, 1);
    double letters = 0;
    for (std::size_t j = i; j < i + step; ++j) letters += byte_bits(text[j]);
    bits += longest > 0 ? std::min(kWordBits, letters) : letters;
    i += step;
  }
  return bits;
}

}  // namespace keytrail::ruleset
