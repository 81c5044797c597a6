// Prints credentials that belong to nobody, made from the shapes of the built-in rules: a line for each, the rule's id
// and the text in hexadecimal. The same seed gives the same lines.
//
//   make_examples SEED COUNT     COUNT for each rule
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "scanner/ruleset/example.h"
#include "scanner/ruleset/ruleset.h"

namespace {

std::string hex(const std::string& text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15U];
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: make_examples SEED COUNT\n", stderr);
    return 2;
  }
  const auto rules = keytrail::ruleset::RuleSet::builtin();
  if (!rules) return 4;
  std::mt19937_64 random(std::strtoull(argv[1], nullptr, 10));
  const unsigned long count = std::strtoul(argv[2], nullptr, 10);
  for (const keytrail::ruleset::Rule& rule : rules->rules()) {
    for (unsigned long i = 0; i < count; ++i) {
      std::printf("%s %s\n", rule.id.c_str(), hex(keytrail::ruleset::make_example(rule, random).text).c_str());
    }
  }
  return 0;
}
