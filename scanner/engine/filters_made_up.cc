// What somebody typed in place of a secret: counted up, spelled from words for secrets, or a word in disguise.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "scanner/engine/filters_parts.h"

namespace keytrail::engine {
namespace {

constexpr std::size_t kLongest = 128;  // what stands behind that many characters changes no answer here

// Letters and digits of a text without what joins them, at most kLongest: 1 to 10 for digits, 11 to 36 for letters.
struct Ordinals {
  std::array<std::uint8_t, kLongest> at{};
  std::size_t count = 0;

  explicit Ordinals(std::string_view text) {
    for (const char c : text) {
      if (count == kLongest) break;
      if (is(c, kDigit)) at[count++] = static_cast<std::uint8_t>(c - '0' + 1);
      if (is_letter(c)) at[count++] = static_cast<std::uint8_t>(lower(c) - 'a' + 11);
    }
  }

  // How far it goes on from `begin` up (1) or down (-1) by one.
  std::size_t run(std::size_t begin, int step) const {
    std::size_t end = begin + 1;
    while (end < count && static_cast<int>(at[end]) - static_cast<int>(at[end - 1]) == step) ++end;
    return end - begin;
  }

  // The same for every second character, those between included.
  std::size_t every_second(std::size_t begin) const {
    std::size_t last = begin;
    while (last + 2 < count && at[last + 2] == at[last] + 1) last += 2;
    return std::min(last + 2, count) - begin;
  }
};

struct Disguise {
  char mark;
  char letter;
};
constexpr Disguise kDisguises[] = {{'@', 'a'}, {'4', 'a'}, {'3', 'e'}, {'1', 'i'}, {'!', 'i'},
                                   {'0', 'o'}, {'$', 's'}, {'5', 's'}, {'7', 't'}};

char undisguised(char c) {
  const auto* found =
      std::find_if(std::begin(kDisguises), std::end(kDisguises), [c](const Disguise& d) { return d.mark == c; });
  return found == std::end(kDisguises) ? c : found->letter;
}

int base64_value(char c) {
  if (is(c, kUpper)) return c - 'A';
  if (is(c, kLower)) return c - 'a' + 26;
  if (is(c, kDigit)) return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

bool is_secret_word(std::string_view word) {
  constexpr std::string_view kWords[] = {"token", "tokens", "secret",     "secrets",     "password", "passwd", "pass",
                                         "passw", "pw",     "pwd",        "key",         "keys",     "auth",   "apikey",
                                         "login", "creds",  "credential", "credentials", "passcode", "askpass"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [word](std::string_view entry) { return equal_caseless(word, entry); });
}

}  // namespace

std::size_t sequence_cover(std::string_view body) {
  constexpr std::size_t kLeast = 3;
  constexpr std::size_t kLeastInterleaved = 8;
  const Ordinals ordinals(body);
  std::size_t covered = 0;
  for (std::size_t i = 0; i < ordinals.count;) {
    std::size_t longest = std::max(ordinals.run(i, 1), ordinals.run(i, -1));
    if (longest < kLeast) longest = 0;
    // "a8b3c0d1": every second one counts up, whatever stands between.
    const std::size_t interleaved = ordinals.every_second(i);
    if (interleaved >= kLeastInterleaved) longest = std::max(longest, interleaved);
    covered += longest;
    i += std::max<std::size_t>(longest, 1);
  }
  return covered;
}

bool is_counted_up(std::string_view body) {
  std::size_t size = std::min(kLongest, body.size());
  for (const char c : body.substr(0, kLongest)) {
    if (!is_alnum(c)) --size;
  }
  return size >= 6 && sequence_cover(body) * 3 >= size * 2;
}

bool names_secret(std::string_view value) {
  bool named = false;
  std::size_t digits = 0;
  std::size_t words = 0;
  for (std::size_t i = 0; i < value.size();) {
    if (!is_letter(value[i])) {
      if (is(value[i], kDigit) ? ++digits > 2 : value[i] != '-' && value[i] != '_' && value[i] != ' ') return false;
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < value.size() && is_letter(value[end])) ++end;
    const std::string_view word = value.substr(i, end - i);
    if (word.size() > 16) return false;
    named = named || is_secret_word(word);
    ++words;
    i = end;
  }
  return named && words > 1;
}

bool is_disguised_word(std::string_view value) {
  constexpr std::size_t kMost = 32;
  if (value.size() < 5 || value.size() > kMost) return false;
  while (!value.empty() && std::string_view("!?.*#$@").find(value.back()) != std::string_view::npos)
    value.remove_suffix(1);
  // A number behind the word is no part of it: "passw0rd2024".
  std::size_t digits = 0;
  while (digits < value.size() && is(value[value.size() - 1 - digits], kDigit)) ++digits;
  std::array<char, kMost> letters{};
  const std::string_view word = value.substr(0, value.size() - digits);
  std::transform(word.begin(), word.end(), letters.begin(), undisguised);
  return word.size() >= 4 && is_placeholder_word(std::string_view(letters.data(), word.size()));
}

bool is_encoded_word(std::string_view value) {
  constexpr std::size_t kLeastDecoded = 8;
  std::array<char, kLongest> text{};
  std::size_t size = 0;
  std::uint32_t bits = 0;
  unsigned held = 0;
  while (!value.empty() && value.back() == '=') value.remove_suffix(1);
  if (value.size() * 3 / 4 < kLeastDecoded || value.size() * 3 / 4 > kLongest) return false;
  for (const char c : value) {
    const int next = base64_value(c);
    if (next < 0) return false;
    bits = (bits << 6 | static_cast<std::uint32_t>(next)) & 0xFFFFU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    const char out = static_cast<char>(bits >> held & 0xFFU);
    if (out < ' ' && out != '\n' && out != '\r' && out != '\t') return false;
    if (is(out, kHigh)) return false;
    text[size++] = out;
  }
  std::string_view inner(text.data(), size);
  while (!inner.empty() && is(inner.back(), kSpace)) inner.remove_suffix(1);
  if (is_placeholder_word(inner) || holds_strong_word(inner) || names_secret(inner)) return true;
  const std::size_t colon = inner.find(':');
  const std::string_view behind = colon == std::string_view::npos ? std::string_view() : inner.substr(colon + 1);
  return !behind.empty() && (is_placeholder_word(behind) || names_secret(behind) || is_disguised_word(behind));
}

}  // namespace keytrail::engine
