#include "scanner/engine/filters_parts.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "scanner/base/hash.h"
#include "scanner/engine/filters_sample_table.h"
#include "scanner/engine/filters_words.h"

namespace keytrail::engine {
namespace {

// Must stay what sieve_bit() in corpus/generators/sample_hashes.py computes.
std::uint32_t sieve_bit(std::string_view value) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<std::uint8_t>(value[at])); };
  const std::size_t count = value.size();
  const std::uint32_t mix =
      byte(0) + (byte(count / 2) << 8) + (byte(count - 1) << 16) + (static_cast<std::uint32_t>(count) << 24);
  return mix * 0x9E3779B1U >> 21;
}

Drop by_hash(std::string_view value) {
  if (value.empty()) return Drop::none;
  const std::uint32_t bit = sieve_bit(value);
  if ((kKnownSieve[bit / 64] >> bit % 64 & 1) == 0) return Drop::none;
  const Sha256Digest digest = sha256(value);
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < 8; ++i) hash = hash << 8 | digest[i];
  const auto* end = std::end(kKnownValues);
  const auto* found = std::lower_bound(std::begin(kKnownValues), end, hash,
                                       [](const KnownValue& known, std::uint64_t h) { return known.hash < h; });
  return found != end && found->hash == hash ? found->drop : Drop::none;
}

constexpr std::uint32_t pair_of(char first, char second) {
  return (static_cast<std::uint32_t>(static_cast<std::uint8_t>(first)) & 31U) << 5 |
         (static_cast<std::uint32_t>(static_cast<std::uint8_t>(second)) & 31U);
}

using PairSet = std::array<std::uint64_t, 16>;

template <std::size_t kCount>
constexpr PairSet pairs_of(const std::string_view (&words)[kCount]) {
  PairSet pairs{};
  for (const std::string_view word : words) {
    const std::uint32_t pair = pair_of(word[0], word[1]);
    pairs[pair / 64] |= std::uint64_t{1} << pair % 64;
  }
  return pairs;
}

// Calls `hit(position, word)` for each word found until it returns true.
template <std::size_t kCount, typename Hit>
bool find_words(std::string_view text, const std::string_view (&words)[kCount], const PairSet& pairs, Hit hit) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const std::uint32_t pair = pair_of(text[i], text[i + 1]);
    if ((pairs[pair / 64] >> pair % 64 & 1) == 0) continue;
    const std::string_view rest = text.substr(i);
    for (const std::string_view word : words) {
      if (lower(rest[0]) == word[0] && starts_caseless(rest, word) && hit(i, word)) return true;
    }
  }
  return false;
}

constexpr PairSet kStrongPairs = pairs_of(kStrongWords);

constexpr PairSet kShortPairs = pairs_of(kShortWords);

constexpr PairSet kKnownRunPairs = pairs_of(kKnownRuns);

// The length of the longest placeholder word that `text` begins with: narrows the sorted list letter by letter.
std::size_t placeholder_prefix(std::string_view text) {
  const auto* begin = std::begin(kPlaceholderWords);
  const auto* end = std::end(kPlaceholderWords);
  std::size_t longest = 0;
  for (std::size_t i = 0; i < text.size() && begin != end; ++i) {
    const char c = lower(text[i]);
    const auto letter = [i](std::string_view word) { return i < word.size() ? word[i] : '\0'; };
    begin = std::partition_point(begin, end, [&](std::string_view word) { return letter(word) < c; });
    end = std::partition_point(begin, end, [&](std::string_view word) { return letter(word) == c; });
    if (begin != end && begin->size() == i + 1) longest = i + 1;
  }
  return longest;
}

static_assert(std::is_sorted(std::begin(kPlaceholderWords), std::end(kPlaceholderWords)));

// -- the name beside the value
// -----------------------------------------------------------------------------------------

constexpr std::size_t kNameReach = 64;

