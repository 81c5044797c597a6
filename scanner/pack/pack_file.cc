#include "scanner/pack/pack_file.h"

#include <algorithm>
#include <array>

namespace keytrail::pack {
namespace {

constexpr std::size_t kPackHeaderBytes = 12;
constexpr unsigned kBlockShift = 9;  // an entry has about 500 bytes: one or two in a block

enum PackedType : unsigned { kOffsetDelta = 6, kNamedDelta = 7 };

// Least significant digit first, eleven bits a pass. A comparison sort of 850,000 offsets takes 70 ms, this 10.
template <typename Entry>
void sort_by_offset(std::vector<Entry>& entries, std::uint64_t max_offset) {
  constexpr unsigned kBits = 11;
  constexpr std::size_t kDigits = std::size_t{1} << kBits;
  std::vector<Entry> other(entries.size());
  for (unsigned shift = 0; shift < 64 && max_offset >> shift != 0; shift += kBits) {
    std::array<std::size_t, kDigits> place{};
    const auto digit = [shift](const Entry& entry) { return entry.offset >> shift & (kDigits - 1); };
    for (const Entry& entry : entries) ++place[digit(entry)];
    std::size_t sum = 0;
    for (std::size_t& count : place) sum += std::exchange(count, sum);
    for (const Entry& entry : entries) other[place[digit(entry)]++] = entry;
    entries.swap(other);
  }
}

}  // namespace

std::optional<EntryHeader> parse_entry_header(std::string_view bytes, std::size_t hash_size) {
  EntryHeader header;
  std::size_t at = 0;
  if (bytes.empty()) return std::nullopt;
  auto byte = static_cast<std::uint8_t>(bytes[at++]);
  const unsigned type = byte >> 4 & 7U;
  header.size = byte & 15U;
  for (unsigned shift = 4; (byte & 0x80U) != 0; shift += 7) {
    if (at == bytes.size() || shift > 56) return std::nullopt;
    byte = static_cast<std::uint8_t>(bytes[at++]);
    header.size |= std::uint64_t{byte & 0x7FU} << shift;
  }
  if (type >= 1 && type <= 4) {
    header.type = static_cast<ObjectType>(type);
  } else if (type == kOffsetDelta) {
    header.is_delta = true;
    std::uint64_t distance = 0;
    for (bool first = true;; first = false) {
      if (at == bytes.size() || distance >> 56 != 0) return std::nullopt;
      byte = static_cast<std::uint8_t>(bytes[at++]);
      // Each further byte counts from one more than the last could reach.
      distance = (first ? 0 : (distance + 1) << 7) | (byte & 0x7FU);
      if ((byte & 0x80U) == 0) break;
    }
    if (distance == 0) return std::nullopt;
    header.base_distance = distance;
  } else if (type == kNamedDelta) {
    header.is_delta = true;
    if (bytes.size() - at < hash_size) return std::nullopt;
    header.base_id = bytes.substr(at, hash_size);
    at += hash_size;
  } else {
    return std::nullopt;
  }
  header.header_bytes = at;
  return header;
}

Result<PackFile> PackFile::open(const std::string& index_path, std::size_t hash_size) {
  PackFile pack;
  pack.hash_size_ = hash_size;
  pack.path_ = index_path.substr(0, index_path.rfind(".idx")) + ".pack";
  auto index_file = MappedFile::open(index_path);
  if (!index_file) return index_file.error();
  pack.index_file_ = std::move(*index_file);
  auto index = PackIndex::parse(pack.index_file_.bytes(), hash_size, index_path);
  if (!index) return index.error();
  pack.index_ = *index;
  auto pack_file = MappedFile::open(pack.path_);
  if (!pack_file) return pack_file.error();
  pack.pack_file_ = std::move(*pack_file);
  const std::string_view bytes = pack.pack_file_.bytes();
  if (bytes.size() < kPackHeaderBytes || bytes.substr(0, 4) != "PACK") {
    return make_error(ErrorCode::corrupt, "not a pack", pack.path_);
  }
  // A pack that was cut off has no trailer; what is there is read.
  const std::string_view end = bytes.substr(bytes.size() - std::min(bytes.size(), hash_size));
  pack.end_ = end == pack.index_->pack_checksum() ? bytes.size() - hash_size : bytes.size();
  pack.sort_entries();
  pack.build_forest();
  return pack;
}

void PackFile::sort_entries() {
  entries_.reserve(index_->count());
  for (std::uint32_t position = 0; position < index_->count(); ++position) {
    const auto offset = index_->offset(position);
    if (!offset || *offset < kPackHeaderBytes || *offset >= end_) {
      lost_.push_back(position);
    } else {
      entries_.push_back({*offset, position, index_->crc(position).value_or(0), kNoRank, kNoRank});
    }
  }
  sort_by_offset(entries_, end_);
  first_in_block_.assign((end_ >> kBlockShift) + 2, count());
  for (Rank rank = count(); rank-- > 0;) first_in_block_[entries_[rank].offset >> kBlockShift] = rank;
  for (std::size_t block = first_in_block_.size() - 1; block-- > 0;) {
    first_in_block_[block] = std::min(first_in_block_[block], first_in_block_[block + 1]);
  }
}

Rank PackFile::rank_at(std::uint64_t offset) const {
  for (Rank rank = first_in_block_[offset >> kBlockShift]; rank < count() && entries_[rank].offset <= offset; ++rank) {
    if (entries_[rank].offset == offset) return rank;
  }
  return kNoRank;
}

std::string_view PackFile::packed(Rank rank) const {
  const std::uint64_t begin = entries_[rank].offset;
  // Two entries of a damaged index can name one offset: then the bytes reach to the next other one.
  Rank next = rank + 1;
  while (next < count() && entries_[next].offset == begin) ++next;
  const std::uint64_t end = next < count() ? entries_[next].offset : end_;
  return pack_file_.bytes().substr(begin, end - begin);
}

void PackFile::build_forest() {
  std::vector<Rank> rank_of_position;  // filled when a delta names its base
  const auto rank_of_id = [&](std::string_view id) {
    if (rank_of_position.empty()) {
      rank_of_position.assign(index_->count(), kNoRank);
      for (Rank rank = 0; rank < count(); ++rank) rank_of_position[entries_[rank].position] = rank;
    }
    const auto position = index_->find(id);
    return position ? rank_of_position[*position] : kNoRank;
  };
  // From the last to the first, so that lists of children ascend.
  for (Rank rank = count(); rank-- > 0;) {
    Entry& entry = entries_[rank];
    const auto header = parse_entry_header(pack_file_.bytes().substr(entry.offset, end_ - entry.offset), hash_size_);
    if (!header) {
      strays_.push_back({rank, "its header in the pack is damaged", {}});
    } else if (!header->is_delta) {
      roots_.push_back({rank, header->type});
    } else {
      const bool named = header->base_distance == 0;
      const bool inside = named || header->base_distance <= entry.offset;
      const Rank base = named    ? rank_of_id(header->base_id)
                        : inside ? rank_at(entry.offset - header->base_distance)
                                 : kNoRank;
      if (base == kNoRank || base == rank) {
        strays_.push_back({rank,
                           named ? "its delta base is not in the pack" : "its delta base is no object of the pack",
                           named ? header->base_id : std::string_view()});
      } else {
        entry.next_sibling = entries_[base].first_child;
        entries_[base].first_child = rank;
      }
    }
  }
  std::reverse(roots_.begin(), roots_.end());
  std::reverse(strays_.begin(), strays_.end());
  // Only a base that is named can stand behind what is made from it, so only these can form a ring.
  if (!rank_of_position.empty()) break_rings();
}

void PackFile::break_rings() {
  std::vector<bool> reached(count(), false);
  std::vector<Rank> pending;
  for (const Root& root : roots_) pending.push_back(root.rank);
  for (const Stray& stray : strays_) pending.push_back(stray.rank);
  while (!pending.empty()) {
    const Rank rank = pending.back();
    pending.pop_back();
    reached[rank] = true;
    for (Rank child = first_child(rank); child != kNoRank; child = next_sibling(child)) pending.push_back(child);
  }
  for (Rank rank = 0; rank < count(); ++rank) {
    if (reached[rank]) continue;
    entries_[rank].first_child = kNoRank;
    strays_.push_back({rank, "its delta chain ends in itself", {}});
  }
}

}  // namespace keytrail::pack
