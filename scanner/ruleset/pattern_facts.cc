#include "scanner/ruleset/pattern.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <iterator>
#include <tuple>
#include <utility>

#include "scanner/ruleset/pattern_edges.h"
#include "scanner/ruleset/pattern_node.h"
#include "scanner/ruleset/pattern_rarity.h"
#include "scanner/ruleset/pattern_sampler.h"

namespace keytrail::ruleset {
namespace {

using Literal = Pattern::Literal;

struct Choice {
  std::vector<Literal> literals;
  double score = 0;
};

// Nothing: the candidate is of no use.
using Judge = std::function<std::optional<Choice>(const std::vector<Literal>&)>;

// Where `text` surely stands in whatever matches `literal`. The literal is in lower case when it is caseless.
std::size_t place_in(const Literal& literal, const std::string& text, bool caseless) {
  if (caseless) return folded(literal.text).find(folded(text));
  if (!literal.caseless) return literal.text.find(text);
  for (const char c : text) {
    if (is_letter(static_cast<unsigned char>(c))) return std::string::npos;
  }
  return literal.text.find(text);
}

void widen(Literal& literal, std::uint32_t min_before, std::uint32_t max_before) {
  literal.min_before = std::min(literal.min_before, min_before);
  literal.max_before = std::max(literal.max_before, max_before);
}

// Finds literals that every match contains.
//
// The elements of a concatenation are walked from left to right. As long as an element can be only a few texts, they
// are appended to every run that is open (the cross product); an element that can be too much ends the runs. Each run
// is a candidate: every match contains one of its texts. So is an alternation whose branches all have candidates. A
// Judge says what a candidate is worth, and the best one stands.
class LiteralFinder {
 public:
  explicit LiteralFinder(const Judge& judge) : judge_(judge) {}

  std::optional<Choice> find(const PatternNode& node) {
    walk(node);
    end_runs();
    return std::move(best_);
  }

 private:
  static constexpr std::size_t kMaxTexts = 64;
  static constexpr std::size_t kMaxTextBytes = 256;
  static constexpr std::size_t kMaxClass = 8;

  // One of the texts that a part of the pattern can be; in lower case when caseless.
  struct Text {
    std::string text;
    bool caseless = false;
    bool operator==(const Text&) const = default;
    bool operator<(const Text& other) const { return std::tie(text, caseless) < std::tie(other.text, other.caseless); }
  };
  using Texts = std::vector<Text>;

  struct Run {
    Texts texts;
    std::uint32_t min_before;
    std::uint32_t max_before;
  };

  static bool add(Texts& texts, Texts more);
  static std::optional<Texts> product(const Texts& left, const Texts& right);
  static std::optional<Texts> power(const Texts& texts, std::uint32_t count);
  static std::optional<Texts> class_texts(const PatternNode& node);
  static std::optional<Texts> repetition_texts(const PatternNode& node);
  // All texts that the node can be; nothing when they are too many or too long.
  static std::optional<Texts> texts_of(const PatternNode& node);

  void walk(const PatternNode& node);
  void walk_repetition(const PatternNode& node);
  void walk_alternation(const PatternNode& node);
  void append(const Texts& texts, std::uint32_t min_width, std::uint32_t max_width);
  void skip_to(std::uint32_t min_before, std::uint32_t max_before);
  void end_runs();
  void offer(const Run& run);
  void offer(const std::vector<Literal>& literals);

