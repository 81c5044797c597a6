#include "scanner/ruleset/pattern.h"

#include <algorithm>
#include <utility>

#include "scanner/ruleset/pattern_node.h"
#include "scanner/ruleset/pattern_reader.h"

namespace keytrail::ruleset {
namespace {

using Kind = PatternNode::Kind;

constexpr std::uint32_t kMaxDepth = 200;

// Recursive descent; depth is bounded by kMaxDepth groups. A function that fails sets error_ and returns nullptr,
// nullopt or false; the first error stands.
class Parser : private PatternReader {
 public:
  explicit Parser(std::string_view pattern) : PatternReader(pattern) {}
  Result<PatternNodePtr> parse();

 private:
  struct Flags {
    bool caseless = false;
    bool dot_matches_newline = false;
    bool multi_line = false;
  };
  struct Counts {
    std::uint32_t least;
    std::uint32_t most;
  };

  PatternNodePtr alternation();
  PatternNodePtr concatenation();
  PatternNodePtr repeated();
  PatternNodePtr atom();
  PatternNodePtr group();
  PatternNodePtr group_body(std::size_t start, std::uint32_t number, const Flags& outer);
  PatternNodePtr escape();
  PatternNodePtr byte_class();
  bool class_item(ByteSet& folded, ByteSet& written);
  bool posix_class(ByteSet& folded, ByteSet& written);
  std::optional<char> class_byte();
  bool group_name();
  bool set_flags();
  bool open_flags(bool& is_group);
  std::optional<Counts> counts();
  std::optional<Counts> braces(std::size_t start);
  void add_class(const ByteSet& set, bool negated, ByteSet& folded, ByteSet& written) const;

