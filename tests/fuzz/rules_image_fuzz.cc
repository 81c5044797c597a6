// The compiled-in form of rules: damaged bytes are refused. The input is taken once as it is and once with a valid hash
// in front, so that what is behind the hash is reached.
#include <string>

#include "scanner/base/hash.h"
#include "scanner/ruleset/ruleset.h"
#include "tests/fuzz/input.h"

using keytrail::fuzz::require;
using keytrail::ruleset::RuleSet;

namespace {

void check(std::string_view image) {
  const auto rules = RuleSet::deserialise(image);
  if (!rules) {
    require(!rules.error().message.empty());
    return;
  }
  std::string_view previous;
  for (const auto& rule : rules.value().rules()) {
    require(previous.empty() || previous < rule.id);
    previous = rule.id;
  }
}

std::string with_hash(std::string_view body) {
  std::string image = "KTRULES2";
  const std::uint64_t hash = keytrail::hash64(body);
  for (int shift = 56; shift >= 0; shift -= 8) image.push_back(static_cast<char>((hash >> shift) & 0xFF));
  return image.append(body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = keytrail::fuzz::text_of(data, size);
  check(bytes);
  check(with_hash(bytes));
  return 0;
}
