// Ranks are topological, so one pass over the graph carries 256 bits from commits to all their ancestors (downwards) or
// to all their descendants (upwards): a commit's word is its own bits and those of its children, or of its parents.
// That is one OR of words for each edge, in the order in which memory likes to be read.
//
// Both ways lead to the same table of tips and wanted commits, so the cheaper one is taken:
//   upwards, 256 wanted commits at a time, from the lowest of them on: then each tip's word tells which of them it
//   reaches. Costs commits * wanted / 256 for the passes, and a step for each pair that is in the table.
//   downwards, 256 tips at a time, down to the lowest wanted commit: then each wanted commit's word tells which of them
//   reach it. Costs commits * tips / 256, and a step for each wanted commit and pass: its bits are only counted once it
//   has as many tips as are listed.
// Tips come in the order of reports, so that the first ones are listed without a sort.
//
// With 3,400 wanted commits of 203,000 and 4,300 tips that takes 22 ms, with 64 bits for a pass 31 ms; with 97,000
// commits and 19,800 tips 41 and 126 ms: looking up parents is what costs, and a wider word does it less often.
//
// Other ways: a walk from each tip costs commits * tips; sets of tips that are handed down whole take as much memory as
// the table; the first tag alone that contains a commit, as `git describe --contains` tells it, takes one pass
// (first_tip_reaching), but says nothing of branches and of how many there are.
#include "scanner/git/reach.h"

#include <algorithm>
#include <array>
#include <bit>

namespace keytrail::git {
namespace {

// Four machine words: what a commit's parents are is looked up once for 256 bits.
constexpr std::size_t kParts = 4;
constexpr std::size_t kBits = 64 * kParts;
struct Word {
  std::array<std::uint64_t, kParts> parts{};

  void set(std::size_t bit) { parts[bit / 64] |= std::uint64_t{1} << (bit % 64); }
  Word& operator|=(const Word& other) {
    for (std::size_t i = 0; i < kParts; ++i) parts[i] |= other.parts[i];
    return *this;
  }
  // Calls `use(bit)` for each bit that is set, lowest first, while it returns true.
  template <typename Use>
  void for_each(Use use) const {
    for (std::size_t i = 0; i < kParts; ++i) {
      for (std::uint64_t bits = parts[i]; bits != 0; bits &= bits - 1) {
        if (!use(i * 64 + static_cast<std::size_t>(std::countr_zero(bits)))) return;
      }
    }
  }
  std::uint64_t count() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t part : parts) sum += static_cast<std::uint64_t>(std::popcount(part));
    return sum;
  }
};
// Steps, of some 3 ns. Only a repository that was made to be slow has 10^5 references, commits with findings, and 10^6
// commits at once.
constexpr std::uint64_t kMaxSteps = 1'500'000'000;

std::uint64_t blocks(std::size_t count) { return (count + kBits - 1) / kBits; }

void add_tips(const Word& word, std::size_t first_tip, std::size_t most, TipsOf& found) {
  found.count += word.count();
  if (found.first.size() == most) return;
  word.for_each([&](std::size_t bit) {
    found.first.push_back(static_cast<std::uint32_t>(first_tip + bit));
    return found.first.size() < most;
  });
}

class Propagation {
 public:
  Propagation(const CommitGraph& graph, const std::vector<Rank>& tips, const std::vector<Rank>& wanted,
              std::size_t most)
      : graph_(graph), tips_(tips), wanted_(wanted), most_(most), words_(graph.size()) {
    result_.of.resize(wanted.size());
  }

