// Fresh spans: a text that is made from another by copying has the matches of scanning all of it, along a chain of
// edits. The input is a script of edits (edits.h) over what the built-in rules look for.
#include <random>
#include <vector>

#include "scanner/engine/engine.h"
#include "scanner/ruleset/example.h"
#include "tests/fuzz/edits.h"
#include "tests/support/encode.h"

namespace {

using keytrail::core::Match;
using keytrail::engine::Engine;
using keytrail::engine::Scratch;
using keytrail::engine::TextState;
using keytrail::fuzz::EditedText;
using keytrail::fuzz::require;
using keytrail::ruleset::RuleSet;

const RuleSet& rules() {
  static const RuleSet built = [] {
    auto builtin = RuleSet::builtin();
    require(builtin.has_value());
    return std::move(builtin).value();
  }();
  return built;
}

const Engine& engine() {
  static const Engine built = [] {
    auto result = Engine::build(rules(), {});
    require(result.has_value());
    return std::move(result).value();
  }();
  return built;
}

// What an example can be written as.
std::string encoded(const std::string& text, std::size_t way) {
  using namespace keytrail::tests;
  const std::size_t half = text.size() / 2;
  switch (way % 8) {
    case 0:
      return base64("value: " + text + "\n");
    case 1:
      return base64(text, true, false);
    case 2:
      return in_hex(text, "%");
    case 3:
      return in_hex(text, "");
    case 4:
      return base64(wide(text));
    case 5:
      return base64("more words: " + base64(text));
    case 6:
      return "\"" + text.substr(0, half) + "\" +\n  \"" + text.substr(half) + "\"";
    default:
      return in_hex(text.substr(0, half), "\\x") + text.substr(half);
  }
}

// Lines without anything in them first, so that runs are long enough to be inherited; then an example of each rule, and
// encoded ones.
const std::vector<std::string>& fragments() {
  static const std::vector<std::string> made = [] {
    std::vector<std::string> list;
    for (std::size_t i = 0; i < 16; ++i) {
      list.push_back("line " + std::to_string(i) + ": " + std::string(40 + 60 * i, "., "[i % 3]) + "\n");
    }
    list.insert(list.end(), {"\n",         "\r\n", " ",       "\"",           "'",        "=",      " = ",    ": ",
                             "${",         "}",    "EXAMPLE", "xxxxxxxxxxxx", "password", "secret", "token",  "key",
                             "aws",        "%2F",  "&quot;",  "\\u0041",      "\\\n",     "-----",  "BEGIN ", "END ",
                             "PRIVATE KEY"});
    std::mt19937_64 random(1);
    for (const auto& rule : rules().rules()) {
      for (int i = 0; i < 2; ++i) list.push_back(keytrail::ruleset::make_example(rule, random).text);
      list.push_back(encoded(list.back(), list.size()));
    }
    return list;
  }();
  return made;
}

bool same(const std::vector<Match>& a, const std::vector<Match>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].rule != b[i].rule || a[i].span != b[i].span || a[i].secret != b[i].secret) return false;
    if (a[i].confidence != b[i].confidence || a[i].severity != b[i].severity || a[i].facts != b[i].facts) return false;
    if (a[i].decoded != b[i].decoded) return false;
    if (a[i].related != b[i].related) return false;
  }
  return true;
}

Scratch& scratch(int number) {
  static std::vector<Scratch> made = [] {
    std::vector<Scratch> list;
    for (int i = 0; i < 2; ++i) {
      auto scratch = engine().make_scratch();
      require(scratch.has_value());
      list.push_back(std::move(scratch).value());
    }
    return list;
  }();
  return made[static_cast<std::size_t>(number)];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keytrail::fuzz::Input input(data, size);
  EditedText base;
  TextState state;
  for (int number = 0; number < 6 && !input.at_end(); ++number) {
    const EditedText next = keytrail::fuzz::read_edit(input, base.text, fragments());
    std::vector<Match> want, got;
    TextState kept;
    require(engine().scan(next.text, scratch(0), want).has_value());
    if (number == 0) {
      require(engine().scan(next.text, scratch(1), got, &kept).has_value());
    } else {
      require(
          engine().scan_copied(next.text, state, base.text.size(), next.copies, scratch(1), got, &kept).has_value());
    }
    require(same(want, got));
    require(scratch(0).counts().candidates == scratch(1).counts().candidates);
    require(scratch(0).counts().matches == scratch(1).counts().matches);
    require(scratch(0).counts().cut == scratch(1).counts().cut);
    require(scratch(0).counts().undecoded == scratch(1).counts().undecoded);
    state = std::move(kept);
    base = next;
  }
  return 0;
}
