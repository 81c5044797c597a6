#include "scanner/engine/known.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "scanner/core/value_shape.h"
#include "scanner/engine/engine.h"
#include "tests/support/catch.h"
#include "tests/support/effort.h"
#include "tests/support/encode.h"

using namespace keytrail;
using namespace keytrail::engine;
using core::Span;

namespace {

class Values : public core::KnownValues {
 public:
  explicit Values(const std::vector<std::string>& values) : values_(values.begin(), values.end()) {}
  std::vector<core::KnownProbe> probes() const override {
    std::vector<core::KnownProbe> probes;
    for (const std::string& value : values_) {
      probes.push_back(
          {core::probe_of(core::shape_of(value), probe_key(), value), static_cast<std::uint32_t>(value.size())});
    }
    return probes;
  }
  SipKey probe_key() const override { return {17, 4}; }
  bool is_value(std::string_view text) const override { return values_.count(std::string(text)) > 0; }

 private:
  std::set<std::string> values_;
};

std::string made(std::size_t size, unsigned seed, std::string_view signs = "") {
  const std::string alphabet =
      std::string("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") + std::string(signs);
  std::mt19937 random(seed);
  std::string text = "a1";
  while (text.size() < size) text += alphabet[random() % alphabet.size()];
  // Each sign at least once, and a word character at the end.
  for (std::size_t i = 0; i < signs.size() && 3 * i + 3 < size; ++i) text[3 * i + 2] = signs[i];
  text.back() = 'Z';
  return text;
}

std::vector<Span> find(const Values& values, std::string_view text) {
  const KnownFinder finder(&values);
  KnownFinder::Scratch scratch;
  std::vector<Span> found;
  finder.find(text, scratch, found);
  return found;
}

// A rule of its own is all that the engine needs.
std::vector<core::Match> scan(const Values& values, std::string_view text) {
  ruleset::Rule rule;
  rule.id = core::kKnownRule;
  auto rules = ruleset::RuleSet::from_rules({rule});
  REQUIRE(rules);
  EngineOptions options;
  options.known = &values;
  const auto engine = Engine::build(*rules, options);
  REQUIRE(engine);
  auto scratch = engine->make_scratch();
  REQUIRE(scratch);
  std::vector<core::Match> matches;
  REQUIRE(engine->scan(text, *scratch, matches));
  return matches;
}

}  // namespace

TEST_CASE("a known value is found where it ends at separators, and nowhere else") {
  const std::string value = made(20, 1);
  const std::string signs = made(24, 2, "=:/@");
  const Values values({value, signs});
  struct Row {
    const char* name;
    std::string before, behind;
    bool want;
  };
  const std::vector<Row> rows = {
      {"alone", "", "", true},
      {"in quotes", "key: \"", "\",", true},
      {"behind an equals sign", "KEY=", "\n", true},
      {"in a URL", "https://u:", "@host/", true},
      {"between lines", "\n", "\r\n", true},
      {"behind a dot", "a.", ".", true},
      {"behind a letter", "x", "", false},
      {"before a digit", "", "7", false},
      {"behind other words", "a/b/c=d:", "=e", true},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      for (const std::string& one : {value, signs}) {
        const std::string text = row.before + one + row.behind;
        const std::vector<Span> want = {{row.before.size(), row.before.size() + one.size()}};
        CHECK(find(values, text) == (row.want ? want : std::vector<Span>()));
      }
    }
  }
  CHECK(find(values, value + "," + value) == std::vector<Span>{{0, 20}, {21, 41}});
  CHECK(find(values, value + value).empty());
}

TEST_CASE("values of 8 and of 4,096 bytes are found, with any signs, at any place") {
  for (const std::size_t size : {8U, 63U, 64U, 65U, 4096U}) {
    const std::string value = made(size, static_cast<unsigned>(size));
    const Values values({value, made(12, 9, "-_")});
    for (std::size_t at = 0; at < 130; ++at) {
      const std::string text = std::string(at, ' ') + value + " more";
      CHECK(find(values, text) == std::vector<Span>{{at, at + size}});
    }
  }
  const std::string padded = made(41, 5, "+/") + "==";
  CHECK(find(Values({padded}), "KEY=" + padded + "\n") == std::vector<Span>{{4, 47}});
}

TEST_CASE("a value with very many separators is found as a whole run") {
  std::string value;
  for (int i = 0; i < 100; ++i) value += std::string(1, static_cast<char>('a' + i % 26)) + "-";
  CHECK(find(Values({value}), "x " + value + " y") == std::vector<Span>{{2, 202}});
}

TEST_CASE("a value with white space has no shape") {
  CHECK(core::shape_of("two words") == 0);
  CHECK(core::probe_of(core::shape_of("two words"), {1, 2}, "two words") == 0);
  CHECK(find(Values({"two words"}), "two words").empty());
}

TEST_CASE("a long run is looked at in slices that lose nothing") {
  const std::string value = made(40, 3, "-");
  const Values values({value});
  for (std::size_t at = 65536 - 60; at < 65536 + 10; ++at) {
    std::string text(at, '-');
    text += value + std::string(100, '-');
    CHECK(find(values, text) == std::vector<Span>{{at, at + 40}});
  }
}

