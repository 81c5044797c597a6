// Where the entries of a pack begin and end, told by the pack alone: each is inflated to find the next.
//
// Pure. Damage costs the entry: the next one is looked for at the offsets that the caller believes in, then at every
// byte, within a budget of work, so that time stays in proportion to the size of the pack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace keytrail::pack {

struct FoundEntry {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  // as packed, header included
};

// The entry at `offset`; nothing when there is none that is whole.
std::optional<FoundEntry> entry_at(std::string_view pack, std::size_t hash_size, std::uint64_t offset);

// `hints`: ascending offsets at which entries may begin.
std::vector<FoundEntry> find_entries(std::string_view pack, std::size_t hash_size,
                                     const std::vector<std::uint64_t>& hints);

}  // namespace keytrail::pack
