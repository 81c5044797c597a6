#include "scanner/base/glob.h"

#include <cstddef>

namespace keytrail {
namespace {

// Matches one character class at pattern[at] == '['; sets `at` behind it. An unclosed '[' is an ordinary character.
bool match_class(std::string_view pattern, std::size_t& at, char c) {
  std::size_t i = at + 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool matched = false;
  for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); first = false, ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    const char low = pattern[i];
    char high = low;
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      high = pattern[i + 2];
      i += 2;
    }
    if (low <= c && c <= high) matched = true;
  }
  if (i >= pattern.size()) {
    ++at;
    return c == '[';
  }
  at = i + 1;
  return c != '/' && matched != negated;
}

// The whole of `pattern` against the whole of `path`. Backtracks to the last `*` and the last `**` only, which is
// enough: an earlier star can always give what a later one takes.
bool match_whole(std::string_view pattern, std::string_view path) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t p = 0;
  std::size_t s = 0;
  std::size_t star_p = kNone;
  std::size_t star_s = 0;
  std::size_t deep_p = kNone;
  std::size_t deep_s = 0;
  while (true) {
    if (p < pattern.size() && pattern[p] == '*') {
      if (p + 1 < pattern.size() && pattern[p + 1] == '*') {
        p += 2;
        // "**/" also matches nothing at all.
        if (p < pattern.size() && pattern[p] == '/') ++p;
        deep_p = p;
        deep_s = s;
        star_p = kNone;
      } else {
        star_p = ++p;
        star_s = s;
      }
      continue;
    }
    if (s == path.size() && p == pattern.size()) return true;
    bool step = false;
    if (s < path.size() && p < pattern.size()) {
      if (pattern[p] == '[') {
        std::size_t behind = p;
        step = match_class(pattern, behind, path[s]);
        if (step) p = behind;
      } else if (pattern[p] == '?') {
        step = path[s] != '/';
        if (step) ++p;
      } else {
        const bool escaped = pattern[p] == '\\' && p + 1 < pattern.size();
        step = pattern[p + (escaped ? 1 : 0)] == path[s];
        if (step) p += escaped ? 2 : 1;
      }
    }
    if (step) {
      ++s;
    } else if (star_p != kNone && star_s < path.size() && path[star_s] != '/') {
      p = star_p;
      s = ++star_s;
    } else if (deep_p != kNone && deep_s < path.size()) {
      // "**/" continues behind a slash only; "**" anywhere.
      ++deep_s;
      if (deep_p > 0 && pattern[deep_p - 1] == '/') {
        while (deep_s < path.size() && path[deep_s - 1] != '/') ++deep_s;
        if (path[deep_s - 1] != '/') return false;
      }
      p = deep_p;
      s = deep_s;
      star_p = kNone;
    } else {
      return false;
    }
  }
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view path) {
  if (pattern.empty()) return false;
  if (pattern.back() == '/') pattern.remove_suffix(1);
  const bool anchored = pattern.find('/') != std::string_view::npos;
  if (!pattern.empty() && pattern.front() == '/') pattern.remove_prefix(1);
  if (pattern.empty()) return true;
  // The path itself and each folder above it.
  for (std::size_t end = path.size();;) {
    const std::string_view part = path.substr(0, end);
    const std::size_t slash = part.rfind('/');
    if (match_whole(pattern, anchored || slash == std::string_view::npos ? part : part.substr(slash + 1))) return true;
    if (slash == std::string_view::npos) return false;
    end = slash;
  }
}

}  // namespace keytrail