TEST_CASE("the places are those of asking every piece of the text between borders") {
  // Values of every kind of letters and signs, so that each has another byte that tells of it.
  const std::vector<std::string> all = {made(8, 1),
                                        made(12, 2, "-"),
                                        "lettersalone",
                                        "two-words",
                                        "four.of.them.here",
                                        "MixedLetters",
                                        "CAPITALS_HERE",
                                        "12345678",
                                        "1-2-3-4-5",
                                        "gr\xc3\xbc\xc3\x9f"
                                        "e-all",
                                        "under_scored_",
                                        "=+padded",
                                        made(70, 6),
                                        "$ecret^word",
                                        made(64, 7, "_="),
                                        std::string(40, '/') + "a" + std::string(40, '-')};
  const auto is_border = [](std::string_view text, std::size_t at) {
    return at == 0 || at == text.size() || core::is_separator(text[at - 1]) || core::is_separator(text[at]);
  };
  std::mt19937 random(11);
  std::size_t found_in_all = 0;
  for (int round = 0; round < 400; ++round) {
    // Another inventory each time: what one value is told by must not hide another.
    std::vector<std::string> some;
    for (const std::string& value : all) {
      if (random() % 3 == 0) some.push_back(value);
    }
    const Values values(some);
    std::string text;
    while (text.size() < 600) {
      const std::string& value = all[random() % all.size()];
      const std::size_t begin = random() % 3 == 0 ? random() % value.size() : 0;
      text += value.substr(begin, random() % 3 == 0 ? random() % value.size() : std::string::npos);
      if (random() % 4 != 0) text += std::string(1 + random() % 3, " =-/\n,xA7\t"[random() % 10]);
    }
    std::vector<Span> want;
    for (std::size_t begin = 0; begin < text.size(); ++begin) {
      if (!is_border(text, begin)) continue;
      for (const std::string& value : some) {
        const std::size_t end = begin + value.size();
        if (std::string_view(text).substr(begin, value.size()) != value || !is_border(text, end)) continue;
        // The last value has more separators than are counted.
        const auto allowed = [&](std::size_t at) {
          return at < text.size() && std::any_of(some.begin(), some.end(), [&](const std::string& one) {
                   return one.find(text[at]) != std::string::npos ||
                          (core::is_separator(text[at])
                               ? (text[at] & 0x80) != 0 && one.find('\xc3') != std::string::npos
                               : true);
                 });
        };
        const bool has_many = core::shape_of(value) >> core::kCountBit == core::kManySeparators;
        if (has_many && ((begin > 0 && allowed(begin - 1)) || allowed(end))) continue;
        want.push_back({begin, end});
      }
    }
    std::sort(want.begin(), want.end());
    REQUIRE(find(values, text) == want);
    found_in_all += want.size();
  }
  CHECK(found_in_all > 500);
}

TEST_CASE("what was copied is inherited: the places are those of looking everywhere") {
  const std::vector<std::string> all = {made(8, 1), made(12, 2, "-"), made(30, 3, "=/"), made(9, 4)};
  const Values values(all);
  const KnownFinder finder(&values);
  std::mt19937 random(5);
  std::size_t found_in_all = 0;
  const auto piece = [&]() -> std::string {
    switch (random() % 5) {
      case 0:
        return all[random() % all.size()];
      case 1:
        return std::string(1, " =-/\n,x"[random() % 7]);
      case 2:
        return all[random() % all.size()].substr(random() % 8);
      default:
        return std::string(random() % 12, "ab -"[random() % 4]);
    }
  };
  for (int round = 0; round < test::rounds(3000); ++round) {
    std::string base;
    for (int i = 0; i < 40; ++i) base += piece();
    std::string text;
    std::vector<core::Copy> copies;
    for (int i = 0; i < 6; ++i) {
      if (random() % 2 == 0) text += piece();
      const std::uint64_t from = random() % base.size();
      const std::uint64_t size = std::min<std::uint64_t>(1 + random() % 80, base.size() - from);
      copies.push_back({text.size(), from, size});
      text += base.substr(from, size);
    }
    if (random() % 2 == 0) text += piece();
    KnownFinder::Scratch scratch;
    std::vector<Span> in_base, want, got;
    finder.find(base, scratch, in_base);
    finder.find(text, scratch, want);
    finder.find_copied(text, in_base, CopyMap(copies, text.size(), base.size()), scratch, got);
    REQUIRE(got == want);
    found_in_all += want.size();
  }
  CHECK(found_in_all > test::rounds(1000U));
}

TEST_CASE("a known value is found in encoded text") {
  const std::string value = made(28, 7, "=/+");
  const Values values({value});
  const auto decoded = [&](const std::string& text) {
    const auto matches = scan(values, text);
    return matches.size() == 1 && core::secret_of(matches[0], text) == value && !matches[0].facts.empty();
  };
  CHECK(decoded("data: " + tests::base64("user:" + value + "\n") + "\n"));
  CHECK(decoded("https://host/?q=" + tests::in_hex(value, "%") + "&b=1"));
  CHECK(decoded("{\"k\": \"" + tests::in_hex(value, "\\u00") + "\"}"));
  // Only the sign before it is encoded.
  const std::string plain = made(20, 8);
  CHECK(scan(Values({plain}), "https://host/?q=key%3D" + plain + "&b=1").size() == 1);
}
