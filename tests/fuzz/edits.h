// Texts and edits read from a fuzzer's input, so that nearly every input says something: a script of copies from the
// base, bytes and fragments becomes a delta in git's format, and pack::apply_delta() makes the text and its copies.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/pack/delta.h"
#include "tests/fuzz/input.h"
#include "tests/unit/pack/made_pack.h"

namespace keytrail::fuzz {

// Takes the input from its front; what is not there is zero.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(text_of(data, size)) {}

  bool at_end() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::size_t pair() {
    const std::size_t low = byte();
    return low + std::size_t{256} * byte();
  }
  std::string_view bytes(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

// One step of a script: a run of the base, or bytes of its own.
struct Step {
  std::size_t from = 0;
  std::size_t size = 0;  // of the run; 0: `text`
  std::string text;
};

// Reads the steps that make one text from a base of `base_size` bytes.
inline std::vector<Step> read_script(Input& input, std::size_t base_size, const std::vector<std::string>& fragments) {
  constexpr std::size_t kMaxBytes = std::size_t{1} << 16;
  std::vector<Step> steps;
  std::size_t total = 0;
  while (!input.at_end() && total < kMaxBytes) {
    const std::uint8_t kind = input.byte() % 8;
    Step step;
    if (kind == 7) break;
    if (kind < 4) {
      if (base_size == 0) continue;
      step.from = input.pair() % base_size;
      step.size = 1 + input.pair() % (base_size - step.from);
    } else if (kind == 4) {
      step.text = input.bytes(input.byte() % 128);
    } else {
      step.text = fragments[input.pair() % fragments.size()];
      // Half a fragment: an edit can cut through anything.
      if (kind == 6) step.text.erase(0, input.byte() % (step.text.size() + 1));
      if (kind == 6) step.text.resize(input.byte() % (step.text.size() + 1));
    }
    total += step.size + step.text.size();
    steps.push_back(std::move(step));
  }
  return steps;
}

struct EditedText {
  std::string text;
  std::vector<core::Copy> copies;
};

inline std::string delta_of(const std::vector<Step>& steps, std::size_t base_size) {
  std::size_t total = 0;
  for (const Step& step : steps) total += step.size + step.text.size();
  pack::test::DeltaWriter delta(base_size, total);
  for (const Step& step : steps) {
    if (step.size > 0) delta.copy(step.from, step.size);
    if (step.size == 0) delta.insert(step.text);
  }
  return delta.bytes();
}

// The text that the next script makes from `base`.
inline EditedText read_edit(Input& input, std::string_view base, const std::vector<std::string>& fragments) {
  const std::vector<Step> steps = read_script(input, base.size(), fragments);
  const std::string delta = delta_of(steps, base.size());
  EditedText edited;
  for (const Step& step : steps) {
    edited.text += step.size > 0 ? base.substr(step.from, step.size) : std::string_view(step.text);
  }
  std::string applied(edited.text.size(), '\0');
  require(pack::apply_delta(delta, base, applied.data(), edited.copies));
  require(applied == edited.text);
  return edited;
}

}  // namespace keytrail::fuzz
