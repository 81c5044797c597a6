#include "scanner/engine/filters_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "scanner/engine/filters_letters.h"

namespace keytrail::engine {
namespace {

// -- entropy
// -----------------------------------------------------------------------------------------------------------

constexpr std::size_t kTabled = 128;

// n * log2(n) for small counts.
const std::array<double, kTabled>& weighted_logs() {
  static const std::array<double, kTabled> logs = [] {
    std::array<double, kTabled> table{};
    for (std::size_t n = 2; n < kTabled; ++n) table[n] = static_cast<double>(n) * std::log2(static_cast<double>(n));
    return table;
  }();
  return logs;
}

// The entropy that one of a thousand and one of a hundred random texts fall below, by alphabet and length: 20,000 draws
// each. The first alphabet is digits, then hexadecimal, letters and digits of one case, and all above that.
constexpr std::size_t kLengths[] = {8, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128};
using Bars = std::array<double, std::size(kLengths)>;
constexpr Bars kOneInThousand[] = {
    {1.30, 1.78, 2.12, 2.32, 2.44, 2.68, 2.79, 2.89, 3.00, 3.11, 3.17},
    {1.55, 2.13, 2.45, 2.72, 2.87, 3.10, 3.29, 3.41, 3.56, 3.71, 3.78},
    {2.00, 2.46, 2.90, 3.14, 3.36, 3.68, 3.88, 4.05, 4.28, 4.51, 4.63},
    {2.16, 2.75, 3.16, 3.48, 3.72, 4.08, 4.34, 4.53, 4.80, 5.14, 5.33},
};
constexpr Bars kOneInHundred[] = {
    {1.75, 2.05, 2.35, 2.50, 2.64, 2.81, 2.90, 2.98, 3.07, 3.16, 3.20},
    {1.91, 2.36, 2.66, 2.90, 3.04, 3.25, 3.40, 3.50, 3.63, 3.76, 3.82},
    {2.16, 2.75, 3.08, 3.34, 3.54, 3.82, 4.01, 4.17, 4.36, 4.58, 4.69},
    {2.41, 3.02, 3.33, 3.65, 3.86, 4.20, 4.45, 4.64, 4.90, 5.21, 5.40},
};
// The tables are rounded, and a value a hair above the line counts as random.
constexpr double kRounding = 0.03;

double at_length(const Bars& bars, std::size_t length) {
  if (length <= kLengths[0]) return bars[0] * static_cast<double>(length) / static_cast<double>(kLengths[0]);
  for (std::size_t i = 1; i < bars.size(); ++i) {
    if (length > kLengths[i]) continue;
    const double part =
        static_cast<double>(length - kLengths[i - 1]) / static_cast<double>(kLengths[i] - kLengths[i - 1]);
    return bars[i - 1] + part * (bars[i] - bars[i - 1]);
  }
  return bars.back();
}

std::size_t alphabet_of(const Shape& shape) {
  if (shape.digits == shape.size) return 0;
  const bool one_case = shape.lowers == 0 || shape.uppers == 0;
  // Joints count here as in "12:ab:9f" and in UUIDs, and letters alone are fewer than letters and digits. Digits of
  // both cases are still hexadecimal ones.
  if (shape.hex + shape.joints == shape.size && (one_case || shape.digits != 0)) return 1;
  if (shape.digits == 0) return one_case ? 1 : 2;
  // More digits than a random text of all letters has: a hexadecimal one by its make, if not by its letters.
  if (one_case && shape.digits * 2 >= shape.size) return 1;
  return shape.lowers == 0 || shape.uppers == 0 ? 2 : 3;
}

// -- sequences
// -----------------------------------------------------------------------------------------------------------

// Digits are 1 to 10, letters 11 to 36 whatever their case: "9a" goes on as in base 36.
constexpr std::array<std::uint8_t, 256> make_ordinals() {
  std::array<std::uint8_t, 256> ordinals{};
  for (unsigned i = 0; i < 10; ++i) ordinals['0' + i] = static_cast<std::uint8_t>(1 + i);
  for (unsigned i = 0; i < 26; ++i) ordinals['a' + i] = ordinals['A' + i] = static_cast<std::uint8_t>(11 + i);
  return ordinals;
}
constexpr std::array<std::uint8_t, 256> kOrdinals = make_ordinals();

// Whether `second` is the next after `first` in any of the usual orders, which all wrap around.
constexpr bool follows(unsigned first, unsigned second) {
  constexpr unsigned kZero = 1;
  constexpr unsigned kNine = 10;
  constexpr unsigned kA = 11;
  constexpr unsigned kF = 16;
  constexpr unsigned kZ = 36;
  if (second == first + 1) return first != 0;
  if (second == kZero) return first == kNine || first == kF || first == kZ;
  return second == kA && first == kZ;
}

constexpr unsigned kOrdinalCount = 37;
using Steps = std::array<std::array<bool, kOrdinalCount>, kOrdinalCount>;

constexpr Steps make_steps() {
  Steps steps{};
  for (unsigned first = 0; first < kOrdinalCount; ++first) {
    for (unsigned second = 0; second < kOrdinalCount; ++second) steps[first][second] = follows(first, second);
  }
  return steps;
}
constexpr Steps kFollows = make_steps();

// How many of a character in a row hide something; 0: it is not used for that. 1: may begin a sign of UTF-8.
constexpr std::array<std::uint8_t, 256> make_mask_runs() {
  std::array<std::uint8_t, 256> runs{};
  runs['*'] = runs['#'] = runs['.'] = runs['?'] = 3;
  runs['x'] = runs['X'] = runs['_'] = runs['-'] = 5;
  runs[0xe2] = 1;
  return runs;
}
constexpr std::array<std::uint8_t, 256> kMaskRuns = make_mask_runs();

// -- letters
// ---------------------------------------------------------------------------------------------------------------

// All costs are in sixteenths of a nat, as the table of pairs.
constexpr int kPartCost = 22;      // a word or number more: one of four things
constexpr int kStyleCost = 11;     // lower, Upper or CAPITAL, when the value has both cases
constexpr int kEndCost = 64;       // at most, for the end of a word: abbreviations end anywhere
constexpr int kNameGain = 96;      // GET_SOME_NAME: letters of one case and joints, no digit
constexpr int kWordyFrom = 0;      // how much likelier words must be
constexpr int kRandomPart = -160;  // and a stretch that is this unlikely is random whatever stands around it

// sixteenths of a nat of one character drawn from `size` ones.
int random_cost(std::size_t size) { return static_cast<int>(std::lround(16 * std::log(static_cast<double>(size)))); }

// Of the letters and digits that a random text like this one would be drawn from.
int cost_of_random(const Shape& shape) {
  static const std::array<int, 4> costs{random_cost(16), random_cost(26), random_cost(36), random_cost(62)};
  if (shape.digits != 0 && shape.hex == shape.letters() + shape.digits) return costs[0];
  if (shape.lowers != 0 && shape.uppers != 0) return costs[3];
  return shape.digits != 0 ? costs[2] : costs[1];
}

// The end of the word that begins at `begin`: fooBar, FooBar, HTTPServer and XML are cut where a reader would.
std::size_t word_end(std::string_view value, std::size_t begin) {
  std::size_t end = begin;
  while (end < value.size() && is(value[end], kUpper)) ++end;
  const std::size_t uppers = end - begin;
  const bool lower_next = end < value.size() && is(value[end], kLower);
  if (uppers > 1) return lower_next ? end - 1 : end;
  while (end < value.size() && is(value[end], kLower)) ++end;
  return end;
}

std::size_t letter_index(char c) { return static_cast<std::size_t>(lower(c) - 'a') + 1; }

int word_cost(std::string_view word) {
  std::size_t last = 0;
  int cost = 0;
  for (const char c : word) {
    const std::size_t next = letter_index(c);
    cost -= kLetterPairs[last][next];
    last = next;
  }
  return cost + std::min<int>(-kLetterPairs[last][0], kEndCost);
}

struct Part {
  std::size_t size;
  int gain;
};

// The next word, number or mark of the value at `at`, and by how much words explain it better than chance. Numbers and
// marks never speak for words: random texts come with marks of their own.
Part next_part(std::string_view value, std::size_t at, int each, int style) {
  const char c = value[at];
  if (is_letter(c)) {
    const std::size_t size = word_end(value, at) - at;
    return {size, each * static_cast<int>(size) - word_cost(value.substr(at, size)) - kPartCost - style};
  }
  if (!is(c, kDigit)) return {1, 0};
  std::size_t end = at;
  while (end < value.size() && is(value[end], kDigit)) ++end;
  return {end - at, -kPartCost};
}

}  // namespace

double entropy(std::string_view text) {
  if (text.empty()) return 0;
  std::array<std::uint32_t, 256> counts{};
  for (const char c : text) ++counts[static_cast<std::uint8_t>(c)];
  const auto& logs = weighted_logs();
  double sum = 0;
  for (const char c : text) {
    std::uint32_t& count = counts[static_cast<std::uint8_t>(c)];
    if (count == 0) continue;
    sum += count < kTabled ? logs[count] : static_cast<double>(count) * std::log2(static_cast<double>(count));
    count = 0;
  }
  const double size = static_cast<double>(text.size());
  return std::log2(size) - sum / size;
}

double entropy_bar(const Shape& shape, double min_entropy) {
  const std::size_t alphabet = alphabet_of(shape);
  const double least = at_length(kOneInThousand[alphabet], shape.size);
  if (min_entropy <= 0) return least - kRounding;
  constexpr std::size_t kFullLength = 32;
  const double scale = shape.size >= kFullLength ? 1 : least / at_length(kOneInThousand[alphabet], kFullLength);
  const double wish = std::min(min_entropy * scale, at_length(kOneInHundred[alphabet], shape.size));
  return std::max(least, wish) - kRounding;
}

bool is_repeated(std::string_view body) {
  constexpr std::size_t kShortest = 4;
  if (body.size() < kShortest) return false;
  // The only character that can make up more than half of the body: every other one cancels it once.
  char most = 0;
  std::size_t lead = 0;
  for (const char c : body) {
    if (lead == 0) most = c;
    lead = c == most ? lead + 1 : lead - 1;
  }
  const auto count = static_cast<std::size_t>(std::count(body.begin(), body.end(), most));
  if (count * 10 > body.size() * 6) return true;
  constexpr std::size_t kLongestBlock = 16;
  for (std::size_t block = 2; block <= std::min(kLongestBlock, body.size() / 2); ++block) {
    if (body.size() - block < 3) continue;
    if (body[block] == body[0] && body.substr(block) == body.substr(0, body.size() - block)) return true;
  }
  return false;
}

std::size_t longest_sequence(std::string_view body) {
  std::size_t up = 1;
  std::size_t down = 1;
  std::size_t every_second = 2;
  std::size_t longest = body.empty() ? 0 : 1;
  unsigned last = body.empty() ? 0 : kOrdinals[static_cast<std::uint8_t>(body[0])];
  unsigned before_last = 0;
  for (std::size_t i = 1; i < body.size(); ++i) {
    const unsigned here = kOrdinals[static_cast<std::uint8_t>(body[i])];
    up = kFollows[last][here] ? up + 1 : 1;
    down = kFollows[here][last] ? down + 1 : 1;
    every_second = kFollows[before_last][here] ? every_second + 1 : 2;
    // Two interleaved sequences look longer than they are: a1b2c3 is too short to count.
    longest = std::max({longest, up, down, every_second > 6 ? every_second : 0});
    before_last = last;
    last = here;
  }
  return longest;
}

bool is_masked(std::string_view body) {
  std::size_t marks = 0;
  for (std::size_t i = 0; i < body.size();) {
    const std::uint8_t enough = kMaskRuns[static_cast<std::uint8_t>(body[i])];
    if (enough == 0) {
      ++i;
      continue;
    }
    // The ellipsis and the bullets of UTF-8.
    if (enough == 1) {
      const std::string_view sign = body.substr(i, 3);
      if (sign == "\xe2\x80\xa6" || sign == "\xe2\x80\xa2" || sign == "\xe2\x97\x8f") return true;
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < body.size() && lower(body[i]) == lower(body[begin])) ++i;
    if (i - begin >= enough) return true;
    marks += i - begin;
  }
  return marks == body.size() && !body.empty();
}

bool is_wordy(std::string_view value, const Shape& shape) {
  if (shape.letters() == 0) return false;
  const int each = cost_of_random(shape);
  const int style = shape.lowers != 0 && shape.uppers != 0 ? kStyleCost : 0;
  const std::size_t joints = shape.joints + shape.spaces;
  const bool name = style == 0 && joints != 0 && shape.letters() + joints == shape.size;
  int total = kPartCost + (name ? kNameGain : 0);  // the first part is there in any case
  int worst = 0;
  for (std::size_t at = 0; at < value.size();) {
    const Part part = next_part(value, at, each, style);
    at += part.size;
    total += part.gain;
    worst = std::min(worst + part.gain, 0);
    if (worst < kRandomPart) return false;
  }
  return total >= kWordyFrom;
}

}  // namespace keytrail::engine