bool is_one_of(std::string_view word, const auto& list) {
  return std::any_of(std::begin(list), std::end(list),
                     [word](std::string_view entry) { return entry.front() == word.front() && entry == word; });
}

std::string_view take_name(std::string_view& text) {
  const auto fits = [](char c) { return is_identifier(c) || is(c, kHigh) || c == '-' || c == '.'; };
  std::size_t begin = text.size();
  while (begin > 0 && fits(text[begin - 1])) --begin;
  const std::string_view name = text.substr(begin);
  text = text.substr(0, begin);
  return name;
}

// Takes the characters of `any_of` off the end; true when `asked` was among them.
bool drop_back(std::string_view& text, std::string_view any_of, char asked = '\0') {
  bool found = false;
  while (!text.empty() && any_of.find(text.back()) != std::string_view::npos) {
    found = found || text.back() == asked;
    text.remove_suffix(1);
  }
  return found;
}

constexpr std::string_view kTypeWords[] = {"str", "string", "String", "char", "text", "varchar", "std.string", "Some"};

// The name that the value is given to: of `a.b_c = Some("`, `"b_c": "`, `let b_c: &str = "` and `f("` the last name
// that is no type and no function which something is assigned the result of.
std::string_view name_before(std::string_view before) {
  if (before.size() > kNameReach) before.remove_prefix(before.size() - kNameReach);
  std::string_view name;
  // `get("NAME") or "value"`.
  drop_back(before, " \t\"'`");
  if (before.ends_with(" or")) before.remove_suffix(3);
  for (int hop = 0; hop < 3; ++hop) {
    drop_back(before, " \t\"'`\\&*");
    const bool called = drop_back(before, "([{ \t", '(');
    const std::size_t size = before.size();
    const bool listed = drop_back(before, "=:>?|~!<+, \t", ',');
    const bool assigned = before.size() != size;
    drop_back(before, " \t\"'`\\])&*");
    const std::string_view found = take_name(before);
    if (found.empty() || (hop > 0 && !assigned)) return name;
    // What stands before a comma is a name, or the value before this one.
    if (listed && std::any_of(found.begin(), found.end(), [](char c) { return is(c, kDigit); })) return name;
    name = found;
    if (!is_one_of(name, kTypeWords) && !(called && !assigned)) return name;
  }
  return name;
}

constexpr std::size_t kMaxWords = 8;

// The last words of a name, in lower case, the last one first. Digits belong to the letters before them.
struct NameWords {
  std::array<char, kNameReach> letters{};
  std::array<std::string_view, kMaxWords> words{};
  std::size_t count = 0;

  explicit NameWords(std::string_view name) {
    for (std::size_t i = 0; i < name.size(); ++i) letters[i] = lower(name[i]);
    const std::string_view low(letters.data(), name.size());
    std::size_t end = name.size();
    while (end > 0 && count < kMaxWords) {
      if (!is_alnum(name[end - 1])) {
        --end;
        continue;
      }
      std::size_t begin = end;
      while (begin > 0 && is_alnum(name[begin - 1]) && (begin == end || !is_border(name, begin))) --begin;
      words[count++] = low.substr(begin, end - begin);
      end = begin;
    }
  }

  // Between "a" and "B" of aB, between "A" and "Bc" of ABc.
  static bool is_border(std::string_view name, std::size_t at) {
    if (!is(name[at], kUpper)) return false;
    if (is(name[at - 1], kLower | kDigit)) return true;
    return at + 1 < name.size() && is(name[at + 1], kLower);
  }
  std::string_view word(std::size_t from_last) const {
    return from_last < count ? words[from_last] : std::string_view();
  }
};

bool is_one_of(const NameWords& name, const auto& pairs) {
  const std::string_view first = name.word(1);
  if (first.empty()) return false;
  return std::any_of(std::begin(pairs), std::end(pairs), [&](const WordPair& pair) {
    return pair.first.front() == first.front() && pair.first == first && pair.last == name.word(0);
  });
}

