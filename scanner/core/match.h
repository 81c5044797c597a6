// Matches: what the engine says of one blob.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keytrail::core {

// Half-open, in bytes of the blob.
struct Span {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  std::uint64_t size() const { return end - begin; }
  bool overlaps(const Span& other) const { return begin < other.end && other.begin < end; }
  friend auto operator<=>(const Span&, const Span&) = default;
};

enum class Severity : std::uint8_t { info, low, medium, high, critical };
enum class Confidence : std::uint8_t { low, medium, high };

std::string_view to_string(Severity severity);
std::string_view to_string(Confidence confidence);
std::optional<Severity> parse_severity(std::string_view text);
std::optional<Confidence> parse_confidence(std::string_view text);

// Position of a rule in its RuleSet.
using RuleIndex = std::uint32_t;

// Something that can be read off a secret without asking anyone: ("account", "123456789012"). Never the secret.
using Fact = std::pair<std::string, std::string>;

struct Match {
  RuleIndex rule = 0;
  Span span;    // all that the rule's pattern matched
  Span secret;  // the part of it that must not be shown
  Confidence confidence = Confidence::medium;
  Severity severity = Severity::medium;
  std::vector<RuleIndex> related;  // rules that matched the same bytes and gave way, ascending
  std::vector<Fact> facts;
  std::string decoded;  // the secret, where the bytes at `secret` are an encoded form of it; else empty
};

// The secret of `match` in the text in which it was found.
inline std::string_view secret_of(const Match& match, std::string_view text) {
  return match.decoded.empty() ? text.substr(match.secret.begin, match.secret.size()) : std::string_view(match.decoded);
}

}  // namespace keytrail::core
