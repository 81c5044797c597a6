// Makes random texts that a pattern matches. For pattern_facts.cc alone.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "scanner/core/match.h"
#include "scanner/ruleset/pattern_bytes.h"
#include "scanner/ruleset/pattern_edges.h"
#include "scanner/ruleset/pattern_node.h"

namespace keytrail::ruleset {

// One text for one sampler. Takes std::mt19937_64's numbers as they are: the standard's distributions differ between
// libraries, and a seed must give the same text everywhere.
class Sampler {
 public:
  Sampler(std::mt19937_64& random, std::uint32_t group, bool plain) : random_(random), group_(group), plain_(plain) {}

  // Tries again when an assertion does not hold where chance put it, or the wanted group took no part.
  std::string sample(const PatternNode& root, core::Span& secret) {
    constexpr int kTries = 500;
    for (int i = 0; i < kTries; ++i) {
      // An assertion may ask for what plain text lacks.
      if (i == kTries / 2) plain_ = false;
      text_.clear();
      assertions_.clear();
      has_secret_ = false;
      secret_ = {};
      put(root);
      if (group_ == 0) {
        secret_ = {0, text_.size()};
        has_secret_ = true;
      }
      if (has_secret_ && assertions_hold()) break;
    }
    secret = secret_;
    return std::move(text_);
  }

 private:
  struct Placed {
    std::size_t at;
    Assertion assertion;
  };

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

  void put(const PatternNode& node) {
    switch (node.kind) {
      case PatternNode::Kind::bytes:
        return put_byte(node);
      case PatternNode::Kind::assertion:
        return assertions_.push_back({text_.size(), node.assertion});
      case PatternNode::Kind::alternation:
        return put(branch_of(node));
      case PatternNode::Kind::concatenation:
        for (const PatternNodePtr& part : node.children) put(*part);
        return;
      case PatternNode::Kind::repetition: {
        const std::size_t count = node.min_count + below(std::size_t{node.max_count} - node.min_count + 1);
        for (std::size_t i = 0; i < count; ++i) put(*node.children[0]);
        return;
      }
      case PatternNode::Kind::group:
        break;
    }
    const std::size_t begin = text_.size();
    put(*node.children[0]);
    if (node.group != group_ || group_ == 0) return;
    secret_ = {begin, text_.size()};
    has_secret_ = true;
  }

  // A branch that holds only at an edge of a text is taken when there is no other, so that a sample stands anywhere.
  const PatternNode& branch_of(const PatternNode& node) {
    std::vector<const PatternNode*> branches;
    for (const PatternNodePtr& child : node.children) {
      if (!is_text_edge(*child)) branches.push_back(child.get());
    }
    if (branches.empty()) return *node.children[below(node.children.size())];
    return *branches[below(branches.size())];
  }

  void put_byte(const PatternNode& node) {
    if (node.is_literal) {
      text_ += node.written;
      return;
    }
    std::string members = members_of(node.bytes, plain_ ? set_of("09AZaz") : set_of(" ~"));
    if (members.empty()) members = members_of(node.bytes, set_of(" ~"));
    if (members.empty()) members = members_of(node.bytes, complement(ByteSet{}));
    text_ += members[below(members.size())];
  }

  static std::string members_of(const ByteSet& bytes, const ByteSet& wanted) {
    std::string members;
    for (unsigned byte = 0; byte < 256; ++byte) {
      if (contains(bytes, byte) && contains(wanted, byte)) members += static_cast<char>(byte);
    }
    return members;
  }

  bool assertions_hold() const {
    for (const Placed& placed : assertions_) {
      if (!holds(placed.at, placed.assertion)) return false;
    }
    return true;
  }

  bool holds(std::size_t at, Assertion assertion) const {
    const bool begin = at == 0;
    const bool end = at == text_.size();
    const bool word_before = !begin && is_word(static_cast<unsigned char>(text_[at - 1]));
    const bool word_behind = !end && is_word(static_cast<unsigned char>(text_[at]));
    switch (assertion) {
      case Assertion::text_begin:
        return begin;
      case Assertion::text_end:
        return end;
      case Assertion::line_begin:
        return begin || text_[at - 1] == '\n';
      case Assertion::line_end:
        return end || text_[at] == '\n';
      case Assertion::word_edge:
        return word_before != word_behind;
      case Assertion::no_word_edge:
        return word_before == word_behind;
    }
    return false;
  }

  std::mt19937_64& random_;
  const std::uint32_t group_;
  bool plain_;
  std::string text_;
  std::vector<Placed> assertions_;
  core::Span secret_;
  bool has_secret_ = false;
};

}  // namespace keytrail::ruleset
