#include "scanner/pack/rebuild_index.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scanner/base/checked.h"
#include "scanner/base/digest.h"
#include "scanner/base/thread.h"
#include "scanner/pack/find_entries.h"
#include "scanner/pack/inflater.h"
#include "scanner/pack/pack_file.h"
#include "scanner/pack/pack_walk.h"

namespace keytrail::pack {
namespace {

constexpr std::size_t kPackHeaderBytes = 12;
constexpr std::size_t kFanout = 256;

constexpr std::uint64_t kNowhere = UINT64_MAX >> 1;

struct Named {
  std::string id;
  std::uint64_t offset = 0;
  std::optional<std::uint32_t> crc;  // nothing: that of the bytes as they are
};

void put32(std::string& out, std::uint64_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFFU);
}

// The reader of an index takes an entry to reach to the next one, over bytes between them that belong to nothing.
void add_checksums(std::vector<Named>& entries, std::string_view pack, std::uint64_t end) {
  std::sort(entries.begin(), entries.end(), [](const Named& a, const Named& b) { return a.offset < b.offset; });
  std::uint64_t next = end;
  for (std::size_t i = entries.size(); i-- > 0;) {
    Named& entry = entries[i];
    if (i + 1 < entries.size() && entries[i + 1].offset != entry.offset) next = std::min(end, entries[i + 1].offset);
    if (!entry.crc) entry.crc = entry.offset < end ? fast_crc32(pack.substr(entry.offset, next - entry.offset)) : 0;
  }
}

// An index of version 2.
std::string write_index(std::vector<Named>& entries, std::string_view pack_checksum, std::size_t hash_size) {
  std::sort(entries.begin(), entries.end(),
            [](const Named& a, const Named& b) { return std::tie(a.id, a.offset) < std::tie(b.id, b.offset); });
  std::string out("\377tOc\0\0\0\2", 8);
  std::size_t next = 0;
  for (std::size_t first = 0; first < kFanout; ++first) {
    while (next < entries.size() && static_cast<std::uint8_t>(entries[next].id[0]) <= first) ++next;
    put32(out, next);
  }
  for (const Named& entry : entries) out += entry.id;
  for (const Named& entry : entries) put32(out, entry.crc.value_or(0));
  std::string far;
  for (const Named& entry : entries) {
    if (entry.offset < 0x80000000U) {
      put32(out, entry.offset);
    } else {
      put32(out, 0x80000000U | far.size() / 8);
      put32(far, entry.offset >> 32);
      put32(far, entry.offset & 0xFFFFFFFFU);
    }
  }
  out += far;
  out += pack_checksum;
  Digest seal(hash_size);
  seal.add(out);
  return out + seal.finish();
}

// Until an entry has its id its number stands for it.
std::string provisional_id(std::size_t number, std::size_t hash_size) {
  std::string id(hash_size - 4, '\0');
  put32(id, number);
  return id;
}

std::size_t number_of(std::string_view provisional) {
  return ByteReader(provisional.substr(provisional.size() - 4)).u32().value_or(0);
}

const char* word_for(ObjectType type) {
  switch (type) {
    case ObjectType::commit:
      return "commit ";
    case ObjectType::tree:
      return "tree ";
    case ObjectType::tag:
      return "tag ";
    default:
      return "blob ";
  }
}

// Gives objects their ids.
class Namer : public ObjectVisitor {
 public:
  Namer(const PackFile& pack, unsigned threads) : pack_(pack), ids_(pack.count()), just_named_(threads) {
    for (unsigned i = 0; i < threads; ++i) digests_.emplace_back(pack.hash_size());
    for (const PackFile::Stray& stray : pack.strays()) {
      if (!stray.base_id.empty()) waiting_[std::string(stray.base_id)].push_back(stray.rank);
    }
  }

  std::unique_ptr<ObjectState> visit(unsigned worker, const WalkedObject& object) override {
    Digest& digest = digests_[worker];
    digest.add(word_for(object.type) + std::to_string(object.bytes.size()) + '\0');
    digest.add(object.bytes);
    name(worker, object.raw_id, digest.finish());
    return nullptr;
  }

  void visit_stream(unsigned worker, std::string_view raw_id, ZlibStream& bytes) override {
    // The size stands before the bytes; it is the one that the stream is held to.
    const Rank rank = pack_.find(raw_id);
    const auto header = parse_entry_header(pack_.packed(rank), pack_.hash_size());
    if (!header) return;
    Digest& digest = digests_[worker];
    digest.add("blob " + std::to_string(header->size) + '\0');
    std::string piece(std::size_t{1} << 20, '\0');
    while (true) {
      const auto got = bytes.read(piece.data(), piece.size());
      if (!got || *got == 0) break;
      digest.add(std::string_view(piece).substr(0, *got));
    }
    const std::string id = digest.finish();
    if (bytes.at_end() && !bytes.failure()) name(worker, raw_id, id);
  }

  std::vector<Rank> adopted(unsigned worker) override {
    if (waiting_.empty()) return {};
    const MutexLock lock(mutex_);
    const auto found = waiting_.find(just_named_[worker]);
    if (found == waiting_.end()) return {};
    // Another entry with the same bytes must not have them again.
    return std::exchange(found->second, {});
  }

  void lost(unsigned, std::string_view, bool, const std::string&) override {}
  bool cancelled() const override { return false; }

  // By number; empty: nobody knows.
  std::vector<std::string>& ids() { return ids_; }

