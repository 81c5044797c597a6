// Whether a pack has the bytes that its index was made of, without expanding anything: for packs whose objects are
// known from elsewhere.
#pragma once

#include "scanner/pack/pack_file.h"

namespace keytrail::pack {

// Whether the packed bytes of every entry have the CRC-32 of the index. False for an index of version 1, which has
// none. Reads all of the pack, about ten times as fast as expanding it.
bool has_right_checksums(const PackFile& pack, unsigned threads);

}  // namespace keytrail::pack
