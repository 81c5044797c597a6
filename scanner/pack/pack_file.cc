#include "scanner/pack/pack_file.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <unordered_set>

#include "scanner/base/thread.h"
#include "scanner/pack/find_entries.h"
#include "scanner/pack/inflater.h"
#include "scanner/pack/rebuild_index.h"

namespace keytrail::pack {
namespace {

constexpr std::size_t kPackHeaderBytes = 12;
constexpr std::size_t kSlice = 16384;
constexpr unsigned kBlockShift = 9;  // an entry has about 500 bytes: one or two in a block

enum PackedType : unsigned { kOffsetDelta = 6, kNamedDelta = 7 };

// What an entry is made from, where that is no rank: above all ranks that there can be.
enum NoBase : Rank { kUnread = kNoRank - 16, kNotNamed, kNotInside, kWhole };  // kWhole + type: a whole object

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

bool ends_with(std::string_view bytes, std::string_view end) {
  return bytes.size() >= kPackHeaderBytes + end.size() && bytes.ends_with(end);
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

// Reads the index, or makes it again when it cannot be believed and there is a pack to make it from.
Status PackFile::open_index(const std::string& index_path, unsigned threads) {
  auto file = MappedFile::open(index_path);
  std::optional<Error> fault;
  if (file) {
    index_file_ = std::move(*file);
    auto index = PackIndex::parse(index_file_.bytes(), hash_size_, index_path);
    if (index) index_ = *index;
    if (!index) fault = index.error();
  } else {
    fault = file.error();
  }
  if (index_ && index_->seal_is_right() && (index_->has_crcs() || ends_with(bytes_, index_->pack_checksum()))) {
    return {};
  }
  if (bytes_.size() < kPackHeaderBytes) return index_ ? Status() : Status(*fault);
  RebuiltIndex rebuilt = rebuild_index(bytes_, hash_size_, index_ ? &*index_ : nullptr, threads);
  unnamed_ = rebuilt.unnamed;
  lost_reason_ = "its place in the pack is damaged";
  own_index_ = std::make_shared<const std::string>(std::move(rebuilt.bytes));
  auto index = PackIndex::parse(*own_index_, hash_size_, index_path);
  if (!index) return index.error();
  index_ = *index;
  return {};
}

PackFile PackFile::map(const std::string& index_path, std::size_t hash_size) {
  PackFile pack;
  pack.hash_size_ = hash_size;
  pack.path_ = index_path.substr(0, index_path.rfind(".idx")) + ".pack";
  auto pack_file = MappedFile::open(pack.path_);
  if (pack_file) {
    pack.pack_file_ = std::move(*pack_file);
    pack.bytes_ = pack.pack_file_.bytes();
  } else {
    pack.gone_ = true;
    pack.lost_reason_ = "its pack cannot be read: " + pack_file.error().message;
  }
  return pack;
}

Result<PackFile> PackFile::open(const std::string& index_path, std::size_t hash_size, unsigned threads) {
  PackFile pack = map(index_path, hash_size);
  if (Status opened = pack.open_index(index_path, threads); !opened) return opened.error();
  pack.arrange(threads);
  return pack;
}

Result<PackFile> PackFile::open_part(const std::string& index_path, std::size_t hash_size,
                                     const std::vector<std::uint32_t>& positions) {
  PackFile pack = map(index_path, hash_size);
  auto file = MappedFile::open(index_path);
  if (!file) return file.error();
  pack.index_file_ = std::move(*file);
  auto index = PackIndex::parse(pack.index_file_.bytes(), hash_size, index_path);
  if (!index) return index.error();
  if (pack.gone_ || !index->has_crcs() || !index->seal_is_right()) {
    return make_error(ErrorCode::corrupt, "the pack is gone, or its index is not to be believed", index_path);
  }
  pack.index_ = *index;
  pack.is_part_ = true;
  pack.end_ = pack.bytes_.size() - std::min(hash_size, pack.bytes_.size());
  pack.add_part(positions);
  pack.build_forest(1);
  return pack;
}

// First what is asked for, so that a base that is one of these is not taken for a mere base.
void PackFile::add_part(const std::vector<std::uint32_t>& positions) {
  std::unordered_set<std::uint64_t> known;
  const auto add = [&](std::optional<std::uint64_t> offset, std::uint32_t position) {
    if (!offset || *offset < kPackHeaderBytes || *offset >= end_ || !known.insert(*offset).second) return;
    entries_.push_back({*offset, position, 0, kNoRank, kNoRank});
  };
  for (const std::uint32_t position : positions) add(index_->offset(position), position);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const std::uint64_t offset = entries_[i].offset;
    const auto header = parse_entry_header(bytes_.substr(offset, end_ - offset), hash_size_);
    if (!header || !header->is_delta) continue;
    if (header->base_distance == 0) {
      const auto position = index_->find(header->base_id);
      if (position) add(index_->offset(*position), kNoPosition);
    } else if (header->base_distance <= offset) {
      add(offset - header->base_distance, kNoPosition);
    }
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.offset < b.offset; });
}

Result<PackFile> PackFile::over(std::string_view bytes, std::string index, std::size_t hash_size,
                                const std::string& path) {
  PackFile pack;
  pack.hash_size_ = hash_size;
  pack.path_ = path;
  pack.bytes_ = bytes;
  pack.own_index_ = std::make_shared<const std::string>(std::move(index));
  auto parsed = PackIndex::parse(*pack.own_index_, hash_size, path);
  if (!parsed) return parsed.error();
  pack.index_ = *parsed;
  pack.arrange(1);
  return pack;
}

// What stands in the header of the pack nobody needs: a byte of it that is damaged costs nothing.
void PackFile::arrange(unsigned threads) {
  end_ = ends_with(bytes_, index_->pack_checksum()) ? bytes_.size() - hash_size_ : bytes_.size();
  sort_entries();
  find_end();
  build_forest(threads);
}

// Where the trailer is damaged or cut off, the last entry would reach over what is left of it.
void PackFile::find_end() {
  if (entries_.empty() || end_ < bytes_.size()) return;
  const auto crc = this->crc(count() - 1);
  if (!crc || *crc == fast_crc32(packed(count() - 1))) return;
  const auto last = entry_at(bytes_, hash_size_, entries_.back().offset);
  if (last) end_ = last->offset + last->size;
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
  if (is_part_) {
    const auto found = std::lower_bound(entries_.begin(), entries_.end(), offset,
                                        [](const Entry& entry, std::uint64_t at) { return entry.offset < at; });
    const bool is_there = found != entries_.end() && found->offset == offset;
    return is_there ? static_cast<Rank>(found - entries_.begin()) : kNoRank;
  }
  for (Rank rank = first_in_block_[offset >> kBlockShift]; rank < count() && entries_[rank].offset <= offset; ++rank) {
    if (entries_[rank].offset == offset) return rank;
  }
  return kNoRank;
}

Rank PackFile::find(std::string_view raw_id) const {
  const auto position = index_->find(raw_id);
  const auto offset = position ? index_->offset(*position) : std::nullopt;
  if (!offset || *offset >= end_) return kNoRank;
  Rank rank = rank_at(*offset);
  // A base of a part need not know its position.
  if (is_part_) return rank;
  while (rank < count() && entries_[rank].offset == *offset && entries_[rank].position != *position) ++rank;
  return rank < count() && entries_[rank].position == *position ? rank : kNoRank;
}

PackFile::Origin PackFile::origin(Rank rank) const {
  Origin origin;
  const std::uint64_t offset = entries_[rank].offset;
  const auto header = parse_entry_header(bytes_.substr(offset, end_ - offset), hash_size_);
  if (!header) return origin;
  origin.whole = !header->is_delta;
  origin.type = header->type;
  if (origin.whole) return origin;
  if (header->base_distance == 0) {
    origin.base = find(header->base_id);
    if (origin.base == kNoRank || origin.base == rank) origin = {false, ObjectType::none, kNoRank, header->base_id};
  } else if (header->base_distance <= offset) {
    origin.base = rank_at(offset - header->base_distance);
  }
  return origin;
}

std::string_view PackFile::packed(Rank rank) const {
  const std::uint64_t begin = entries_[rank].offset;
  // Two entries of a damaged index can name one offset: then the bytes reach to the next other one.
  Rank next = rank + 1;
  while (next < count() && entries_[next].offset == begin) ++next;
  const std::uint64_t end = next < count() ? entries_[next].offset : end_;
  return bytes_.substr(begin, end - begin);
}

Rank PackFile::base_of(Rank rank) const {
  const std::uint64_t offset = entries_[rank].offset;
  const auto header = parse_entry_header(bytes_.substr(offset, end_ - offset), hash_size_);
  if (!header) return kUnread;
  if (!header->is_delta) return kWhole + static_cast<Rank>(header->type);
  const bool named = header->base_distance == 0;
  Rank base = kNoRank;
  if (named) base = find(header->base_id);
  if (!named && header->base_distance <= offset) base = rank_at(offset - header->base_distance);
  if (base == kNoRank || base == rank) return named ? kNotNamed : kNotInside;
  return base;
}

// Reading the headers takes most of the time of opening a pack, and each can be read for itself.
std::vector<Rank> PackFile::read_bases(unsigned threads) const {
  std::vector<Rank> bases(count());
  std::atomic<std::size_t> next{0};
  const auto enough = static_cast<unsigned>(1 + bases.size() / kSlice);
  run_workers(std::clamp(threads, 1U, enough), [&](unsigned) {
    while (true) {
      const std::size_t begin = next.fetch_add(kSlice, std::memory_order_relaxed);
      if (begin >= bases.size()) return;
      for (std::size_t i = begin; i < std::min(begin + kSlice, bases.size()); ++i) {
        bases[i] = base_of(static_cast<Rank>(i));
      }
    }
  });
  return bases;
}

void PackFile::build_forest(unsigned threads) {
  const std::vector<Rank> bases = read_bases(threads);
  bool behind = false;  // whether a base stands behind what is made from it, as only one that is named can
  // From the last to the first, so that lists of children ascend.
  for (Rank rank = count(); rank-- > 0;) {
    const Rank base = bases[rank];
    if (base < count()) {
      behind = behind || base > rank;
      entries_[rank].next_sibling = entries_[base].first_child;
      entries_[base].first_child = rank;
    } else if (base >= kWhole) {
      roots_.push_back({rank, static_cast<ObjectType>(base - kWhole)});
    } else if (base == kUnread) {
      strays_.push_back({rank, "its header in the pack is damaged", {}});
    } else if (base == kNotNamed) {
      strays_.push_back({rank, "its delta base is not in the pack", origin(rank).base_id});
    } else {
      strays_.push_back({rank, "its delta base is no object of the pack", {}});
    }
  }
  std::reverse(roots_.begin(), roots_.end());
  std::reverse(strays_.begin(), strays_.end());
  // Without such a base nothing can form a ring.
  if (behind) break_rings();
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
    const Origin from = origin(rank);
    strays_.push_back(
        {rank, "its delta chain ends in itself", from.base == kNoRank ? from.base_id : raw_id(from.base)});
    entries_[rank].first_child = kNoRank;
  }
}

}  // namespace keytrail::pack