 private:
  void name(unsigned worker, std::string_view raw_id, std::string id) {
    just_named_[worker] = id;
    ids_[number_of(raw_id)] = std::move(id);
  }

  const PackFile& pack_;
  std::vector<std::string> ids_;
  std::vector<std::string> just_named_;  // by worker
  std::vector<Digest> digests_;          // by worker
  Mutex mutex_;
  // By base. No key is added or taken away once the walk has begun.
  std::unordered_map<std::string, std::vector<Rank>> waiting_;
};

// The ids of the entries, by number; what cannot be expanded has none.
std::vector<std::string> ids_of(std::string_view pack_bytes, const std::vector<FoundEntry>& found,
                                std::string_view checksum, std::size_t hash_size, unsigned threads, std::uint64_t end) {
  std::vector<Named> provisional;
  for (std::size_t i = 0; i < found.size(); ++i) {
    provisional.push_back({provisional_id(i, hash_size), found[i].offset, {}});
  }
  add_checksums(provisional, pack_bytes, end);
  const auto pack = PackFile::over(pack_bytes, write_index(provisional, checksum, hash_size), hash_size, "");
  if (!pack) return std::vector<std::string>(found.size());
  Namer namer(*pack, threads);
  WalkOptions options;
  options.threads = threads;
  options.commits = options.trees = options.blobs = options.tags = options.adopt = true;
  walk_pack(*pack, options, namer);
  std::vector<std::string> ids = std::move(namer.ids());
  ids.resize(found.size());
  return ids;
}

// Where the old index says that entries begin, ascending.
std::vector<std::uint64_t> offsets_in(const PackIndex* old, std::uint64_t end) {
  std::vector<std::uint64_t> offsets;
  for (std::uint32_t position = 0; old != nullptr && position < old->count(); ++position) {
    const auto offset = old->offset(position);
    if (offset && *offset >= kPackHeaderBytes && *offset < end) offsets.push_back(*offset);
  }
  std::sort(offsets.begin(), offsets.end());
  return offsets;
}

// What the old index knows and the pack did not give. Where it puts an entry into the middle of another, which is
// there, it is wrong: that one is nowhere.
void add_from_old(const PackIndex& old, const std::vector<FoundEntry>& found, std::vector<Named>& entries) {
  std::set<std::string> known;
  std::set<std::uint64_t> taken;
  for (const Named& entry : entries) {
    known.insert(entry.id);
    taken.insert(entry.offset);
  }
  for (std::uint32_t position = 0; position < old.count(); ++position) {
    const std::string id(old.raw_id(position));
    std::uint64_t offset = old.offset(position).value_or(kNowhere);
    if (taken.contains(offset) || !known.insert(id).second) continue;
    const auto after = std::upper_bound(found.begin(), found.end(), offset,
                                        [](std::uint64_t at, const FoundEntry& entry) { return at < entry.offset; });
    if (after != found.begin()) {
      const FoundEntry& before = *std::prev(after);
      if (offset > before.offset && offset < before.offset + before.size) offset = kNowhere;
    }
    entries.push_back({id, offset, old.crc(position)});
  }
}

bool is_contiguous(const std::vector<FoundEntry>& found) {
  std::uint64_t next = kPackHeaderBytes;
  for (const FoundEntry& entry : found) {
    if (entry.offset != next) return false;
    next = entry.offset + entry.size;
  }
  return true;
}

// How many entries there must be beyond those that are named, at least: what the header says, if it is one, or the old
// index. Where neither can be right there is one.
std::uint64_t missing_names(std::string_view pack, std::size_t found, std::size_t named, const PackIndex* old) {
  const bool has_header = pack.starts_with(std::string_view("PACK\0\0\0", 7));
  std::uint64_t total = old == nullptr ? 0 : old->count();
  if (has_header) total = std::max<std::uint64_t>(total, ByteReader(pack.substr(8)).u32().value_or(0));
  if (total < found || total == 0) return std::max<std::uint64_t>(1, found > named ? found - named : 0);
  return total > named ? total - named : 0;
}

}  // namespace

RebuiltIndex rebuild_index(std::string_view pack, std::size_t hash_size, const PackIndex* old, unsigned threads) {
  threads = std::max(1U, threads);
  const std::string_view checksum = pack.substr(pack.size() - std::min(pack.size(), hash_size));
  // A pack that is whole ends with its checksum; of one that is cut off the last bytes are an entry's.
  const std::vector<FoundEntry> found = find_entries(pack, hash_size, offsets_in(old, pack.size()));
  const bool whole = !found.empty() && found.back().offset + found.back().size + hash_size == pack.size();
  const std::string seal = whole ? std::string(checksum) : std::string(hash_size, '\0');
  const std::uint64_t end = whole ? pack.size() - hash_size : pack.size();
  std::vector<std::string> ids = ids_of(pack, found, seal, hash_size, threads, end);
  std::vector<Named> entries;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!ids[i].empty()) entries.push_back({std::move(ids[i]), found[i].offset, {}});
  }
  const bool all_named = entries.size() == found.size();
  if (old != nullptr) add_from_old(*old, found, entries);
  RebuiltIndex rebuilt;
  const bool complete = whole && all_named && is_contiguous(found);
  if (!complete) rebuilt.unnamed = missing_names(pack, found.size(), entries.size(), old);
  add_checksums(entries, pack, end);
  rebuilt.bytes = write_index(entries, seal, hash_size);
  return rebuilt;
}

}  // namespace keytrail::pack
