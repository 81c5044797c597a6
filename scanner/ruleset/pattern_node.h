// The tree behind a Pattern; for pattern.cc and pattern_facts.cc alone. Built by the parser, then never changed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "scanner/ruleset/pattern.h"
#include "scanner/ruleset/pattern_bytes.h"

namespace keytrail::ruleset {

inline constexpr std::uint32_t kMaxCount = 1000;  // RE2's; of nested repetitions the product
inline constexpr std::uint64_t kMaxWidth = 65536;

enum class Assertion : std::uint8_t { text_begin, text_end, line_begin, line_end, word_edge, no_word_edge };

struct PatternNode {
  enum class Kind : std::uint8_t { bytes, assertion, concatenation, alternation, repetition, group };

  Kind kind = Kind::concatenation;  // one without children matches the empty text
  std::vector<std::unique_ptr<PatternNode>> children;

  // bytes: one byte of a set.
  ByteSet bytes{};
  bool is_literal = false;  // written as one byte, not as a class
  bool caseless = false;    // holds ASCII letters in both cases because of (?i)
  char written = 0;         // the byte of a literal as it was written

  Assertion assertion = Assertion::text_begin;

  // repetition: bounds. group: its number, from 1.
  std::uint32_t min_count = 0;
  std::uint32_t max_count = 0;
  std::uint32_t group = 0;

  // Of what the node matches.
  std::uint32_t min_width = 0;
  std::uint32_t max_width = 0;
  // The largest product of nested repetition counts below and at the node: RE2 refuses more than 1000.
  std::uint32_t nested_count = 1;
};

using PatternNodePtr = std::unique_ptr<PatternNode>;

// Widths stop just above kMaxWidth, so that sums and products cannot overflow.
inline std::uint32_t clamp_width(std::uint64_t width) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(width, kMaxWidth + 1));
}

inline PatternNodePtr make_node(PatternNode::Kind kind) {
  auto node = std::make_unique<PatternNode>();
  node->kind = kind;
  return node;
}

inline PatternNodePtr make_assertion(Assertion assertion) {
  PatternNodePtr node = make_node(PatternNode::Kind::assertion);
  node->assertion = assertion;
  return node;
}

inline PatternNodePtr make_bytes(const ByteSet& bytes) {
  PatternNodePtr node = make_node(PatternNode::Kind::bytes);
  node->bytes = bytes;
  node->min_width = node->max_width = 1;
  return node;
}

inline PatternNodePtr make_literal(char written, bool caseless) {
  ByteSet bytes{};
  insert(bytes, static_cast<unsigned char>(written));
  if (caseless) fold_case(bytes);
  PatternNodePtr node = make_bytes(bytes);
  node->is_literal = true;
  node->caseless = caseless && is_letter(static_cast<unsigned char>(written));
  node->written = written;
  return node;
}

// The node of several: widths add up in a concatenation and are the extremes of an alternation's branches.
inline PatternNodePtr join(PatternNode::Kind kind, std::vector<PatternNodePtr> children) {
  if (children.size() == 1) return std::move(children.front());
  PatternNodePtr node = make_node(kind);
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < children.size(); ++i) {
    const PatternNode& child = *children[i];
    const bool sum = kind == PatternNode::Kind::concatenation;
    least =
        sum ? least + child.min_width : (i == 0 ? child.min_width : std::min<std::uint64_t>(least, child.min_width));
    most = sum ? most + child.max_width : std::max<std::uint64_t>(most, child.max_width);
    node->nested_count = std::max(node->nested_count, child.nested_count);
  }
  node->min_width = clamp_width(least);
  node->max_width = clamp_width(most);
  node->children = std::move(children);
  return node;
}

inline PatternNodePtr make_group(std::uint32_t number, PatternNodePtr child) {
  PatternNodePtr node = make_node(PatternNode::Kind::group);
  node->group = number;
  node->min_width = child->min_width;
  node->max_width = child->max_width;
  node->nested_count = child->nested_count;
  node->children.push_back(std::move(child));
  return node;
}

inline PatternNodePtr make_repetition(std::uint32_t least, std::uint32_t most, PatternNodePtr child) {
  PatternNodePtr node = make_node(PatternNode::Kind::repetition);
  node->min_count = least;
  node->max_count = most;
  node->min_width = clamp_width(std::uint64_t{least} * child->min_width);
  node->max_width = clamp_width(std::uint64_t{most} * child->max_width);
  node->nested_count = std::min(child->nested_count * std::max(most, 1U), kMaxCount + 1);
  node->children.push_back(std::move(child));
  return node;
}

}  // namespace keytrail::ruleset
