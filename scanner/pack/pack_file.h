// One pack: its entries in the order in which they are stored, and which is made from which.
//
// Opening maps pack and index, sorts the entries by offset and reads every entry's header, so that the delta forest is
// known before anything is inflated. Entries are named by their rank in offset order. Immutable afterwards; any thread.
//
// Nothing is wrong enough to be refused as long as there is an index that can be believed: of a pack that is cut off or
// gone all entries are known, and those that are not there are told. An index is believed when its own checksum is
// right; otherwise it is made again from the pack (rebuild_index.h).
// Format: git's Documentation/gitformat-pack.txt.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/mapped_file.h"
#include "scanner/base/result.h"
#include "scanner/pack/pack_index.h"

namespace keytrail::pack {

enum class ObjectType : std::uint8_t { none = 0, commit = 1, tree = 2, blob = 3, tag = 4 };

using Rank = std::uint32_t;
inline constexpr Rank kNoRank = UINT32_MAX;

// What stands in front of an entry's compressed bytes.
struct EntryHeader {
  ObjectType type = ObjectType::none;  // of a whole object
  bool is_delta = false;
  std::uint64_t size = 0;  // of the bytes when inflated
  std::size_t header_bytes = 0;
  std::uint64_t base_distance = 0;  // of a delta whose base stands before it
  std::string_view base_id;         // of a delta whose base is named
};

// `bytes` begin at the entry. Nothing when the header is cut off or of no known type.
std::optional<EntryHeader> parse_entry_header(std::string_view bytes, std::size_t hash_size);

class PackFile {
 public:
  // `path` of the index; the pack stands beside it. Either may be missing. Up to `threads` read the headers, or make a
  // new index. An error when neither the index nor the pack says what is in it.
  static Result<PackFile> open(const std::string& index_path, std::size_t hash_size, unsigned threads = 1);
  // Only these objects, by their positions in the index, and the bases that they are made from: what is not asked for
  // is not looked at. Where an entry ends is not known then: packed() reaches farther, and there is no crc(). An error
  // also when the index is not to be believed.
  static Result<PackFile> open_part(const std::string& index_path, std::size_t hash_size,
                                    const std::vector<std::uint32_t>& positions);
  // From bytes in memory: an index, and a pack that must outlive it.
  static Result<PackFile> over(std::string_view pack, std::string index, std::size_t hash_size,
                               const std::string& path);

  const std::string& path() const { return path_; }
  const PackIndex& index() const { return *index_; }
  std::size_t hash_size() const { return hash_size_; }

  std::uint32_t count() const { return static_cast<std::uint32_t>(entries_.size()); }
  // Empty for a base that was not asked for: see open_part().
  std::string_view raw_id(Rank rank) const {
    return entries_[rank].position == kNoPosition ? std::string_view() : index_->raw_id(entries_[rank].position);
  }
  // The packed bytes of an entry: up to the next one, header included.
  std::string_view packed(Rank rank) const;
  std::optional<std::uint32_t> crc(Rank rank) const {
    return index_->has_crcs() && !is_part_ ? std::optional(entries_[rank].crc) : std::nullopt;
  }

  // The entry of an id; kNoRank when the pack has none, or not at a place inside of it.
  Rank find(std::string_view raw_id) const;
  // What an entry is made from: a rank, or the id of an object that the pack lacks; neither for a whole object, and for
  // one whose header cannot be read or that names no object of the pack (then `whole` is false).
  struct Origin {
    bool whole = false;
    ObjectType type = ObjectType::none;  // of a whole object
    Rank base = kNoRank;
    std::string_view base_id;
  };
  Origin origin(Rank rank) const;

  // Entries that are made from this one, as a list: first_child, then next_sibling of each; ascending.
  Rank first_child(Rank rank) const { return entries_[rank].first_child; }
  Rank next_sibling(Rank rank) const { return entries_[rank].next_sibling; }
  // Entries that are whole objects, in order.
  struct Root {
    Rank rank = 0;
    ObjectType type = ObjectType::none;
  };
  const std::vector<Root>& roots() const { return roots_; }

  // Entries that hang in no tree that begins with a whole object, and why: an unreadable header, a base that this pack
  // lacks. What hangs below them is not listed.
  struct Stray {
    Rank rank = 0;
    std::string what;
    std::string_view base_id;  // of a base that the pack lacks, or that is in a ring with it
  };
  const std::vector<Stray>& strays() const { return strays_; }
  // Entries of the index whose offset lies outside of the pack, by their position in it, and why.
  const std::vector<std::uint32_t>& lost() const { return lost_; }
  const std::string& lost_reason() const { return lost_reason_; }
  // Whether there is no pack to the index, or none that may be read.
  bool is_gone() const { return gone_; }
  // How many objects the pack has, or had, whose ids nobody tells: only where the index was made again from a pack that
  // is damaged too.
  std::uint64_t unnamed() const { return unnamed_; }
  // Whether the index was made again.
  bool index_rebuilt() const { return own_index_ != nullptr; }
  // Whether the index is right and all of its entries lie in the pack.
  bool is_whole() const { return !gone_ && lost_.empty() && !index_rebuilt(); }

 private:
  struct Entry {
    std::uint64_t offset = 0;
    std::uint32_t position = 0;  // in the index
    std::uint32_t crc = 0;       // from there: the walk's order would fetch a line of memory for each
    Rank first_child = kNoRank;
    Rank next_sibling = kNoRank;
  };
  static constexpr std::uint32_t kNoPosition = UINT32_MAX;
  PackFile() = default;
  static PackFile map(const std::string& index_path, std::size_t hash_size);
  Status open_index(const std::string& index_path, unsigned threads);
  void arrange(unsigned threads);
  void sort_entries();
  void add_part(const std::vector<std::uint32_t>& positions);
  void find_end();
  Rank base_of(Rank rank) const;
  std::vector<Rank> read_bases(unsigned threads) const;
  void build_forest(unsigned threads);
  void break_rings();
  Rank rank_at(std::uint64_t offset) const;

  std::string path_;
  std::size_t hash_size_ = 20;
  MappedFile index_file_;
  std::shared_ptr<const std::string> own_index_;  // one that was made again
  MappedFile pack_file_;
  std::string_view bytes_;  // of the pack
  std::optional<PackIndex> index_;
  std::uint64_t end_ = 0;  // of the last entry: the trailer begins here
  std::vector<Entry> entries_;
  std::vector<Rank> first_in_block_;  // by offset / kBlockBytes: the first entry in or behind that block
  std::vector<Root> roots_;
  std::vector<Stray> strays_;
  std::vector<std::uint32_t> lost_;
  std::string lost_reason_ = "it stands beyond the end of its pack";
  bool gone_ = false;
  bool is_part_ = false;
  std::uint64_t unnamed_ = 0;
};

}  // namespace keytrail::pack