bool is_password_word(std::string_view word) {
  constexpr std::string_view kWhole[] = {"pass", "pw", "psw", "pin", "passe"};
  constexpr std::string_view kParts[] = {"passw",    "passphrase", "passcode", "pwd",
                                         "kennwort", "senha",      "contrase", "depasse"};
  return is_one_of(word, kWhole) ||
         std::any_of(std::begin(kParts), std::end(kParts), [word](std::string_view part) { return holds(word, part); });
}

}  // namespace

NameSays judge_name(std::string_view before) {
  NameSays says;
  const NameWords name(name_before(before));
  const std::string_view last = name.word(0);
  if (last.empty()) return says;
  says.password = is_password_word(last) || (!name.word(1).empty() && is_password_word(name.word(1)));
  says.secret = says.password || is_one_of(last, kSecretLast) || is_one_of(name, kSecretPairs);
  says.hash = std::binary_search(kHashWords.begin(), kHashWords.end(), last) || last.ends_with("hash");
  for (std::size_t i = 0; i < name.count; ++i) {
    const std::string_view word = name.word(i);
    if (word == "public" || word == "pub" || word == "publishable" || word == "publickey" || word == "pubkey") {
      says.public_id = true;
    }
    if (is_one_of(word, kOtherAnywhere)) says.other = true;
  }
  const bool id = last == "id" || last == "ids";
  if (id && (name.word(1) == "client" || name.word(1) == "app" || name.word(1) == "tenant")) says.public_id = true;
  if (std::binary_search(kOtherLast.begin(), kOtherLast.end(), last) && !(id && name.word(1) == "secret")) {
    says.other = true;
  }
  if (is_one_of(name, kOtherPairs)) says.other = true;
  return says;
}

Drop known_value(std::string_view value) {
  if (const Drop drop = by_hash(value); drop != Drop::none) return drop;
  // Sample key ids and secrets of AWS say so at their end.
  if (value.ends_with("EXAMPLEKEY")) return Drop::sample;
  if (value.size() >= 16 && value.size() <= 21 && value.ends_with("EXAMPLE")) return Drop::sample;
  if (value.starts_with("0x")) return by_hash(value.substr(2));
  // Of a JSON web token the signature is enough.
  if (value.starts_with("eyJ")) {
    if (const std::size_t dot = value.rfind('.'); dot != std::string_view::npos) return by_hash(value.substr(dot + 1));
  }
  return Drop::none;
}

bool is_placeholder_word(std::string_view value) {
  constexpr std::size_t kLongest = 64;
  if (value.size() > kLongest) return false;
  bool words = false;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < value.size();) {
    if (is_letter(value[i])) {
      const std::size_t size = placeholder_prefix(value.substr(i));
      if (size == 0) return false;
      words = true;
      i += size;
    } else {
      // "password1" and "test_user_2" say no more than without the number.
      if (is(value[i], kDigit) && ++digits > 3) return false;
      if (!is(value[i], kDigit | kJoint | kSpace) && value[i] != '\'') return false;
      ++i;
    }
  }
  return words || value.size() <= 3 || digits == 0;
}

bool holds_strong_word(std::string_view body) {
  return find_words(body, kStrongWords, kStrongPairs, [](std::size_t, std::string_view) { return true; });
}

std::size_t known_run(std::string_view body) {
  std::size_t size = 0;
  find_words(body, kKnownRuns, kKnownRunPairs, [&](std::size_t, std::string_view word) {
    size = word.size();
    return true;
  });
  return size;
}

bool holds_short_word(std::string_view value) {
  return find_words(value, kShortWords, kShortPairs, [&](std::size_t at, std::string_view word) {
    const std::size_t end = at + word.size();
    return (at == 0 || !is_alnum(value[at - 1])) && (end == value.size() || !is_alnum(value[end]));
  });
}

}  // namespace keytrail::engine
