// A text with its secrets masked, as it streams by: all other bytes leave as they came.
//
// Text is held in a window of bounded memory. What is nearer to the end of what came than rules look is held back until
// more comes or the text ends, and as much of what was passed on is kept, so that no border between reads hides a
// secret: without pause() the output is a function of the bytes alone, whatever pieces they come in.
//
// What a scan would find once those secrets are masked is masked too: the next values of a list, of which a rule takes
// one, and what gave way to a surer match. So the output differs from the input in what a scan reports, and in what a
// scan of the output would report.
//
// pause() passes on the complete lines that are there, for those who watch. From then on a rule sees what came before,
// but what it would have seen in later lines comes too late for the lines that are gone. What is open then stays: a
// private key that has not ended, lines of a wrapped encoding, a match that touches the end.
//
// UTF-16 is looked at as UTF-8 and passed on as it came; placeholders are then UTF-16 too. Errors: internal from the
// engine, limit_exceeded where hostile text costs more than a window may; what could not be judged was not passed on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/base/siphash.h"
#include "scanner/core/match.h"
#include "scanner/engine/engine.h"
#include "scanner/engine/text.h"

namespace keytrail::scan {

enum class RedactStyle : std::uint8_t {
  mask,   // the masked form of reports: ghp_****abcd
  stars,  // a star for each byte (of UTF-16: character) but line ends: lengths, lines and columns stay
  tag,    // [keytrail:RULE:NUMBER], the same number for the same secret
};

struct RedactOptions {
  core::Confidence min_confidence = core::Confidence::medium;
  RedactStyle style = RedactStyle::mask;
  SipKey key;  // under which secrets that have a number are remembered: nobody else's
  std::size_t window_bytes = std::size_t{4} << 20;
};

struct RedactCounts {
  std::uint64_t bytes = 0;   // that came
  std::uint64_t masked = 0;  // places
  std::map<core::RuleIndex, std::uint64_t> by_rule;
  std::uint64_t distinct = 0;   // different secrets, as far as they are remembered
  std::uint64_t undecoded = 0;  // windows with encoded text beyond the limits of decoding
};

// For one thread. Numbers and counts go on from text to text.
class Redactor {
 public:
  // `engine` outlives this.
  static Result<Redactor> make(const engine::Engine& engine, const RedactOptions& options);

  // The path of the text that follows, for rules that look at some paths only; empty: every rule looks.
  void begin(std::string path);
  // Takes bytes; appends to `out` what can be passed on.
  Status add(std::string_view bytes, std::string& out);
  // There is nothing more for now. Cheap when nothing came since.
  Status pause(std::string& out);
  // There is nothing more at all: passes on the rest.
  Status finish(std::string& out);

  const RedactCounts& counts() const { return counts_; }

 private:
  Redactor(const engine::Engine& engine, const RedactOptions& options, engine::Scratch scratch);
  void take_in(std::string_view bytes);
  bool is_utf16() const;
  Status scan_window();
  Status scan(std::string_view text, std::vector<core::Match>& out);
  Status scan_around(core::Span region, std::vector<core::Match>& found);
  Status scan_again();
  void pass_on(std::size_t end, std::string& out);
  void hide(const core::Match& match, std::string& out);
  void copy_to(std::size_t end, std::string& out);
  void forget_passed();
  std::string placeholder(const core::Match& match, core::Span hidden);
  std::uint64_t number_of(std::string_view secret);
  std::size_t without_open(std::size_t end) const;
  std::size_t line_of(std::size_t at) const;
  std::size_t raw_size(std::string_view utf8) const;

  const engine::Engine* engine_;
  RedactOptions options_;
  engine::Scratch scratch_;
  std::size_t reach_;     // that bytes on either side of a place must be there for what is said of it
  std::size_t capacity_;  // of the window
  std::string path_;
  std::string head_;  // what came before the encoding is known
  bool encoding_known_ = false;
  engine::Encoding encoding_ = engine::Encoding::bytes;
  std::string window_;  // the text; of UTF-16 as UTF-8
  std::string raw_;     // of UTF-16 the bytes as they came; raw_given_ is where given_ is
  std::size_t raw_given_ = 0;
  std::size_t raw_taken_ = 0;         // bytes of raw_ that are in window_
  std::size_t given_ = 0;             // bytes of the window that were passed on or masked
  bool came_ = false;                 // something since the last pause
  std::vector<core::Match> matches_;  // in the window, by offset
  std::string region_;                // a part of it, with stars for what is masked
  std::unordered_map<std::uint64_t, std::uint64_t> numbers_;
  RedactCounts counts_;
};

}  // namespace keytrail::scan
