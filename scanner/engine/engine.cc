#include "scanner/engine/engine.h"

#include <algorithm>
#include <utility>

#include "scanner/engine/engine_state.h"
#include "scanner/engine/resolve.h"

namespace keytrail::engine {

using core::Copy;
using core::Match;
using core::RuleIndex;
using core::Span;

TextState::TextState() = default;
TextState::TextState(TextState&&) noexcept = default;
TextState& TextState::operator=(TextState&&) noexcept = default;
TextState::~TextState() = default;

Scratch::Scratch() : state_(std::make_unique<State>()) {}
Scratch::Scratch(Scratch&&) noexcept = default;
Scratch& Scratch::operator=(Scratch&&) noexcept = default;
Scratch::~Scratch() = default;
const Scratch::Counts& Scratch::counts() const { return state_->counts; }
void Scratch::observe(Observer* observer) { state_->observer = observer; }
void Scratch::measure_rules() { state_->costs.assign(state_->windows.size(), {}); }
const std::vector<RuleCost>& Scratch::rule_costs() const { return state_->costs; }

namespace {

void add_window(std::vector<Span>& windows, Span window) {
  if (!windows.empty() && window.begin <= windows.back().end && window.begin >= windows.back().begin) {
    windows.back().end = std::max(windows.back().end, window.end);
  } else {
    windows.push_back(window);
  }
}

// Anchors of different reach give windows that begin out of order by a little.
void merge_windows(std::vector<Span>& windows) {
  if (std::is_sorted(windows.begin(), windows.end())) return;
  std::sort(windows.begin(), windows.end());
  std::size_t kept = 0;
  for (std::size_t i = 1; i < windows.size(); ++i) {
    if (windows[i].begin <= windows[kept].end) {
      windows[kept].end = std::max(windows[kept].end, windows[i].end);
    } else {
      windows[++kept] = windows[i];
    }
  }
  windows.resize(kept + 1);
}

// Appends the base's matches of `rule` that begin in `window`, moved to where the run `copy` has put them.
void inherit(const std::vector<Match>& found, RuleIndex rule, Span window, const Copy& copy, std::vector<Match>& out) {
  const std::uint64_t begin = window.begin - copy.at + copy.from;
  const std::uint64_t end = window.end - copy.at + copy.from;
  auto match =
      std::lower_bound(found.begin(), found.end(), std::pair{rule, begin}, [](const Match& m, const auto& place) {
        return std::pair{m.rule, m.span.begin} < place;
      });
  for (; match != found.end() && match->rule == rule && match->span.begin < end; ++match) {
    Match moved = *match;
    for (Span* span : {&moved.span, &moved.secret}) {
      span->begin = span->begin - copy.from + copy.at;
      span->end = span->end - copy.from + copy.at;
    }
    out.push_back(std::move(moved));
  }
}

}  // namespace

Match Engine::State::known_match(Span place, std::size_t text_size, std::uint64_t around) const {
  const ruleset::Rule& rule = rules->rules()[known_rule];
  Match match;
  match.rule = known_rule;
  match.span = {place.begin - std::min(place.begin, around), std::min<std::uint64_t>(place.end + around, text_size)};
  match.secret = place;
  match.confidence = rule.confidence;
  match.severity = rule.severity;
  return match;
}

bool Engine::State::run_rule(RuleIndex rule, std::string_view bytes, Span window, Scratch::State& scratch,
                             std::vector<Match>& found) const {
  const Confirmer& confirmer = *confirmers[rule];
  if (scratch.costs.empty()) return confirmer.run(rule, bytes, window, scratch.confirm, found, scratch.observer);
  // A pattern is compiled at first use: that is no cost of the text.
  (void)confirmer.compile();
  const std::size_t found_before = found.size();
  const std::uint64_t patterns_before = scratch.confirm.pattern_matches;
  const std::uint64_t start = ticks();
  const bool whole = confirmer.run(rule, bytes, window, scratch.confirm, found, scratch.observer);
  scratch.costs[rule] += {1, window.size(), scratch.confirm.pattern_matches - patterns_before,
                          found.size() - found_before, ticks() - start};
  return whole;
}

void Engine::State::confirm(std::string_view bytes, const TextState::State* base, const CopyMap* copies,
                            Scratch::State& scratch, TextState::State& text) const {
  for (Hit& hit : text.hits) {
    if (hit.passed == Hit::kOpen) anchors.settle(bytes, hit);
    bool is_candidate = false;
    for (const AnchorDatabase::Target& target : anchors.targets(hit)) {
      if (target.guard != 0 && (hit.passed & target.guard) == 0) continue;
      is_candidate = true;
      if (scratch.observer != nullptr) {
        scratch.observer->candidate(target.rule, {hit.end - std::min(hit.end, anchors.width(hit)), hit.end});
      }
      std::vector<Span>& windows = scratch.windows[target.rule];
      if (windows.empty()) scratch.touched.push_back(target.rule);
      const std::uint64_t begin = hit.end > target.before ? hit.end - target.before : 0;
      add_window(windows, {begin, std::min<std::uint64_t>(hit.end + target.behind, bytes.size())});
    }
    scratch.counts.candidates += is_candidate ? 1 : 0;
  }
  // By rule and offset, whatever the order of the hits was: the result must not depend on it.
  std::sort(scratch.touched.begin(), scratch.touched.end());
  for (const RuleIndex rule : scratch.touched) {
    std::vector<Span>& windows = scratch.windows[rule];
    merge_windows(windows);
    const Confirmer& confirmer = *confirmers[rule];
    for (const Span& window : windows) {
      const Copy* copy = copies == nullptr ? nullptr : copies->holding(window, confirmer.reach());
      if (copy != nullptr) {
        inherit(base->found, rule, window, *copy, text.found);
      } else if (!run_rule(rule, bytes, window, scratch, text.found)) {
        ++text.cut;
      }
    }
    windows.clear();
  }
  scratch.touched.clear();
}

void Engine::State::finish(Scratch::State& scratch, std::vector<Match>& out, TextState* keep) const {
  scratch.counts.pattern_matches = scratch.confirm.pattern_matches;
  const bool worth_keeping = keep != nullptr && !scratch.text.empty();
  const std::vector<DecodedMatch>& decoded = scratch.text.decoded.found;
  if (!scratch.text.found.empty() || !decoded.empty() || !scratch.text.known.empty()) {
    if (worth_keeping) {
      scratch.matches = scratch.text.found;
    } else {
      scratch.matches.swap(scratch.text.found);
    }
    apply_companions(*rules, scratch.matches, scratch.observer);
    for (const DecodedMatch& found : decoded) {
      if (!found.is_cut) scratch.matches.push_back(found.match);
    }
    for (const Span& place : scratch.text.known) scratch.matches.push_back(known_match(place, place.end, 0));
    resolve_overlaps(*rules, scratch.matches, scratch.observer);
    if (scratch.matches.size() > options.max_matches_per_blob) {
      scratch.counts.cut += scratch.matches.size() - options.max_matches_per_blob;
      scratch.matches.resize(options.max_matches_per_blob);
    }
    scratch.counts.matches += scratch.matches.size();
    std::move(scratch.matches.begin(), scratch.matches.end(), std::back_inserter(out));
    scratch.matches.clear();
  }
  scratch.counts.cut += scratch.text.cut;
  scratch.counts.undecoded += scratch.text.decoded.over_budget ? 1 : 0;
  for (const DecodedMatch& found : decoded) scratch.counts.undecoded += found.is_cut ? 1 : 0;
  if (worth_keeping) {
    keep->state_ = std::make_unique<TextState::State>();
    // Copied, not moved: the scratch keeps its room, the state takes no more than it needs.
    keep->state_->hits.assign(scratch.text.hits.begin(), scratch.text.hits.end());
    keep->state_->found = std::move(scratch.text.found);
    keep->state_->cut = scratch.text.cut;
    keep->state_->decoded = scratch.text.decoded;
    keep->state_->known = scratch.text.known;
  }
  scratch.text.clear();
}

Status Engine::State::find_anchors(std::string_view bytes, Scratch::State& scratch) const {
  scratch.counts.fresh_bytes += bytes.size();
  Status scanned = anchors.scan(bytes, scratch.hs.get(), max_hits(bytes.size()), scratch.text.hits);
  if (!scanned && scanned.error().code == ErrorCode::limit_exceeded) {
    ++scratch.text.cut;
    return {};
  }
  return scanned;
}

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<Engine> Engine::build(const ruleset::RuleSet& rules, const EngineOptions& options) {
  auto state = std::make_unique<State>();
  state->rules = &rules;
  state->options = options;
  auto anchors = AnchorDatabase::build(rules, options.cache_folder);
  if (!anchors) return anchors.error();
  state->anchors = std::move(*anchors);
  state->confirmers.reserve(rules.rules().size());
  for (const ruleset::Rule& rule : rules.rules()) {
    state->confirmers.push_back(std::make_unique<Confirmer>(rule));
    state->max_window = std::max(state->max_window, rule.window());
  }
  if (options.known != nullptr) {
    const auto rule = rules.index_of(core::kKnownRule);
    if (!rule) return make_error(ErrorCode::internal, "there is no rule for known values");
    state->known_rule = *rule;
    state->known = KnownFinder(options.known);
  }
  return Engine(std::move(state));
}

Result<Scratch> Engine::make_scratch() const {
  Scratch scratch;
  auto hs = state_->anchors.make_scratch();
  if (!hs) return hs.error();
  scratch.state_->hs = std::move(*hs);
  scratch.state_->windows.resize(state_->rules->rules().size());
  return scratch;
}

Status Engine::scan(std::string_view bytes, Scratch& scratch, std::vector<Match>& out, TextState* keep) const {
  Scratch::State& state = *scratch.state_;
  Status scanned = state_->find_anchors(bytes, state);
  state_->known.find(bytes, state.known, state.text.known);
  state_->confirm(bytes, nullptr, nullptr, state, state.text);
  state_->decode(bytes, nullptr, nullptr, state);
  state_->finish(state, out, keep);
  return scanned;
}

Status Engine::scan_copied(std::string_view bytes, const TextState& base, std::uint64_t base_size,
                           const std::vector<Copy>& copies, Scratch& scratch, std::vector<Match>& out,
                           TextState* keep) const {
  Scratch::State& state = *scratch.state_;
  static const TextState::State kNothing;
  const TextState::State& base_state = base.state_ ? *base.state_ : kNothing;
  if (base_state.cut > 0) return scan(bytes, scratch, out, keep);
  const CopyMap map(copies, bytes.size(), base_size);
  state.fresh.collect(bytes, map, state_->anchors.max_width());
  if (state.fresh.size() > bytes.size() / 2) return scan(bytes, scratch, out, keep);
  state.counts.fresh_bytes += state.fresh.size();
  Status scanned = state.fresh.scan(state_->anchors, state.hs.get(), base_state.hits, map, state.text.hits);
  // Cut, or over the limit in sum: only the whole text says what exactly is lost.
  if (!scanned || state.text.hits.size() > max_hits(bytes.size())) {
    state.text.hits.clear();
    return scan(bytes, scratch, out, keep);
  }
  state_->known.find_copied(bytes, base_state.known, map, state.known, state.text.known);
  state_->confirm(bytes, &base_state, &map, state, state.text);
  state_->decode(bytes, &base_state, &map, state);
  state_->finish(state, out, keep);
  return scanned;
}

Status Engine::compile_all() const {
  if (Status compiled = state_->anchors.compile_guards(); !compiled) return compiled;
  for (const auto& confirmer : state_->confirmers) {
    if (Status compiled = confirmer->compile(); !compiled) return compiled;
  }
  return {};
}

std::uint32_t Engine::max_window() const { return state_->max_window; }
const ruleset::RuleSet& Engine::rules() const { return *state_->rules; }

}  // namespace keytrail::engine
