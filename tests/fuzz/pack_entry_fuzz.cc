// An entry of a pack: its header is refused or lies inside, and its stream gives exactly the bytes that were declared
// or nothing. The first byte chooses the hash.
#include <vector>

#include "scanner/pack/inflater.h"
#include "scanner/pack/pack_file.h"
#include "tests/fuzz/input.h"

using keytrail::fuzz::require;
using keytrail::pack::ObjectType;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t hash_size = data[0] % 2 == 0 ? 20 : 32;
  const std::string_view bytes = keytrail::fuzz::text_of(data + 1, size - 1);
  const auto header = keytrail::pack::parse_entry_header(bytes, hash_size);
  if (!header) return 0;
  require(header->header_bytes > 0 && header->header_bytes <= bytes.size());
  require(header->is_delta == (header->type == ObjectType::none));
  require(header->is_delta == (header->base_distance != 0 || !header->base_id.empty()));
  if (!header->base_id.empty()) {
    require(header->base_distance == 0 && header->base_id.size() == hash_size);
    require(header->base_id.data() + hash_size == bytes.data() + header->header_bytes);
  }
  // Nothing changes when the rest is missing, and a byte less is not enough.
  require(keytrail::pack::parse_entry_header(bytes.substr(0, header->header_bytes), hash_size).has_value());
  require(!keytrail::pack::parse_entry_header(bytes.substr(0, header->header_bytes - 1), hash_size));

  const std::string_view stream = bytes.substr(header->header_bytes);
  constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 20;
  if (header->size > kMaxBytes) return 0;
  std::vector<char> text(header->size);
  static keytrail::pack::Inflater inflater;
  if (inflater.inflate(stream, text.data(), text.size()))
    require(keytrail::pack::plausible_size(stream.size(), header->size));
  return 0;
}
