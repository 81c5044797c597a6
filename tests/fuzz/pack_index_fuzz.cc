// The index of a pack: refused, or every question has an answer inside of it. The first byte chooses the hash.
#include "scanner/pack/pack_index.h"

#include "tests/fuzz/input.h"

using keytrail::fuzz::require;
using keytrail::pack::PackIndex;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t hash_size = data[0] % 2 == 0 ? 20 : 32;
  const std::string_view bytes = keytrail::fuzz::text_of(data + 1, size - 1);
  const auto index = PackIndex::parse(bytes, hash_size, "index");
  if (!index) return 0;
  require(index->pack_checksum().size() == hash_size);
  require(index->count() <= bytes.size() / hash_size);
  for (std::uint32_t position = 0; position < index->count(); ++position) {
    const std::string_view id = index->raw_id(position);
    require(id.size() == hash_size && id.data() >= bytes.data() &&
            id.data() + hash_size <= bytes.data() + bytes.size());
    static_cast<void>(index->offset(position));
    static_cast<void>(index->crc(position));
    const auto found = index->find(id);
    require(!found || (*found < index->count() && index->raw_id(*found) == id));
  }
  return 0;
}
