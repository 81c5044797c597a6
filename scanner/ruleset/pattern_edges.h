// How the matches of a pattern begin and end. For pattern_facts.cc alone; pure functions of the tree.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "scanner/ruleset/pattern_bytes.h"
#include "scanner/ruleset/pattern_node.h"

namespace keytrail::ruleset {

inline std::uint32_t count_groups(const PatternNode& node) {
  std::uint32_t count = node.group > 0 ? 1 : 0;
  for (const PatternNodePtr& child : node.children) count += count_groups(*child);
  return count;
}

// Group 0 is the whole pattern; nullptr when there is no such group.
inline const PatternNode* find_group(const PatternNode& node, std::uint32_t group) {
  if (node.group == group || group == 0) return &node;
  for (const PatternNodePtr& child : node.children) {
    if (const PatternNode* found = find_group(*child, group)) return found;
  }
  return nullptr;
}

// What every text of a node begins with; `whole` when that is all of every one.
struct Prefix {
  std::string text;
  bool whole = true;
};

Prefix prefix_of(const PatternNode& node);

inline Prefix common_prefix(const PatternNode& alternation) {
  Prefix common = prefix_of(*alternation.children[0]);
  for (std::size_t i = 1; i < alternation.children.size(); ++i) {
    const Prefix branch = prefix_of(*alternation.children[i]);
    common.whole = common.whole && branch.whole && common.text == branch.text;
    const auto ends = std::mismatch(common.text.begin(), common.text.end(), branch.text.begin(), branch.text.end());
    common.text.erase(ends.first, common.text.end());
  }
  return common;
}

inline void append(Prefix& prefix, const Prefix& next) {
  constexpr std::size_t kMaxBytes = 256;
  prefix.text += next.text;
  prefix.whole = next.whole && prefix.text.size() <= kMaxBytes;
}

inline Prefix prefix_of(const PatternNode& node) {
  Prefix prefix;
  switch (node.kind) {
    case PatternNode::Kind::assertion:
      break;
    case PatternNode::Kind::group:
      return prefix_of(*node.children[0]);
    case PatternNode::Kind::alternation:
      return common_prefix(node);
    case PatternNode::Kind::bytes:
      prefix.whole = node.is_literal && count_members(node.bytes) == 1;
      if (prefix.whole) prefix.text = node.written;
      break;
    case PatternNode::Kind::concatenation:
      for (std::size_t i = 0; i < node.children.size() && prefix.whole; ++i)
        append(prefix, prefix_of(*node.children[i]));
      break;
    case PatternNode::Kind::repetition: {
      const Prefix once = prefix_of(*node.children[0]);
      for (std::uint32_t i = 0; i < node.min_count && prefix.whole; ++i) append(prefix, once);
      prefix.whole = prefix.whole && node.min_count == node.max_count;
      break;
    }
  }
  return prefix;
}

enum class Side : std::uint8_t { front, back };

// The bytes by which the outermost elements on one side could have gone on; `open` when the node can be empty, so that
// its neighbour stands at the edge too.
struct Edge {
  ByteSet border{};
  bool open = false;
};

// True for what holds only at an edge of a text or line, as the first branch of (?:^|[^a-z]): nothing can border it.
inline bool is_text_edge(const PatternNode& node) {
  if (node.kind == PatternNode::Kind::assertion) {
    return node.assertion != Assertion::word_edge && node.assertion != Assertion::no_word_edge;
  }
  if (node.kind == PatternNode::Kind::repetition || node.children.empty()) return false;
  return std::all_of(node.children.begin(), node.children.end(),
                     [](const PatternNodePtr& child) { return is_text_edge(*child); });
}

// A class that stands once is no run that could have gone on: of letters and digits it borders as a literal does,
// otherwise it is a delimiter, and what stands beyond a delimiter does not matter.
inline ByteSet border_of_bytes(const PatternNode& node, bool repeated) {
  const ByteSet letters_and_digits = set_of("09AZaz");
  if (node.is_literal)
    return is_letter_or_digit(static_cast<unsigned char>(node.written)) ? letters_and_digits : ByteSet{};
  if (repeated) return node.bytes;
  const ByteSet word = set_of("09AZaz__");
  bool within_word = true;
  bool has_letter_or_digit = false;
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (!contains(node.bytes, byte)) continue;
    within_word = within_word && contains(word, byte);
    has_letter_or_digit = has_letter_or_digit || contains(letters_and_digits, byte);
  }
  return within_word && has_letter_or_digit ? letters_and_digits : ByteSet{};
}

// `repeated`: the node stands alone in a repetition that allows more than one.
inline Edge edge_of(const PatternNode& node, Side side, bool repeated) {
  Edge edge;
  const std::size_t count = node.children.size();
  switch (node.kind) {
    case PatternNode::Kind::assertion:
      edge.open = true;
      break;
    case PatternNode::Kind::bytes:
      edge.border = border_of_bytes(node, repeated);
      break;
    case PatternNode::Kind::group:
      return edge_of(*node.children[0], side, repeated);
    case PatternNode::Kind::concatenation:
      edge.open = true;
      for (std::size_t i = 0; i < count && edge.open; ++i) {
        const Edge part = edge_of(*node.children[side == Side::front ? i : count - 1 - i], side, false);
        unite(edge.border, part.border);
        edge.open = part.open;
      }
      break;
    case PatternNode::Kind::alternation:
      for (const PatternNodePtr& child : node.children) {
        if (is_text_edge(*child)) continue;
        const Edge branch = edge_of(*child, side, repeated);
        unite(edge.border, branch.border);
        edge.open = edge.open || branch.open;
      }
      break;
    case PatternNode::Kind::repetition:
      if (node.max_count > 0) edge = edge_of(*node.children[0], side, repeated || node.max_count > 1);
      edge.open = edge.open || node.min_count == 0;
      break;
  }
  return edge;
}

}  // namespace keytrail::ruleset
