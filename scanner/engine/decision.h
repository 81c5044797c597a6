// What became of each candidate, for who asks: `scan --explain`, `rules test`. A scan that nobody observes pays a null
// pointer's test at each decision.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scanner/core/match.h"
#include "scanner/engine/filters.h"
#include "scanner/ruleset/ruleset.h"

namespace keytrail::engine {

enum class Outcome : std::uint8_t {
  found,
  no_match,       // an anchor stands there, the pattern does not match around it
  border_before,  // the byte before could belong to it
  border_behind,
  endless,     // a value that goes on and on: data
  no_context,  // none of the rule's words is near
  check_failed,
  not_secret,    // the check says that this is none
  allowed,       // by the rule's own allow patterns
  filtered,      // see Decision::drop
  empty,         // the group of the secret matched nothing
  no_companion,  // another rule had to match nearby
  gave_way,      // a surer rule, Decision::other, has the same bytes
  budget,        // the pattern had to try too often in this window
  plain_alone,   // found in decoded text, where the rule does not count
};

// "no-context"
std::string_view to_string(Outcome outcome);

struct Decision {
  core::RuleIndex rule = 0;
  core::Span span;    // of the match; of `no_match` the anchor, of `budget` the window
  core::Span secret;  // empty where the pattern did not match
  Outcome outcome = Outcome::found;
  Drop drop = Drop::none;
  core::RuleIndex other = 0;
};

// Called while a text is scanned, by the thread that scans it. Offsets are those of the text that rules ran on.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  // An anchor of `rule` stands at `anchor` (of an anchor that is a pattern, its last byte).
  virtual void candidate(core::RuleIndex rule, const core::Span& anchor) = 0;
  virtual void decided(const Decision& decision) = 0;
  // The same in text that was decoded: the decision's offsets are of `decoded`, and `source` of the text that rules ran
  // on: the bytes that its secret, or where there is none its span, was made from.
  virtual void decided_in(const Decision& decision, std::string_view decoded, const core::Span& source) {
    (void)decision;
    (void)decoded;
    (void)source;
  }
};

// Why, in one plain sentence without the secret. `text` is what the decision's offsets are of.
std::string explain(const Decision& decision, const ruleset::RuleSet& rules, std::string_view text);

}  // namespace keytrail::engine