  const Judge& judge_;
  std::vector<Run> runs_ = {Run{{Text{}}, 0, 0}};
  std::uint32_t min_before_ = 0;
  std::uint32_t max_before_ = 0;
  std::optional<Choice> best_;
};

// False when there are too many of them.
bool LiteralFinder::add(Texts& texts, Texts more) {
  texts.insert(texts.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts.size() <= kMaxTexts;
}

std::optional<LiteralFinder::Texts> LiteralFinder::product(const Texts& left, const Texts& right) {
  if (left.size() * right.size() > kMaxTexts) return std::nullopt;
  Texts result;
  for (const Text& a : left) {
    for (const Text& b : right) {
      if (a.text.size() + b.text.size() > kMaxTextBytes) return std::nullopt;
      const bool caseless = a.caseless || b.caseless;
      result.push_back({caseless ? folded(a.text + b.text) : a.text + b.text, caseless});
    }
  }
  Texts unique;
  add(unique, std::move(result));
  return unique;
}

std::optional<LiteralFinder::Texts> LiteralFinder::power(const Texts& texts, std::uint32_t count) {
  std::optional<Texts> result = Texts{Text{}};
  for (std::uint32_t i = 0; i < count && result; ++i) {
    std::optional<Texts> next = product(*result, texts);
    if (next == result) break;  // only the empty text
    result = std::move(next);
  }
  return result;
}

std::optional<LiteralFinder::Texts> LiteralFinder::class_texts(const PatternNode& node) {
  Texts texts;
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (!contains(node.bytes, byte) || (node.caseless && is_upper(byte))) continue;
    if (texts.size() == kMaxClass) return std::nullopt;
    texts.push_back({std::string(1, static_cast<char>(byte)), node.caseless && is_letter(byte)});
  }
  return texts;
}

std::optional<LiteralFinder::Texts> LiteralFinder::repetition_texts(const PatternNode& node) {
  const std::optional<Texts> once = texts_of(*node.children[0]);
  if (!once) return std::nullopt;
  std::optional<Texts> current = power(*once, node.min_count);
  if (!current) return std::nullopt;
  Texts all = *current;
  for (std::uint32_t count = node.min_count; count < node.max_count; ++count) {
    std::optional<Texts> next = product(*current, *once);
    if (!next || !add(all, *next)) return std::nullopt;
    if (next == current) break;
    current = std::move(next);
  }
  return all;
}

std::optional<LiteralFinder::Texts> LiteralFinder::texts_of(const PatternNode& node) {
  Texts all;
  switch (node.kind) {
    case PatternNode::Kind::assertion:
      return Texts{Text{}};
    case PatternNode::Kind::bytes:
      return class_texts(node);
    case PatternNode::Kind::group:
      return texts_of(*node.children[0]);
    case PatternNode::Kind::repetition:
      return repetition_texts(node);
    case PatternNode::Kind::alternation:
      for (const PatternNodePtr& branch : node.children) {
        std::optional<Texts> texts = texts_of(*branch);
        if (!texts || !add(all, std::move(*texts))) return std::nullopt;
      }
      return all;
    case PatternNode::Kind::concatenation:
      break;
  }
  all = {Text{}};
  for (const PatternNodePtr& part : node.children) {
    const std::optional<Texts> texts = texts_of(*part);
    std::optional<Texts> longer = texts ? product(all, *texts) : std::nullopt;
    if (!longer) return std::nullopt;
    all = std::move(*longer);
  }
  return all;
}

void LiteralFinder::walk(const PatternNode& node) {
  switch (node.kind) {
    case PatternNode::Kind::assertion:
      return;
    case PatternNode::Kind::group:
      return walk(*node.children[0]);
    case PatternNode::Kind::repetition:
      return walk_repetition(node);
    case PatternNode::Kind::alternation:
      return walk_alternation(node);
    case PatternNode::Kind::concatenation:
      for (const PatternNodePtr& part : node.children) walk(*part);
      return;
    case PatternNode::Kind::bytes:
      break;
  }
  if (const std::optional<Texts> texts = class_texts(node)) return append(*texts, 1, 1);
  skip_to(min_before_ + 1, max_before_ + 1);
}

// When the whole repetition is too much, its obligatory part still continues the runs.
void LiteralFinder::walk_repetition(const PatternNode& node) {
  if (const std::optional<Texts> texts = texts_of(node)) return append(*texts, node.min_width, node.max_width);
  const std::uint32_t min_behind = min_before_ + node.min_width;
  const std::uint32_t max_behind = max_before_ + node.max_width;
  if (node.min_count > 0) {
    const PatternNode& child = *node.children[0];
    const std::optional<Texts> once = texts_of(child);
    const std::optional<Texts> least = once ? power(*once, node.min_count) : std::nullopt;
    if (least) {
      append(*least, node.min_width, node.min_count * child.max_width);
    } else {
      walk(child);
    }
  }
  skip_to(min_behind, max_behind);
}

void LiteralFinder::walk_alternation(const PatternNode& node) {
  if (const std::optional<Texts> texts = texts_of(node)) return append(*texts, node.min_width, node.max_width);
  std::vector<Literal> all;
  bool each_has_one = true;
  for (const PatternNodePtr& branch : node.children) {
    std::optional<Choice> choice = LiteralFinder(judge_).find(*branch);
    each_has_one = each_has_one && choice.has_value();
    if (!each_has_one) break;
    for (Literal& literal : choice->literals) {
      literal.min_before += min_before_;
      literal.max_before += max_before_;
      all.push_back(std::move(literal));
    }
  }
  if (each_has_one) offer(all);
  skip_to(min_before_ + node.min_width, max_before_ + node.max_width);
}

// An element of several texts also opens a run behind it: what follows can be rarer alone than all products with it.
void LiteralFinder::append(const Texts& texts, std::uint32_t min_width, std::uint32_t max_width) {
  std::vector<Run> longer;
  for (Run& run : runs_) {
    std::optional<Texts> texts_of_run = product(run.texts, texts);
    if (texts.size() > 1 || !texts_of_run) offer(run);
    if (texts_of_run) longer.push_back({std::move(*texts_of_run), run.min_before, run.max_before});
  }
  if (longer.empty()) longer.push_back({texts, min_before_, max_before_});
  runs_ = std::move(longer);
  min_before_ += min_width;
  max_before_ += max_width;
  if (texts.size() > 1) runs_.push_back({{Text{}}, min_before_, max_before_});
}

void LiteralFinder::skip_to(std::uint32_t min_before, std::uint32_t max_before) {
  end_runs();
  min_before_ = min_before;
  max_before_ = max_before;
  runs_.push_back({{Text{}}, min_before_, max_before_});
}

void LiteralFinder::end_runs() {
  for (const Run& run : runs_) offer(run);
  runs_.clear();
}

void LiteralFinder::offer(const Run& run) {
  std::vector<Literal> literals;
  for (const Text& text : run.texts) {
    if (text.text.empty()) return;
    literals.push_back({text.text, text.caseless, run.min_before, run.max_before});
  }
  offer(literals);
}

void LiteralFinder::offer(const std::vector<Literal>& literals) {
  std::optional<Choice> choice = judge_(literals);
  if (choice && (!best_ || choice->score > best_->score)) best_ = std::move(choice);
}

// A literal that contains another of the set adds nothing to it.
std::vector<Literal> without_longer(std::vector<Literal> literals) {
  std::stable_sort(literals.begin(), literals.end(),
                   [](const Literal& a, const Literal& b) { return a.text.size() < b.text.size(); });
  std::vector<Literal> kept;
  for (Literal& literal : literals) {
    bool covered = false;
    for (Literal& shorter : kept) {
      const std::size_t at = place_in(literal, shorter.text, shorter.caseless);
      if (at == std::string::npos) continue;
      const auto shift = static_cast<std::uint32_t>(at);
      widen(shorter, literal.min_before + shift, literal.max_before + shift);
      covered = true;
      break;
    }
    if (!covered) kept.push_back(std::move(literal));
  }
  return kept;
}

std::optional<Choice> judge_rarity(const std::vector<Literal>& literals, std::size_t min_length) {
  // About one hit in four million bytes: from there on, few literals are worth more than rarer ones.
  constexpr double kRareEnough = 22;
  Choice choice{without_longer(literals), 0};
  double frequency = 0;
  for (const Literal& literal : choice.literals) {
    if (literal.text.size() < min_length) return std::nullopt;
    frequency += std::exp2(-literal_bits(literal.text));
  }
  const double bits = -std::log2(frequency);
  choice.score = std::min(bits, kRareEnough) - 0.01 * static_cast<double>(choice.literals.size()) +
                 0.00001 * std::min(bits, 500.0);
  return choice;
}

// Every literal must contain one of the texts. Narrow places are worth most.
std::optional<Choice> judge_places(const std::vector<Literal>& literals, const std::vector<std::string>& texts,
                                   bool caseless) {
  Choice choice;
  std::vector<bool> covered(literals.size(), false);
  for (const std::string& text : texts) {
    std::optional<Literal> place;
    for (std::size_t i = 0; i < literals.size() && !text.empty(); ++i) {
      const std::size_t at = place_in(literals[i], text, caseless);
      if (at == std::string::npos) continue;
      covered[i] = true;
      const auto shift = static_cast<std::uint32_t>(at);
      const std::uint32_t least = literals[i].min_before + shift;
      const std::uint32_t most = literals[i].max_before + shift;
      if (!place) place = Literal{text, caseless, least, most};
      widen(*place, least, most);
    }
    if (!place) continue;
    choice.score -= place->max_before - place->min_before;
    choice.literals.push_back(std::move(*place));
  }
  if (std::find(covered.begin(), covered.end(), false) != covered.end()) return std::nullopt;
  return choice;
}

std::vector<Literal> best_literals(const PatternNode& root, const Judge& judge) {
  std::optional<Choice> choice = LiteralFinder(judge).find(root);
  if (!choice) return {};
  std::stable_sort(choice->literals.begin(), choice->literals.end(), [](const Literal& a, const Literal& b) {
    const double bits_a = literal_bits(a.text);
    const double bits_b = literal_bits(b.text);
    return bits_a != bits_b ? bits_a > bits_b : a.text < b.text;
  });
  return std::move(choice->literals);
}

// Offsets in a match, one bit each.
using Offsets = std::uint64_t;
constexpr std::size_t kMaxOffsets = 64;

// Adds to `sets` the bytes that `node` can have at each offset, when it begins at one of `begins`; where it can end.
// Offsets past the last one are dropped.
Offsets add_bytes(const PatternNode& node, Offsets begins, std::vector<ByteSet>& sets) {
  Offsets ends = 0;
  switch (node.kind) {
    case PatternNode::Kind::assertion:
      return begins;
    case PatternNode::Kind::group:
      return add_bytes(*node.children[0], begins, sets);
    case PatternNode::Kind::bytes:
      for (std::size_t offset = 0; offset < sets.size(); ++offset) {
        if ((begins >> offset & 1U) == 0) continue;
        for (std::size_t word = 0; word < node.bytes.size(); ++word) sets[offset][word] |= node.bytes[word];
      }
      return begins << 1;
    case PatternNode::Kind::alternation:
      for (const PatternNodePtr& branch : node.children) ends |= add_bytes(*branch, begins, sets);
      return ends;
    case PatternNode::Kind::repetition:
      if (node.min_count == 0) ends = begins;
      for (std::uint32_t count = 1; count <= node.max_count && begins != 0; ++count) {
        const Offsets next = add_bytes(*node.children[0], begins, sets);
        if (count >= node.min_count) ends |= next;
        if (next == begins) break;  // only the empty text
        begins = next;
      }
      return ends;
    case PatternNode::Kind::concatenation:
      break;
  }
  for (const PatternNodePtr& part : node.children) begins = add_bytes(*part, begins, sets);
  return begins;
}

}  // namespace

std::vector<Pattern::Literal> Pattern::required_literals(std::size_t min_length) const {
  const Judge judge = [min_length](const std::vector<Literal>& literals) { return judge_rarity(literals, min_length); };
  return best_literals(*root_, judge);
}

std::vector<Pattern::Literal> Pattern::guarded_literals(std::size_t min_length) const {
  const Judge judge = [min_length](const std::vector<Literal>& literals) {
    // What a known place saves is worth as many hits.
    constexpr double kKnownPlaceBits = 4;
    // With a hit in every thousand bytes the pattern itself costs less. Words are rarer than their letters say.
    constexpr double kTooFrequentBits = 10;
    constexpr std::size_t kWord = 3;
    std::optional<Choice> choice = judge_rarity(literals, min_length);
    const auto short_one = [](const Literal& literal) { return literal.text.size() < kWord; };
    if (choice && choice->score < kTooFrequentBits && std::any_of(literals.begin(), literals.end(), short_one)) {
      return std::optional<Choice>();
    }
    const auto known = [](const Literal& literal) { return literal.min_before == literal.max_before; };
    if (choice && std::all_of(literals.begin(), literals.end(), known)) choice->score += kKnownPlaceBits;
    return choice;
  };
  return best_literals(*root_, judge);
}

std::vector<ByteSet> Pattern::bytes_at(std::size_t count) const {
  std::vector<ByteSet> sets(std::min(count, kMaxOffsets));
  const Offsets ends = add_bytes(*root_, 1, sets);
  if (ends == 0) return sets;
  for (auto offset = static_cast<std::size_t>(std::countr_zero(ends)); offset < sets.size(); ++offset) {
    sets[offset].fill(~std::uint64_t{0});
  }
  return sets;
}

std::optional<std::vector<Pattern::Literal>> Pattern::places_of(const std::vector<std::string>& texts,
                                                                bool caseless) const {
  const Judge judge = [&](const std::vector<Literal>& literals) { return judge_places(literals, texts, caseless); };
  std::optional<Choice> choice = LiteralFinder(judge).find(*root_);
  if (!choice) return std::nullopt;
  return std::move(choice->literals);
}

std::uint32_t Pattern::groups() const { return count_groups(*root_); }

std::string Pattern::literal_prefix(std::uint32_t group) const {
  const PatternNode* node = find_group(*root_, group);
  return node == nullptr ? std::string() : prefix_of(*node).text;
}

ByteSet Pattern::border_before() const { return edge_of(*root_, Side::front, false).border; }
ByteSet Pattern::border_behind() const { return edge_of(*root_, Side::back, false).border; }

std::string Pattern::sample(std::mt19937_64& random, std::uint32_t group, core::Span& secret, bool plain) const {
  return Sampler(random, group, plain).sample(*root_, secret);
}

}  // namespace keytrail::ruleset
