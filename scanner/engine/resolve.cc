#include "scanner/engine/resolve.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "scanner/core/known_values.h"
#include "scanner/engine/made_up.h"

namespace keytrail::engine {
namespace {

using core::Match;
using core::RuleIndex;
using core::Span;

std::uint64_t distance(const Span& a, const Span& b) {
  if (a.overlaps(b)) return 0;
  return a.end <= b.begin ? b.begin - a.end : a.begin - b.end;
}

// `matches` is sorted by rule, then offset; matches of one rule do not overlap, so their ends ascend as well.
bool has_companion(const std::vector<Match>& matches, const Match& match, RuleIndex companion, std::uint32_t within) {
  const std::uint64_t from = match.span.begin > within ? match.span.begin - within : 0;
  const auto before = [](const Match& m, const std::pair<RuleIndex, std::uint64_t>& place) {
    return std::tie(m.rule, m.span.end) < std::tie(place.first, place.second);
  };
  const auto first = std::lower_bound(matches.begin(), matches.end(), std::pair{companion, from}, before);
  return first != matches.end() && first->rule == companion && distance(first->span, match.span) <= within;
}

}  // namespace

void apply_companions(const ruleset::RuleSet& rules, std::vector<Match>& matches, Observer* observer) {
  std::sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) {
    return std::tie(a.rule, a.span.begin) < std::tie(b.rule, b.span.begin);
  });
  std::vector<bool> dropped(matches.size(), false);
  for (std::size_t i = 0; i < matches.size(); ++i) {
    for (const ruleset::Companion& companion : rules.rules()[matches[i].rule].companions) {
      const auto index = rules.index_of(companion.rule);
      const bool near = index && has_companion(matches, matches[i], *index, companion.within);
      if (near && !companion.required) matches[i].confidence = core::Confidence::high;
      if (!near && companion.required) dropped[i] = true;
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < matches.size(); ++i) {
    if (dropped[i]) {
      if (observer != nullptr) {
        observer->decided({matches[i].rule, matches[i].span, matches[i].secret, Outcome::no_companion});
      }
      continue;
    }
    if (kept != i) matches[kept] = std::move(matches[i]);
    ++kept;
  }
  matches.resize(kept);
}

void resolve_overlaps(const ruleset::RuleSet& rules, std::vector<Match>& matches, Observer* observer) {
  const auto known_rule = rules.index_of(core::kKnownRule);
  const auto surer = [&](const Match& a, const Match& b) {
    const auto key = [&](const Match& m) {
      // Where a value that is known begins and ends needs no rule.
      const bool unknown = m.rule != known_rule;
      // Paths are looked at after this: where a rule for some paths and one for all agree, the one for all must stay.
      const ruleset::Rule& rule = rules.rules()[m.rule];
      // Of a shape of no kind that a sample has it is not even known whose it is.
      const bool weak = is_sample(m) && rule.kind == ruleset::RuleKind::context;
      return std::tuple(unknown, weak, rule.kind, !m.decoded.empty(), !rule.include_paths.empty(),
                        -static_cast<int>(m.confidence), -static_cast<std::int64_t>(m.secret.size()), m.secret.begin,
                        m.rule);
    };
    return key(a) < key(b);
  };
  std::stable_sort(matches.begin(), matches.end(), surer);
  std::map<std::uint64_t, std::size_t> taken;  // begin of the secret -> position in `kept`; they do not overlap
  std::vector<Match> kept;
  kept.reserve(matches.size());
  for (Match& match : matches) {
    // The last taken secret that begins before this one's end is the only one that can reach into it from the left;
    // one that begins inside of it is found the same way.
    auto next = taken.lower_bound(match.secret.end);
    if (next != taken.begin()) {
      Match& other = kept[std::prev(next)->second];
      if (other.secret.overlaps(match.secret)) {
        if (known_rule && other.rule == *known_rule && match.rule != *known_rule && other.secret == match.secret) {
          // The same bytes: the rule says more of them, and that they are a secret is sure.
          match.confidence = core::Confidence::high;
          match.related = std::move(other.related);
          match.related.push_back(*known_rule);
          other = std::move(match);
          continue;
        }
        if (observer != nullptr) {
          observer->decided({match.rule, match.span, match.secret, Outcome::gave_way, Drop::none, other.rule});
        }
        if (other.rule != match.rule) {
          other.related.push_back(match.rule);
          // Two rules agree: an unsure one must not hide what the other would have reported. A check that failed is
          // evidence against both.
          const bool as_written = other.confidence == rules.rules()[other.rule].confidence;
          if (as_written && other.secret == match.secret && !is_sample(match))
            other.confidence = std::max(other.confidence, match.confidence);
        }
        continue;
      }
    }
    taken.emplace(match.secret.begin, kept.size());
    kept.push_back(std::move(match));
  }
  for (Match& match : kept) {
    std::sort(match.related.begin(), match.related.end());
    match.related.erase(std::unique(match.related.begin(), match.related.end()), match.related.end());
  }
  std::sort(kept.begin(), kept.end(), [](const Match& a, const Match& b) { return a.secret < b.secret; });
  matches = std::move(kept);
}

}  // namespace keytrail::engine