  // The wanted commits from `begin` to `end`.
  void upwards(std::size_t begin, std::size_t end, Rank highest_tip) {
    const Rank lowest = wanted_[begin];
    std::size_t next = begin;
    for (Rank rank = lowest; rank <= highest_tip; ++rank) {
      Word word;
      for (const Rank parent : graph_.parents(rank)) {
        if (parent >= lowest) word |= words_[parent];
      }
      if (next < end && wanted_[next] == rank) word.set(next++ - begin);
      words_[rank] = word;
    }
    for (std::size_t tip = 0; tip < tips_.size(); ++tip) {
      if (tips_[tip] == kNoRank || tips_[tip] < lowest) continue;
      words_[tips_[tip]].for_each([&](std::size_t bit) {
        TipsOf& found = result_.of[begin + bit];
        ++found.count;
        if (found.first.size() < most_) found.first.push_back(static_cast<std::uint32_t>(tip));
        return true;
      });
    }
  }

  // The tips from `begin` to `end`.
  void downwards(std::size_t begin, std::size_t end) {
    const Rank lowest = wanted_.front();
    Rank highest = 0;
    for (std::size_t tip = begin; tip < end; ++tip) {
      if (tips_[tip] == kNoRank) continue;
      highest = std::max(highest, tips_[tip]);
      words_[tips_[tip]].set(tip - begin);
    }
    for (Rank rank = highest; rank > lowest; --rank) {
      const Word word = words_[rank];
      for (const Rank parent : graph_.parents(rank)) words_[parent] |= word;
    }
    for (std::size_t i = 0; i < wanted_.size(); ++i) add_tips(words_[wanted_[i]], begin, most_, result_.of[i]);
    std::fill(words_.begin(), words_.end(), Word());
  }

  Reaching take() { return std::move(result_); }
  void leave_out(std::size_t tips) { result_.tips_left_out = tips; }

 private:
  const CommitGraph& graph_;
  const std::vector<Rank>& tips_;
  const std::vector<Rank>& wanted_;
  std::size_t most_;
  std::vector<Word> words_;  // by rank
  Reaching result_;
};

}  // namespace

Reaching tips_reaching(const CommitGraph& graph, const std::vector<Rank>& tips, const std::vector<Rank>& wanted,
                       std::size_t most) {
  Propagation propagation(graph, tips, wanted, most);
  Rank highest = 0;
  for (const Rank tip : tips) highest = tip == kNoRank ? highest : std::max(highest, tip);
  if (wanted.empty() || tips.empty()) return propagation.take();
  const std::uint64_t commits = graph.size();
  const std::uint64_t upwards = blocks(wanted.size()) * commits + std::uint64_t{wanted.size()} * tips.size();
  const std::uint64_t block_downwards = commits + wanted.size();
  if (upwards <= std::min(kMaxSteps, blocks(tips.size()) * block_downwards)) {
    for (std::size_t i = 0; i < wanted.size(); i += kBits) {
      propagation.upwards(i, std::min(i + kBits, wanted.size()), highest);
    }
    return propagation.take();
  }
  const std::size_t affordable = static_cast<std::size_t>(kMaxSteps / block_downwards + 1) * kBits;
  const std::size_t looked_at = std::min(tips.size(), affordable);
  for (std::size_t i = 0; i < looked_at; i += kBits) propagation.downwards(i, std::min(i + kBits, looked_at));
  propagation.leave_out(tips.size() - looked_at);
  return propagation.take();
}

std::vector<std::uint32_t> first_tip_reaching(const CommitGraph& graph, const std::vector<Rank>& tips,
                                              const std::vector<Rank>& wanted) {
  std::vector<std::uint32_t> lowest(graph.size(), kNoTip);
  for (std::size_t tip = tips.size(); tip-- > 0;) {
    if (tips[tip] != kNoRank) lowest[tips[tip]] = static_cast<std::uint32_t>(tip);
  }
  for (Rank rank = graph.size(); rank-- > 0;) {
    for (const Rank parent : graph.parents(rank)) lowest[parent] = std::min(lowest[parent], lowest[rank]);
  }
  std::vector<std::uint32_t> found;
  found.reserve(wanted.size());
  for (const Rank rank : wanted) found.push_back(lowest[rank]);
  return found;
}

}  // namespace keytrail::git
