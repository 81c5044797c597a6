#include <utility>

#include "scanner/engine/engine_state.h"
#include "scanner/engine/resolve.h"

namespace keytrail::engine {

using core::Match;
using core::Span;

namespace {

// Offsets in a decoded text mean nothing to who listens for what becomes of candidates: told is where in the source
// they come from. What stands there as it is here is told of the source itself.
class DecodedObserver final : public Observer {
 public:
  DecodedObserver(Observer& outer, const DecodedText& decoded) : outer_(outer), decoded_(decoded) {}

  void candidate(core::RuleIndex rule, const Span& anchor) override {
    (void)rule;
    (void)anchor;
  }
  void decided(const Decision& decision) override {
    const Span span = decision.secret.size() > 0 ? decision.secret : decision.span;
    if (span.size() == 0 || span.end > decoded_.text.size() || !decoded_.is_changed(span)) return;
    outer_.decided_in(decision, decoded_.text, decoded_.source(span));
  }

 private:
  Observer& outer_;
  const DecodedText& decoded_;
};

// The unsure among the generic rules find something in any text.
bool is_unsure(const ruleset::Rule& rule) {
  return rule.kind == ruleset::RuleKind::generic && rule.confidence == core::Confidence::low;
}

// A percent sign in a URL's password keeps it in its place: decoded, the URL is another one.
bool keeps_its_place(const ruleset::Rule& rule, const DecodedText& decoded, const Match& match) {
  const bool percent = (decoded.encodings.back() >> static_cast<unsigned>(MarkKind::percent) & 1U) != 0;
  return rule.kind == ruleset::RuleKind::password && percent &&
         !decoded.is_changed({match.span.begin, match.secret.begin});
}

}  // namespace

// The rules over decoded texts, each a text of its own. What is decoded again depends on what a text was made from, so
// none of it is counted.
class Engine::State::DecodedRules final : public DecodedVisitor {
 public:
  DecodedRules(const State& engine, Scratch::State& scratch) : engine_(engine), scratch_(scratch) {}

  void visit(DecodedText* texts, std::size_t count, std::vector<std::pair<std::size_t, Match>>& out) override {
    std::string& all = scratch_.decoded_texts;
    all.clear();
    for (std::size_t i = 0; i < count; ++i) all.append(texts[i].text) += '\n';
    if (!engine_.anchors.scan(all, scratch_.hs.get(), max_hits(all.size()), hits_)) hits_.assign(1, {});
    const Scratch::Counts before = scratch_.counts;
    const bool all_of_them = hits_.size() == 1 && hits_[0].end == 0;
    std::size_t end = 0;
    auto hit = hits_.begin();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t begin = end;
      end += texts[i].text.size() + 1;
      while (hit != hits_.end() && hit->end <= begin) ++hit;
      find_known(texts[i], i, out);
      if (all_of_them || (hit != hits_.end() && hit->end < end)) scan_one(texts[i], i, out);
    }
    hits_.clear();
    scratch_.counts = before;
  }

 private:
  // What stands beside a value counts as part of the match: a value may stand in a URL as it is, behind a sign that
  // does not.
  void find_known(const DecodedText& decoded, std::size_t position, std::vector<std::pair<std::size_t, Match>>& out) {
    known_.clear();
    engine_.known.find(decoded.text, scratch_.known, known_);
    for (const Span& place : known_) out.emplace_back(position, engine_.known_match(place, decoded.text.size(), 1));
  }

  void scan_one(DecodedText& decoded, std::size_t position, std::vector<std::pair<std::size_t, Match>>& out) {
    TextState::State& inner = scratch_.inner;
    if (!engine_.anchors.scan(decoded.text, scratch_.hs.get(), max_hits(decoded.text.size()), inner.hits)) {
      decoded.is_cut = true;
    }
    Observer* const outer = scratch_.observer;
    if (outer == nullptr) {
      confirm_one(decoded, position, out);
    } else {
      DecodedObserver observer(*outer, decoded);
      scratch_.observer = &observer;
      confirm_one(decoded, position, out);
      scratch_.observer = outer;
    }
    decoded.is_cut = decoded.is_cut || inner.cut > 0;
    inner.clear();
  }

  void confirm_one(const DecodedText& decoded, std::size_t position, std::vector<std::pair<std::size_t, Match>>& out) {
    engine_.confirm(decoded.text, nullptr, nullptr, scratch_, scratch_.inner);
    apply_companions(*engine_.rules, scratch_.inner.found, scratch_.observer);
    for (Match& match : scratch_.inner.found) {
      const ruleset::Rule& rule = engine_.rules->rules()[match.rule];
      if (is_unsure(rule) || keeps_its_place(rule, decoded, match)) {
        if (scratch_.observer != nullptr) {
          scratch_.observer->decided({match.rule, match.span, match.secret, Outcome::plain_alone});
        }
        continue;
      }
      out.emplace_back(position, std::move(match));
    }
  }

  const State& engine_;
  Scratch::State& scratch_;
  std::vector<Hit> hits_;
  std::vector<Span> known_;
};

void Engine::State::decode(std::string_view bytes, const TextState::State* base, const CopyMap* copies,
                           Scratch::State& scratch) const {
  DecodedRules visitor(*this, scratch);
  scratch.decoder.run(bytes, base == nullptr ? nullptr : &base->decoded, copies, options.max_decoded_bytes, visitor,
                      scratch.text.decoded);
}

}  // namespace keytrail::engine
