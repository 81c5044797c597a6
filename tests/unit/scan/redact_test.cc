#include "scanner/scan/redact.h"

#include <algorithm>
#include <random>
#include <string>

#include "scanner/core/masked.h"
#include "scanner/ruleset/example.h"
#include "tests/support/catch.h"
#include "tests/support/encode.h"

using namespace keytrail;
using namespace keytrail::scan;

namespace {

struct Machine {
  ruleset::RuleSet rules;
  std::optional<engine::Engine> engine;
};

const Machine& machine() {
  static const Machine* const made = [] {
    auto* const own = new Machine;
    own->rules = *ruleset::RuleSet::builtin();
    auto engine = engine::Engine::build(own->rules, {});
    REQUIRE(engine.has_value());
    own->engine.emplace(std::move(*engine));
    return own;
  }();
  return *made;
}

const engine::Engine& the_engine() { return *machine().engine; }

std::string example(const std::string& rule, std::mt19937_64& random) {
  const ruleset::Rule* const found = machine().rules.find(rule);
  REQUIRE(found != nullptr);
  return ruleset::make_example(*found, random).text;
}

std::string token(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const ruleset::Rule* const rule = machine().rules.find("github-personal-access-token");
  REQUIRE(rule != nullptr);
  const ruleset::Example made = ruleset::make_example(*rule, random);
  return made.text.substr(made.secret.begin, made.secret.size());
}

// Lines of nothing with credentials of all rules among them, some encoded.
std::string made_text(std::uint64_t seed, std::size_t size) {
  std::mt19937_64 random(seed);
  const auto& rules = machine().rules.rules();
  std::string text;
  while (text.size() < size) {
    for (std::uint64_t lines = random() % 60; lines > 0; --lines) {
      text += "line of a log that says little " + std::to_string(random() % 1000) + (random() % 9 == 0 ? "\r\n" : "\n");
    }
    const std::string secret = ruleset::make_example(rules[random() % rules.size()], random).text;
    if (random() % 8 == 0) {
      text += "data: " + tests::base64("user is " + secret + " here") + "\n";
    } else {
      text += secret + (random() % 4 == 0 ? "\xff\xfe\x80" : "\n");
    }
  }
  return text;
}

std::vector<core::Match> matches_in(const std::string& text, core::Confidence least = core::Confidence::medium) {
  auto scratch = the_engine().make_scratch();
  REQUIRE(scratch.has_value());
  std::vector<core::Match> matches;
  REQUIRE(the_engine().scan(text, *scratch, matches).has_value());
  std::erase_if(matches, [&](const core::Match& match) { return match.confidence < least; });
  return matches;
}

std::string expected(const std::string& text) {
  std::string out;
  std::size_t at = 0;
  for (const core::Match& match : matches_in(text)) {
    out.append(text, at, match.secret.begin - at);
    out += core::mask(core::secret_of(match, text), machine().rules.rules()[match.rule].public_prefix);
    at = match.secret.end;
  }
  return out.append(text, at);
}

Redactor redactor(RedactStyle style = RedactStyle::mask) {
  RedactOptions options;
  options.style = style;
  options.window_bytes = 0;  // the smallest there is: many borders
  auto made = Redactor::make(the_engine(), options);
  REQUIRE(made.has_value());
  return std::move(*made);
}

std::string redacted(const std::string& text, RedactStyle style = RedactStyle::mask) {
  Redactor own = redactor(style);
  std::string out;
  REQUIRE(own.add(text, out).has_value());
  REQUIRE(own.finish(out).has_value());
  return out;
}

}  // namespace

TEST_CASE("what a scan reports is masked, and little else, and every other byte stays") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const std::string text = made_text(seed, 900'000);
    const std::string out = redacted(text, RedactStyle::stars);
    REQUIRE(out.size() == text.size());
    std::string want = text;
    const std::vector<core::Match> matches = matches_in(text);
    for (const core::Match& match : matches) {
      for (std::size_t at = match.secret.begin; at < match.secret.end; ++at) {
        if (want[at] != '\n' && want[at] != '\r') want[at] = '*';
      }
    }
    CHECK(matches.size() > 100);
    std::size_t more = 0;
    std::size_t wrong = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      wrong += out[at] != want[at] && (out[at] != '*' || want[at] == '*') ? 1U : 0U;
      more += out[at] != want[at] ? 1U : 0U;
    }
    CHECK(wrong == 0);
    CHECK(more < text.size() / 100);
  }
}

