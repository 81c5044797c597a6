#include "scanner/pack/delta.h"

#include <algorithm>
#include <cstring>

namespace keytrail::pack {
namespace {

// A size in groups of seven bits, lowest first.
std::optional<std::uint64_t> take_size(std::string_view& delta) {
  std::uint64_t size = 0;
  for (unsigned shift = 0; shift < 63; shift += 7) {
    if (delta.empty()) return std::nullopt;
    const auto byte = static_cast<std::uint8_t>(delta.front());
    delta.remove_prefix(1);
    size |= std::uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80U) == 0) return size;
  }
  return std::nullopt;
}

std::optional<DeltaSizes> take_sizes(std::string_view& delta) {
  const auto base = take_size(delta);
  if (!base) return std::nullopt;
  const auto result = take_size(delta);
  if (!result) return std::nullopt;
  return DeltaSizes{*base, *result};
}

void add_copy(std::vector<core::Copy>& copies, std::uint64_t at, std::uint64_t from, std::uint64_t size) {
  if (!copies.empty()) {
    core::Copy& last = copies.back();
    if (last.at + last.size == at && last.from + last.size == from) {
      last.size += size;
      return;
    }
  }
  copies.push_back({at, from, size});
}

}  // namespace

std::optional<DeltaSizes> delta_sizes(std::string_view delta) { return take_sizes(delta); }

bool plausible_result(std::size_t bytes, const DeltaSizes& sizes) {
  constexpr std::uint64_t kMaxCopied = std::uint64_t{8} << 20;
  return sizes.result / std::clamp<std::uint64_t>(sizes.base, 1, kMaxCopied) <= bytes;
}

bool apply_delta(std::string_view delta, std::string_view base, char* out, std::vector<core::Copy>& copies) {
  copies.clear();
  const auto sizes = take_sizes(delta);
  if (!sizes || sizes->base != base.size()) return false;
  std::uint64_t at = 0;
  const char* next = delta.data();
  const char* const end = next + delta.size();
  while (next < end) {
    const auto op = static_cast<std::uint8_t>(*next++);
    if ((op & 0x80U) != 0) {
      // The bits say which bytes of offset and size follow.
      std::uint64_t from = 0;
      std::uint64_t size = 0;
      for (unsigned i = 0; i < 7; ++i) {
        if ((op >> i & 1U) == 0) continue;
        if (next == end) return false;
        const auto byte = static_cast<std::uint8_t>(*next++);
        if (i < 4) {
          from |= std::uint64_t{byte} << (8 * i);
        } else {
          size |= std::uint64_t{byte} << (8 * (i - 4));
        }
      }
      if (size == 0) size = 0x10000;
      if (from > base.size() || size > base.size() - from || size > sizes->result - at) return false;
      std::memcpy(out + at, base.data() + from, size);
      add_copy(copies, at, from, size);
      at += size;
    } else {
      // A zero is reserved.
      if (op == 0 || op > end - next || op > sizes->result - at) return false;
      std::memcpy(out + at, next, op);
      next += op;
      at += op;
    }
  }
  return at == sizes->result;
}

}  // namespace keytrail::pack
