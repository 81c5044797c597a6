// Reads one entry of a pack, with the chain of bases that it is made from: for the few objects that a walk does not
// bring. One for each thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "scanner/base/buffer.h"
#include "scanner/base/result.h"
#include "scanner/core/blob.h"
#include "scanner/pack/inflater.h"
#include "scanner/pack/pack_file.h"
#include "scanner/pack/pack_walk.h"

namespace keytrail::pack {

class EntryReader {
 public:
  struct Text {
    ObjectType type = ObjectType::none;
    std::string_view bytes;  // good until the next read
  };
  // The text of a base that the pack lacks, or that is damaged in it.
  using Elsewhere = std::function<std::optional<GraftBase>(std::string_view raw_id)>;

  explicit EntryReader(std::uint64_t max_object_bytes = std::uint64_t{1} << 30) : max_bytes_(max_object_bytes) {}

  // `work` is what may still be done: an entry takes one of it, and one for each 4 KiB that it gives; limit_exceeded
  // when there is none left.
  Result<Text> read(const PackFile& pack, Rank rank, const Elsewhere& elsewhere, std::uint64_t& work);

 private:
  Status climb(const PackFile& pack, Rank rank, std::uint64_t& work);
  Status expand_whole(const PackFile& pack, Rank rank, GraftBase& text);
  Status expand_delta(const PackFile& pack, Rank rank, GraftBase& text);
  Result<std::string_view> stream_of(const PackFile& pack, Rank rank, std::uint64_t& size) const;

  std::uint64_t max_bytes_;
  Inflater inflater_;
  Buffer delta_;
  GraftBase text_;
  std::vector<core::Copy> copies_;
  std::vector<Rank> chain_;   // from the entry to the one that is made from what is told below
  std::string_view base_id_;  // of a base that has to come from elsewhere; empty: the chain ends with a whole object
};

}  // namespace keytrail::pack
