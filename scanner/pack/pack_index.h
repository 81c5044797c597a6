// The index of a pack: which objects it holds, by id, and where. Versions 1 and 2, with 64-bit offsets.
// Format: git's Documentation/gitformat-pack.txt, "pack-*.idx files".
//
// A view over the index's bytes, which must outlive it. Hostile bytes are safe: sizes and orders are checked when it is
// parsed, offsets when they are asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scanner/base/result.h"
#include "scanner/core/blob.h"

namespace keytrail::pack {

class PackIndex {
 public:
  // `hash_size`: 20 for SHA-1, 32 for SHA-256. `subject` names the file in errors.
  static Result<PackIndex> parse(std::string_view bytes, std::size_t hash_size, const std::string& subject);

  std::uint32_t count() const { return count_; }
  std::string_view raw_id(std::uint32_t position) const;
  core::ObjectId id(std::uint32_t position) const { return core::ObjectId::from_bytes(raw_id(position)); }
  // Nothing when the 64-bit table lacks the offset.
  std::optional<std::uint64_t> offset(std::uint32_t position) const;
  // Of the entry as it is packed; version 1 has none.
  bool has_crcs() const { return version_ > 1; }
  std::optional<std::uint32_t> crc(std::uint32_t position) const;
  // The position of an id; nothing when the pack does not hold it.
  std::optional<std::uint32_t> find(std::string_view raw_id) const;
  // Whether the index has its own checksum: reads all of it.
  bool seal_is_right() const;
  // The checksum of the pack, which is its name as well.
  std::string_view pack_checksum() const;

 private:
  PackIndex() = default;

  std::string_view bytes_;
  std::size_t hash_size_ = 20;
  std::uint32_t version_ = 2;
  std::uint32_t count_ = 0;
  std::size_t fanout_at_ = 0;
  std::size_t ids_at_ = 0;
  std::size_t crcs_at_ = 0;
  std::size_t offsets_at_ = 0;
  std::size_t long_offsets_at_ = 0;
  std::size_t long_offsets_ = 0;
};

}  // namespace keytrail::pack