  std::uint32_t depth_ = 0;
  std::uint32_t groups_ = 0;
  Flags flags_;
  std::vector<std::string_view> names_;
};

Result<PatternNodePtr> Parser::parse() {
  PatternNodePtr root = alternation();
  if (root && !at_end()) root = fail(position_, "')' closes no group; write \\) for the character");
  if (root && root->max_width > kMaxWidth) {
    root = fail(0, "a match can be over 65536 bytes wide; lower the repetition counts");
  }
  if (!root) return take_error();
  return root;
}

PatternNodePtr Parser::alternation() {
  std::vector<PatternNodePtr> branches;
  do {
    PatternNodePtr branch = concatenation();
    if (!branch) return nullptr;
    branches.push_back(std::move(branch));
  } while (take("|"));
  return join(Kind::alternation, std::move(branches));
}

PatternNodePtr Parser::concatenation() {
  std::vector<PatternNodePtr> parts;
  while (!at_end() && peek() != '|' && peek() != ')') {
    if (looking_at("(?")) {
      bool is_group = true;
      if (!open_flags(is_group)) return nullptr;
      if (!is_group) continue;
    }
    PatternNodePtr part = repeated();
    if (!part) return nullptr;
    parts.push_back(std::move(part));
  }
  return join(Kind::concatenation, std::move(parts));
}

// "(?i)" is no group: it sets flags to the end of the group that it stands in. Everything else is left to group().
bool Parser::open_flags(bool& is_group) {
  const std::size_t close = pattern_.find_first_not_of("imsU-", position_ + 2);
  is_group = close == std::string_view::npos || pattern_[close] != ')';
  if (is_group) return true;
  position_ += 2;
  if (!set_flags()) return false;
  ++position_;
  return true;
}

bool Parser::set_flags() {
  const std::size_t start = position_;
  bool value = true;
  bool any = false;
  for (; !at_end() && peek() != ')' && peek() != ':'; ++position_) {
    switch (peek()) {
      case 'i':
        flags_.caseless = value;
        break;
      case 's':
        flags_.dot_matches_newline = value;
        break;
      case 'm':
        flags_.multi_line = value;
        break;
      case '-':
        if (!value) return refuse(position_, "a second '-' among flags; remove it");
        value = false;
        any = false;
        continue;
      default:
        return refuse(position_, quoted(peek()) + " is no flag here; use i, m or s");
    }
    any = true;
  }
  if (at_end()) return refuse(start, "flags without an end; close them with ')' or ':'");
  if (!any) return refuse(start, "no flag named; use i, m or s");
  return true;
}

PatternNodePtr Parser::repeated() {
  const std::size_t start = position_;
  PatternNodePtr node = atom();
  if (!node || at_end()) return node;
  const std::size_t operator_at = position_;
  if (peek() != '?' && peek() != '{' && peek() != '*' && peek() != '+') return node;
  if (node->kind == Kind::assertion) return fail(operator_at, "an assertion cannot be repeated; remove the repetition");
  const std::optional<Counts> bounds = counts();
  if (!bounds) return nullptr;
  take("?");  // lazy: the same texts match
  if (!at_end() && (peek() == '?' || peek() == '{' || peek() == '*' || peek() == '+')) {
    return fail(position_, "a repetition of a repetition; put the first into a group (?:…)");
  }
  node = make_repetition(bounds->least, bounds->most, std::move(node));
  if (node->nested_count > kMaxCount) return fail(operator_at, "nested repetitions over 1000 in all; lower the counts");
  if (node->max_width > kMaxWidth) return fail(start, "can match over 65536 bytes; lower the repetition counts");
  return node;
}

std::optional<Parser::Counts> Parser::counts() {
  const std::size_t start = position_;
  switch (pattern_[position_++]) {
    case '?':
      return Counts{0, 1};
    case '*':
      fail(start, "'*' has no upper bound; write {0,64}");
      return std::nullopt;
    case '+':
      fail(start, "'+' has no upper bound; write {1,64}");
      return std::nullopt;
    default:
      return braces(start);
  }
}

std::optional<Parser::Counts> Parser::braces(std::size_t start) {
  const auto malformed = [&]() -> std::optional<Counts> {
    fail(start, "'{' begins no repetition; write {1,64}, or \\{ for the character");
    return std::nullopt;
  };
  const std::optional<std::uint32_t> least = number();
  if (!least) return malformed();
  std::optional<std::uint32_t> most = least;
  if (take(",")) {
    most = number();
    if (!most && take("}")) {
      const std::string low = std::to_string(*least);
      const std::string high = std::to_string(std::clamp<std::uint32_t>(*least * 2, 64, kMaxCount));
      fail(start, "'" + std::string(since(start)) + "' has no upper bound; write {" + low + "," + high + "}");
      return std::nullopt;
    }
    if (!most) return malformed();
  }
  if (!take("}")) return malformed();
  if (*least > kMaxCount || *most > kMaxCount) {
    fail(start, "a repetition count over 1000; lower it");
  } else if (*least > *most) {
    fail(start, "the lower bound is above the upper one; swap them");
  } else {
    return Counts{*least, *most};
  }
  return std::nullopt;
}

PatternNodePtr Parser::atom() {
  const std::size_t start = position_;
  switch (peek()) {
    case '(':
      return group();
    case '[':
      return byte_class();
    case '\\':
      return escape();
    case '?':
    case '*':
    case '+':
    case '{':
      return fail(start, quoted(peek()) + " has nothing to repeat; write \\" + peek() + " for the character");
    default:
      break;
  }
  const char c = pattern_[position_++];
  if (c == '^') return make_assertion(flags_.multi_line ? Assertion::line_begin : Assertion::text_begin);
  if (c == '$') return make_assertion(flags_.multi_line ? Assertion::line_end : Assertion::text_end);
  if (c != '.') return make_literal(c, flags_.caseless);
  const ByteSet newline = set_of("\n\n");
  return make_bytes(flags_.dot_matches_newline ? complement(ByteSet{}) : complement(newline));
}

PatternNodePtr Parser::group() {
  const std::size_t start = position_;
  const Flags outer = flags_;
  ++position_;
  if (!looking_at("?")) return group_body(start, ++groups_, outer);
  if (take("?P<")) return group_name() ? group_body(start, ++groups_, outer) : nullptr;
  if (take("?:")) return group_body(start, 0, outer);
  if (looking_at("?=") || looking_at("?!") || looking_at("?<=") || looking_at("?<!")) {
    return fail(start, "lookaround is not supported; match the text itself or write \\b");
  }
  if (looking_at("?<")) return fail(start, "a name is written (?P<name>…) here; add the P");
  ++position_;
  if (!set_flags() || !take(":")) return fail(start, "an unknown group; write (?:…) or (?i:…)");
  return group_body(start, 0, outer);
}

// What stands behind a group's head, with its ')'. Number 0: it captures nothing.
PatternNodePtr Parser::group_body(std::size_t start, std::uint32_t number, const Flags& outer) {
  if (depth_ == kMaxDepth) return fail(start, "groups nested over 200 deep; flatten them");
  ++depth_;
  PatternNodePtr body = alternation();
  --depth_;
  if (!body) return nullptr;
  if (!take(")")) return fail(start, "'(' is not closed; add ')', or write \\( for the character");
  flags_ = outer;
  // Without a node of its own a group around an assertion would look like the bare assertion, which cannot be repeated.
  if (number == 0 && body->kind != Kind::assertion) return body;
  return make_group(number, std::move(body));
}

bool Parser::group_name() {
  const std::size_t start = position_;
  while (!at_end() && is_word(static_cast<unsigned char>(peek()))) ++position_;
  const std::string_view name = since(start);
  if (name.empty() || !take(">")) {
    return refuse(start, "a group's name is letters, digits and '_', closed by '>'");
  }
  if (std::find(names_.begin(), names_.end(), name) != names_.end()) {
    return refuse(start, "a second group of this name; rename it");
  }
  names_.push_back(name);
  return true;
}

PatternNodePtr Parser::escape() {
  if (position_ + 1 < pattern_.size()) {
    const char c = pattern_[position_ + 1];
    for (const NamedClass& named : kEscapeClasses) {
      if (to_lower(c) != named.name[0]) continue;
      position_ += 2;
      return make_bytes(is_upper(static_cast<unsigned char>(c)) ? complement(set_of(named.ranges))
                                                                : set_of(named.ranges));
    }
    constexpr std::pair<char, Assertion> kAssertions[] = {{'b', Assertion::word_edge},
                                                          {'B', Assertion::no_word_edge},
                                                          {'A', Assertion::text_begin},
                                                          {'z', Assertion::text_end}};
    for (const auto& [letter, assertion] : kAssertions) {
      if (c != letter) continue;
      position_ += 2;
      return make_assertion(assertion);
    }
  }
  const std::optional<char> byte = escaped_byte();
  if (!byte) return nullptr;
  return make_literal(*byte, flags_.caseless);
}

PatternNodePtr Parser::byte_class() {
  const std::size_t start = position_++;
  const bool negated = take("^");
  ByteSet folded{};
  ByteSet written{};
  for (bool first = true; first || at_end() || peek() != ']'; first = false) {
    if (at_end()) return fail(start, "'[' is not closed; add ']', or write \\[ for the character");
    if (!class_item(folded, written)) return nullptr;
  }
  ++position_;
  if (negated) folded = complement(folded);
  std::uint32_t members = 0;
  char only = 0;
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (!contains(negated ? folded : written, byte)) continue;
    ++members;
    only = static_cast<char>(byte);
  }
  if (members == 0) return fail(start, "a class without members; it never matches");
  if (members == 1) return make_literal(only, flags_.caseless && !negated);
  PatternNodePtr node = make_bytes(folded);
  node->caseless = flags_.caseless && !negated;
  return node;
}

// A named class, a byte or a range.
bool Parser::class_item(ByteSet& folded, ByteSet& written) {
  const std::size_t start = position_;
  if (looking_at("[:")) return posix_class(folded, written);
  if (looking_at("\\") && position_ + 1 < pattern_.size()) {
    const char c = pattern_[position_ + 1];
    for (const NamedClass& named : kEscapeClasses) {
      if (to_lower(c) != named.name[0]) continue;
      position_ += 2;
      add_class(set_of(named.ranges), is_upper(static_cast<unsigned char>(c)), folded, written);
      return true;
    }
  }
  const std::optional<char> first = class_byte();
  if (!first) return false;
  std::optional<char> last = first;
  if (looking_at("-") && position_ + 1 < pattern_.size() && pattern_[position_ + 1] != ']') {
    ++position_;
    if (looking_at("[:")) return refuse(position_, "a range cannot end with a class; write \\- for the character");
    last = class_byte();
    if (!last) return false;
  }
  const auto low = static_cast<unsigned char>(*first);
  const auto high = static_cast<unsigned char>(*last);
  if (low > high) return refuse(start, "a range whose end is before its start; swap them");
  ByteSet range{};
  insert_range(range, low, high);
  add_class(range, false, folded, written);
  return true;
}

bool Parser::posix_class(ByteSet& folded, ByteSet& written) {
  const std::size_t start = position_;
  position_ += 2;
  const bool negated = take("^");
  for (const NamedClass& named : kPosixClasses) {
    if (!take(std::string(named.name) + ":]")) continue;
    add_class(set_of(named.ranges), negated, folded, written);
    return true;
  }
  return refuse(start, "an unknown class name; write [:alnum:] or the like, or \\[ for the character");
}

// (?i) folds before a class is negated.
void Parser::add_class(const ByteSet& set, bool negated, ByteSet& folded, ByteSet& written) const {
  ByteSet both = set;
  if (flags_.caseless) fold_case(both);
  unite(folded, negated ? complement(both) : both);
  unite(written, negated ? complement(both) : set);
}

std::optional<char> Parser::class_byte() {
  if (peek() == '\\') return escaped_byte();
  return pattern_[position_++];
}

}  // namespace

Pattern::Pattern(std::unique_ptr<PatternNode> root) : root_(std::move(root)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::parse(std::string_view pattern) {
  Result<PatternNodePtr> root = Parser(pattern).parse();
  if (!root) return std::move(root).error();
  return Pattern(std::move(root).value());
}

std::uint32_t Pattern::min_width() const { return root_->min_width; }
std::uint32_t Pattern::max_width() const { return root_->max_width; }

}  // namespace keytrail::ruleset
