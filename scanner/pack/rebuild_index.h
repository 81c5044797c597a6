// The index of a pack, made again from the pack alone: for a pack whose index is missing or damaged.
//
// A pack says of no entry how long it is: each is inflated to find the next. Behind an entry that is damaged the next
// one is looked for where the old index has one, then byte by byte, as far as a budget of work goes. Then the forest is
// walked and each object hashed; a delta that names its base by an id is hung below it once an object has that id. This
// is what `git index-pack` does, except that damage ends nothing.
//
// The result is an index of version 2 in memory. An entry that could not be expanded is in it by the name that the old
// index gives to its place, if it gives one, so that what reads the pack comes to it and tells that it is lost.
// Threads: any; works with as many as it is given. Memory: as the pack walk, and about 80 bytes for each entry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "scanner/pack/pack_index.h"

namespace keytrail::pack {

struct RebuiltIndex {
  std::string bytes;
  // How many entries the pack has, or had, at least, that have no name in the index.
  std::uint64_t unnamed = 0;
};

// `pack` begins with the header of a pack, whatever is in it. `old` may be null.
RebuiltIndex rebuild_index(std::string_view pack, std::size_t hash_size, const PackIndex* old, unsigned threads);

}  // namespace keytrail::pack