TEST_CASE("between what is masked stands what stood there") {
  const std::string text = "a = '" + token(1) + "'\r\n\xff\xfe" + token(2) + "\n\n" + token(3) + "end " + token(4);
  CHECK(redacted(text) == expected(text));
}

TEST_CASE("each value of a list is masked, also where a rule takes one of them") {
  std::mt19937_64 random(21);
  std::vector<std::string> values;
  std::string text = "secrets = [";
  for (int i = 0; i < 9; ++i) {
    std::string value;
    for (int k = 0; k < 24; ++k)
      value += "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[random() % 62];
    values.push_back(value);
    text += (i > 0 ? ", \"" : "\"") + value + "\"";
  }
  text += "]\n";
  const std::string out = redacted(text, RedactStyle::stars);
  CHECK(matches_in(text).size() < values.size());
  CHECK(std::count(out.begin(), out.end(), '*') >= 2 * 24);
  CHECK(matches_in(out).empty());
}

TEST_CASE("pieces of any size give what the whole gives") {
  const std::string text = made_text(7, 700'000);
  const std::string whole = redacted(text);
  std::mt19937_64 random(1);
  for (const std::size_t longest : {std::size_t{17}, std::size_t{5000}, std::size_t{300'000}}) {
    Redactor own = redactor();
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % longest, text.size() - at);
      REQUIRE(own.add(std::string_view(text).substr(at, size), out).has_value());
      at += size;
    }
    REQUIRE(own.finish(out).has_value());
    CHECK((out == whole));
  }
}

TEST_CASE("in what was masked a scan finds nothing") {
  constexpr std::size_t kTag = 80;  // no tag is longer
  for (const RedactStyle style : {RedactStyle::mask, RedactStyle::stars, RedactStyle::tag}) {
    const std::string once = redacted(made_text(11, 600'000), style);
    for (const core::Match& match : matches_in(once)) {
      // A tag may look like a value beside a name, or like a name beside what stands there: that is no leak.
      const std::string_view reach =
          std::string_view(once).substr(std::max(match.secret.begin, kTag) - kTag, match.secret.size() + kTag + 12);
      if (style == RedactStyle::tag && reach.find("[keytrail:") != std::string_view::npos) continue;
      const std::size_t begin = match.span.begin - std::min<std::size_t>(match.span.begin, 40);
      FAIL_CHECK(machine().rules.rules()[match.rule].id
                 << " in: " << once.substr(match.secret.begin, match.secret.size()) << " of "
                 << once.substr(begin, match.span.end + 20 - begin));
    }
  }
}

TEST_CASE("stars keep size and lines") {
  std::mt19937_64 random(3);
  const std::string key = example("private-key-rsa", random);
  const std::string text = "a\n" + key + "\nb " + token(1) + "\n";
  const std::string out = redacted(text, RedactStyle::stars);
  CHECK(out.size() == text.size());
  CHECK(std::count(out.begin(), out.end(), '\n') == std::count(text.begin(), text.end(), '\n'));
  CHECK(out.find(token(1)) == std::string::npos);
}

TEST_CASE("a tag names the rule, and the same secret by the same number") {
  const std::string text = token(1) + "\n" + token(2) + "\n" + token(1) + "\n";
  const std::string tag = "[keytrail:github-personal-access-token:";
  CHECK(redacted(text, RedactStyle::tag) == tag + "1]\n" + tag + "2]\n" + tag + "1]\n");
}

TEST_CASE("numbers and counts go on in the next text") {
  Redactor own = redactor(RedactStyle::tag);
  std::string out;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(own.add(token(4) + "\n", out).has_value());
    REQUIRE(own.finish(out).has_value());
  }
  CHECK(own.counts().masked == 2);
  CHECK(own.counts().distinct == 1);
  CHECK(own.counts().bytes == 82);
}

TEST_CASE("at a pause whole lines leave, and what is begun stays") {
  Redactor own = redactor();
  std::string out;
  REQUIRE(own.pause(out).has_value());
  CHECK(out.empty());
  REQUIRE(own.add("one\ntoken = " + token(5).substr(0, 12), out).has_value());
  REQUIRE(own.pause(out).has_value());
  CHECK(out == "one\n");
  REQUIRE(own.add(token(5).substr(12) + "\nthree", out).has_value());
  REQUIRE(own.pause(out).has_value());
  CHECK(out == "one\ntoken = " + core::mask(token(5), 4) + "\n");
  REQUIRE(own.finish(out).has_value());
  CHECK(out.ends_with("\nthree"));
}

TEST_CASE("a private key that comes line by line is masked whole") {
  std::mt19937_64 random(5);
  const std::string key = "before\n" + example("private-key-rsa", random) + "\nbehind\n";
  Redactor own = redactor();
  std::string out;
  for (std::size_t at = 0; at < key.size();) {
    const std::size_t end = std::min(key.find('\n', at), key.size() - 1) + 1;
    REQUIRE(own.add(std::string_view(key).substr(at, end - at), out).has_value());
    REQUIRE(own.pause(out).has_value());
    at = end;
  }
  CHECK(out == expected(key));
  REQUIRE(own.finish(out).has_value());
  CHECK(out == expected(key));
}

TEST_CASE("a key header without an end does not hold back more than a key may have") {
  Redactor own = redactor();
  std::string out;
  REQUIRE(own.add("-----BEGIN RSA "
                  "PRIVATE KEY-----\n",
                  out)
              .has_value());
  REQUIRE(own.pause(out).has_value());
  CHECK(out.empty());
  std::string lines;
  for (int i = 0; i < 2000; ++i) lines += "nothing that a key would hold, " + std::to_string(i) + ".\n";
  REQUIRE(own.add(lines, out).has_value());
  REQUIRE(own.pause(out).has_value());
  CHECK(out.size() > lines.size() / 2);
}

TEST_CASE("lines of a wrapped encoding wait for one another") {
  const std::string encoded =
      tests::base64("the words before " + token(6) + " and so many words behind it, to be long");
  std::string text;
  for (std::size_t at = 0; at < encoded.size(); at += 64) text += encoded.substr(at, 64) + "\n";
  const std::string want = expected(text);
  REQUIRE(want != text);
  Redactor own = redactor();
  std::string out;
  REQUIRE(own.add(text.substr(0, 130), out).has_value());
  REQUIRE(own.pause(out).has_value());
  CHECK(out.empty());
  REQUIRE(own.add(text.substr(130), out).has_value());
  REQUIRE(own.finish(out).has_value());
  CHECK(out == want);
}

TEST_CASE("UTF-16 leaves as it came, its secrets masked in UTF-16") {
  const std::string text = "caf\xC3\xA9 \xF0\x9F\x94\x91 token = " + token(8) + "\r\n";
  std::string wide = "\xFF\xFE";
  const std::string key("\x3D\xD8\x11\xDD", 4);
  wide += tests::wide("caf") + std::string("\xE9\0", 2) + tests::wide(" ") + key + tests::wide(" token = ");
  const std::string before = wide;
  wide += tests::wide(token(8) + "\r\n");
  const std::string lone(
      "\x3D\xD8"
      "a\0",
      4);  // half a pair
  const std::string behind = lone + key + "odd";
  wide += behind;
  const std::string want = before + tests::wide(core::mask(token(8), 4) + "\r\n") + behind;
  CHECK(redacted(wide) == want);
  for (const std::size_t step : {1U, 3U, 7U}) {
    Redactor own = redactor();
    std::string out;
    for (std::size_t at = 0; at < wide.size(); at += step) {
      REQUIRE(own.add(std::string_view(wide).substr(at, step), out).has_value());
      REQUIRE(own.pause(out).has_value());
    }
    REQUIRE(own.finish(out).has_value());
    CHECK(out == want);
  }
  std::string many = "\xFF\xFE";
  for (int i = 0; i < 20'000; ++i) many += tests::wide("line " + std::to_string(i) + "\n") + key;
  CHECK((redacted(many) == many));
}

TEST_CASE("rules that look at some paths only do so") {
  std::mt19937_64 random(9);
  const auto& rules = machine().rules.rules();
  const auto rule = std::find_if(rules.begin(), rules.end(), [](const ruleset::Rule& each) {
    return !each.include_paths.empty() && each.confidence == core::Confidence::high && each.companions.empty();
  });
  if (rule == rules.end()) return;
  const std::string text = ruleset::make_example(*rule, random).text + "\n";
  const auto with_path = [&](const std::string& path) {
    Redactor own = redactor(RedactStyle::tag);
    std::string out;
    own.begin(path);
    REQUIRE(own.add(text, out).has_value());
    REQUIRE(own.finish(out).has_value());
    return out.find(rule->id) != std::string::npos;
  };
  CHECK(with_path({}));
  CHECK_FALSE(with_path("no/such/place.xyz"));
}
