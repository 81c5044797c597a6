// Recovery phrases of wallets: BIP 39. 12, 15, 18, 21 or 24 words of a list stand for 11 bits each; the last bits, one
// for three words, are the first of the SHA-256 of the others.
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "scanner/base/hash.h"
#include "scanner/ruleset/bip39_words.h"
#include "scanner/ruleset/checks_families.h"
#include "scanner/ruleset/checks_text.h"

namespace keytrail::ruleset {
namespace {

constexpr std::size_t kWords = 2048;
constexpr std::size_t kLeast = 12;
constexpr std::size_t kMost = 24;
constexpr std::size_t kFewDistinct = 8;  // phrases of tests and documentation say one word again and again

std::array<std::string_view, kWords> split_list() {
  std::array<std::string_view, kWords> words;
  std::string_view rest = kBip39Words;
  for (std::string_view& word : words) {
    word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  }
  return words;
}

const std::array<std::string_view, kWords>& list() {
  static const std::array<std::string_view, kWords> kList = split_list();
  return kList;
}

// The numbers of the words in `phrase`, up to the first that is not in the list and to one more than a phrase has.
std::vector<std::size_t> numbers_of(std::string_view phrase) {
  std::vector<std::size_t> numbers;
  for (std::size_t at = 0; at < phrase.size() && numbers.size() <= kMost;) {
    if (!is_letter(phrase[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < phrase.size() && is_letter(phrase[end])) ++end;
    const std::string word = lower(phrase.substr(at, end - at));
    const auto found = std::lower_bound(list().begin(), list().end(), word);
    if (found == list().end() || *found != word) return {};
    numbers.push_back(static_cast<std::size_t>(found - list().begin()));
    at = end;
  }
  return numbers;
}

bool is_phrase_size(std::size_t words) { return words >= kLeast && words <= kMost && words % 3 == 0; }

// The last words' bits that follow from the others.
std::uint32_t checksum_of(const std::vector<std::size_t>& numbers) {
  std::string bytes;
  std::uint64_t bits = 0;
  unsigned count = 0;
  for (const std::size_t number : numbers) {
    bits = (bits << 11U | number) & 0xFFFFFFU;
    count += 11;
    for (; count >= 8 && bytes.size() < numbers.size() * 4 / 3; count -= 8) {
      bytes += static_cast<char>(bits >> (count - 8) & 0xFFU);
    }
  }
  return static_cast<std::uint32_t>(sha256(bytes)[0]) >> (8 - numbers.size() / 3);
}

std::uint32_t checksum_mask(std::size_t words) { return (1U << words / 3) - 1; }

}  // namespace

CheckResult check_bip39(std::string_view secret) {
  const std::vector<std::size_t> numbers = numbers_of(secret);
  if (!is_phrase_size(numbers.size())) return outcome_of(false);
  if ((numbers.back() & checksum_mask(numbers.size())) != checksum_of(numbers)) return outcome_of(false);
  CheckResult result;
  add_fact(result, "words", std::to_string(numbers.size()));
  std::vector<std::size_t> distinct = numbers;
  std::sort(distinct.begin(), distinct.end());
  const auto few = std::unique(distinct.begin(), distinct.end()) - distinct.begin();
  if (few < static_cast<std::ptrdiff_t>(kFewDistinct)) {
    add_fact(result, "sample", "repeated");
    result.severity = core::Severity::info;
  }
  return result;
}

bool make_bip39(std::string& secret, std::mt19937_64& random) {
  std::vector<std::size_t> numbers(kLeast);
  for (std::size_t& number : numbers) number = random() % kWords;
  const std::uint32_t mask = checksum_mask(kLeast);
  numbers.back() = (numbers.back() & ~std::size_t{mask}) | checksum_of(numbers);
  secret.clear();
  for (const std::size_t number : numbers) secret += (secret.empty() ? "" : " ") + std::string(list()[number]);
  return check_bip39(secret).outcome == CheckOutcome::passed;
}

}  // namespace keytrail::ruleset
