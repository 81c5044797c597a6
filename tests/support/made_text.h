// Texts that look like secrets and are none: made when a test runs, so that none stands in the repository.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

namespace keytrail::tests {

// Letters and digits; the same for the same seed.
inline std::string made_text(std::size_t length, unsigned seed) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  std::string text;
  for (std::size_t i = 0; i < length; ++i) {
    seed = seed * 1664525U + 1013904223U;
    text += kLetters[(seed >> 16) % kLetters.size()];
  }
  return text;
}

// 20 digits and lower-case letters.
inline std::string made_body(std::mt19937& random) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "0123456789abcdefghijklmnopqrstuvwxyz"[random() % 36];
  return text;
}

// One text of several, which a file can hold in pieces.
inline std::string text(std::initializer_list<const char*> pieces) {
  std::string joined;
  for (const char* piece : pieces) joined += piece;
  return joined;
}

}  // namespace keytrail::tests
