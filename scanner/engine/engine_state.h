// What the parts of an engine share: its state, a thread's, a text's. For engine.cc and engine_decode.cc alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/engine/anchors.h"
#include "scanner/engine/confirm.h"
#include "scanner/engine/decode.h"
#include "scanner/engine/engine.h"
#include "scanner/engine/fresh.h"
#include "scanner/engine/known.h"

namespace keytrail::engine {

struct TextState::State {
  std::vector<Hit> hits;           // by end
  std::vector<core::Match> found;  // before companions and overlaps, by rule and offset
  std::uint64_t cut = 0;           // then nothing is inherited: what was cut depends on the whole text
  DecodeState decoded;
  std::vector<core::Span> known;  // where values stand that are known; by offset

  bool empty() const { return hits.empty() && decoded.empty() && known.empty(); }
  void clear() {
    hits.clear();
    found.clear();
    cut = 0;
    decoded.clear();
    known.clear();
  }
};

struct Scratch::State {
  HsScratch hs;
  Counts counts;
  ConfirmCounts confirm;
  TextState::State text;   // of the text that is being scanned
  TextState::State inner;  // of a decoded text in it
  Decoder decoder;
  std::string decoded_texts;
  std::vector<core::Match> matches;
  FreshText fresh;
  KnownFinder::Scratch known;
  // By rule: the windows around its anchors, merged where they touch. Only those in `touched` are not empty.
  std::vector<std::vector<core::Span>> windows;
  std::vector<core::RuleIndex> touched;
  Observer* observer = nullptr;
  std::vector<RuleCost> costs;  // by rule; empty: nobody asked
};

// A text can have no more hits than this; a hostile one is given up there and said to be cut.
inline std::size_t max_hits(std::size_t text_size) { return 4096 + 4 * text_size; }

struct Engine::State {
  const ruleset::RuleSet* rules = nullptr;
  EngineOptions options;
  AnchorDatabase anchors;
  std::vector<std::unique_ptr<Confirmer>> confirmers;  // by rule
  std::uint32_t max_window = kDecodeReach;
  KnownFinder known;
  core::RuleIndex known_rule = 0;

  // Stage one over `bytes`; hits go to scratch.text.
  Status find_anchors(std::string_view bytes, Scratch::State& scratch) const;

  // `around`: bytes on either side that belong to the match, where they are.
  core::Match known_match(core::Span place, std::size_t text_size, std::uint64_t around) const;

  bool run_rule(core::RuleIndex rule, std::string_view bytes, core::Span window, Scratch::State& scratch,
                std::vector<core::Match>& found) const;

  // Runs the rules around the hits of `text`, and leaves what they found there. `base` and `copies` may be null.
  void confirm(std::string_view bytes, const TextState::State* base, const CopyMap* copies, Scratch::State& scratch,
               TextState::State& text) const;

  // What is encoded in `bytes`, of which scratch.text tells the rest.
  void decode(std::string_view bytes, const TextState::State* base, const CopyMap* copies,
              Scratch::State& scratch) const;

  // Companions, overlaps, limits; counts. Gives the text's state to `keep`.
  void finish(Scratch::State& scratch, std::vector<core::Match>& out, TextState* keep) const;

 private:
  class DecodedRules;
};

}  // namespace keytrail::engine
