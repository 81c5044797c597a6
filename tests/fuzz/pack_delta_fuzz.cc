// A delta: refused, or its text has the declared size and the copies are equal runs, ascending and merged. The first
// two bytes say how many of the others are the base.
#include <vector>

#include "scanner/pack/delta.h"
#include "tests/fuzz/input.h"

using keytrail::core::Copy;
using keytrail::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes = keytrail::fuzz::text_of(data + 2, size - 2);
  const std::size_t base_size = (data[0] + std::size_t{256} * data[1]) % (bytes.size() + 1);
  // An allocation of its own, so that a read over its end is seen.
  const std::vector<char> base(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(base_size));
  const std::string_view delta = bytes.substr(base_size);
  const auto sizes = keytrail::pack::delta_sizes(delta);
  constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 20;
  if (!sizes || sizes->result > kMaxBytes) return 0;
  std::vector<char> text(sizes->result);
  std::vector<Copy> copies = {{1, 2, 3}};  // of an earlier delta
  const std::string_view base_text(base.data(), base.size());
  if (!keytrail::pack::apply_delta(delta, base_text, text.data(), copies)) return 0;
  require(sizes->base == base.size());
  require(keytrail::pack::plausible_result(delta.size(), *sizes));
  const std::string_view result(text.data(), text.size());
  const Copy* last = nullptr;
  for (const Copy& copy : copies) {
    require(copy.size > 0 && copy.at <= result.size() && copy.size <= result.size() - copy.at);
    require(copy.from <= base.size() && copy.size <= base.size() - copy.from);
    require(result.substr(copy.at, copy.size) == base_text.substr(copy.from, copy.size));
    require(last == nullptr || copy.at >= last->at + last->size);
    require(last == nullptr || copy.at != last->at + last->size || copy.from != last->from + last->size);
    last = &copy;
  }
  return 0;
}
