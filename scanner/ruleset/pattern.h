// A parsed regular expression: what its shape says without running it.
//
// RE2 says neither how long a match can be nor what it must contain, and both decide whether a rule may be scanned in
// windows around anchors. So patterns are parsed here once more, into a tree over bytes (Latin-1). The syntax is the
// part of RE2's that rules need: literals, escapes, classes (with \d \w \s and [:posix:]), groups (capturing, (?:…),
// (?P<name>…), flags i, s and m), alternation, repetition with bounds, \b \B ^ $ \A \z as empty assertions. Anything
// else, `*`, `+` and {n,} included, is refused with the offset: a rule's window must be bounded.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ruleset/rule.h"

namespace keytrail::ruleset {

struct PatternNode;

// Immutable. Owns its tree.
class Pattern {
 public:
  static Result<Pattern> parse(std::string_view pattern);
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  std::uint32_t min_width() const;
  std::uint32_t max_width() const;
  std::uint32_t groups() const;  // capturing ones

  // A literal that every match contains, with where it can stand. Of several the rarest comes first: longest, and not
  // of common words.
  using Literal = AnchorLiteral;
  // A set of literals of which every match contains at least one (as an alternation gives); empty when there is none
  // of at least `min_length` bytes.
  std::vector<Literal> required_literals(std::size_t min_length) const;
  // Whether every match contains one of `texts`; where it can stand. Texts that are not needed for that are left out,
  // the others come as they were given.
  std::optional<std::vector<Literal>> places_of(const std::vector<std::string>& texts, bool caseless) const;

  // Of a literal that is looked for so that the pattern can be tried there: one at a known distance from the begin of
  // the match, where bytes_at() tells what may follow, is preferred to a rarer one.
  std::vector<Literal> guarded_literals(std::size_t min_length) const;

  // Which bytes a match can have at each of its first `count` (at most 64) offsets: all, where it can have ended.
  std::vector<ByteSet> bytes_at(std::size_t count) const;

  // The literal bytes that every content of group `group` (0: the match) begins with.
  std::string literal_prefix(std::uint32_t group) const;
  // The bytes that may not border a match: those by which a repeated class at its edge could have gone on, and beside a
  // literal's letter or digit every letter and digit. A single class borders like a literal when it holds only letters,
  // digits and '_', and like a delimiter, with nothing, otherwise.
  ByteSet border_before() const;
  ByteSet border_behind() const;

  // A random text that matches, for examples and tests; `secret` is where group `group` stands in it. `plain`: classes
  // give letters and digits where they have some, so that a wide class such as [^"] does not read as code.
  std::string sample(std::mt19937_64& random, std::uint32_t group, core::Span& secret, bool plain = false) const;

 private:
  explicit Pattern(std::unique_ptr<PatternNode> root);
  std::unique_ptr<PatternNode> root_;
};

}  // namespace keytrail::ruleset
