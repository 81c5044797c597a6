// Packs written by hand, to say what git itself would never write. Ids are made up: nothing here depends on what hashes
// to what. Checksums of entries are right unless a test damages them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace keytrail::pack::test {

// An id of 20 bytes, another one for each number.
std::string made_id(std::size_t number);

// `bytes` as a zlib stream that only stores.
std::string zlib_stored(std::string_view bytes);

// Type and size as they stand in front of an entry.
std::string entry_head(unsigned type, std::uint64_t size);
// The distance to a base, in the format's own digits.
std::string distance_digits(std::uint64_t distance);

// An index with the checksum that belongs to it.
std::string with_seal(std::string index, std::size_t hash_size = 20);

class DeltaWriter {
 public:
  DeltaWriter(std::uint64_t base_size, std::uint64_t result_size);
  DeltaWriter& copy(std::uint64_t from, std::uint64_t size);
  DeltaWriter& insert(std::string_view text);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class MadePack {
 public:
  // The ids are made_id(first_id) and on.
  explicit MadePack(std::size_t first_id = 0) : first_id_(first_id) {}

  // Each returns the number of the entry, whose id is made_id(first_id + number).
  std::size_t add_whole(unsigned type, std::string_view bytes);
  std::size_t add_offset_delta(std::size_t base, std::string_view delta);
  std::size_t add_named_delta(std::string_view base_id, std::string_view delta);
  // Header and stream as they are.
  std::size_t add_raw(std::string_view packed);

  std::uint64_t next_offset() const { return bytes_.size(); }
  std::uint64_t offset(std::size_t number) const { return offsets_[number]; }
  void set_offset(std::size_t number, std::uint64_t offset) { offsets_[number] = offset; }

  std::string pack() const;
  std::string index() const;
  // Writes both; returns the path of the index.
  std::string write(const keytrail::test::TemporaryFolder& folder, const std::string& name = "made") const;

 private:
  std::size_t first_id_;
  std::string bytes_ = std::string("PACK\0\0\0\2\0\0\0\0", 12);
  std::vector<std::uint64_t> offsets_;
  std::vector<std::uint32_t> crcs_;
};

}  // namespace keytrail::pack::test
