#include "scanner/git/packed_delivery.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>

#include "scanner/base/mapped_file.h"
#include "scanner/git/raw_objects.h"
#include "scanner/pack/pack_walk.h"

namespace keytrail::git {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashSize = 20;
constexpr std::size_t kFewest = 64;
constexpr std::size_t kMostPacks = 32;
// The checksum of an index costs as much for this many entries as reading one object on its own.
constexpr std::size_t kEntriesForOne = 4000;

pack::ObjectType type_of(const core::BlobOrigin& origin) {
  if (origin.kind == core::BlobKind::commit_message) return pack::ObjectType::commit;
  if (origin.kind == core::BlobKind::tag_message) return pack::ObjectType::tag;
  return pack::ObjectType::blob;
}

std::string_view raw(const ObjectName& name) {
  return {reinterpret_cast<const char*>(name.bytes.data()), name.bytes.size()};
}

// The largest first. Of a folder with very many packs some are left out: each of them is asked for each object.
std::vector<std::string> indexes_in(const std::string& folder) {
  std::vector<std::pair<std::uintmax_t, std::string>> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder + "/pack", error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    std::error_code unknown;
    if (entry->path().extension() == ".idx") found.emplace_back(entry->file_size(unknown), entry->path().string());
  }
  std::sort(found.begin(), found.end(), std::greater<>());
  found.resize(std::min(found.size(), kMostPacks));
  std::vector<std::string> paths;
  paths.reserve(found.size());
  for (auto& [size, path] : found) paths.push_back(std::move(path));
  return paths;
}

// What of the deliveries is still to be handed over.
class Todo {
 public:
  explicit Todo(const std::vector<Delivery>& deliveries) : deliveries_(deliveries), done_(deliveries.size(), 0) {}

  // Where those stand that `index` has.
  std::vector<std::uint32_t> positions_in(const pack::PackIndex& index) const {
    std::vector<std::uint32_t> positions;
    for (std::size_t i = 0; i < deliveries_.size(); ++i) {
      const auto position = done_[i] == 0 ? index.find(raw(deliveries_[i].object)) : std::nullopt;
      if (position) positions.push_back(*position);
    }
    return positions;
  }

  // The entries of `pack` that are wanted, with the number of the delivery of each, by rank; each entry once.
  std::vector<std::pair<pack::Rank, std::size_t>> entries_in(const pack::PackFile& pack) const {
    std::vector<std::pair<pack::Rank, std::size_t>> entries;
    for (std::size_t i = 0; i < deliveries_.size(); ++i) {
      const pack::Rank rank = done_[i] == 0 ? pack.find(raw(deliveries_[i].object)) : pack::kNoRank;
      if (rank != pack::kNoRank) entries.emplace_back(rank, i);
    }
    std::sort(entries.begin(), entries.end());
    const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
    entries.erase(std::unique(entries.begin(), entries.end(), same), entries.end());
    return entries;
  }

  const Delivery& operator[](std::size_t i) const { return deliveries_[i]; }
  // From any thread, for different ones.
  void set_done(std::size_t i) { done_[i] = 1; }
  bool is_done(std::size_t i) const { return done_[i] != 0; }

 private:
  const std::vector<Delivery>& deliveries_;
  std::vector<std::uint8_t> done_;
};

class Visitor : public pack::ObjectVisitor {
 public:
  Visitor(Todo& todo, std::vector<std::pair<pack::Rank, std::size_t>> entries, core::Sink& sink)
      : todo_(todo), entries_(std::move(entries)), sink_(sink) {}

  std::unique_ptr<core::BlobState> visit(unsigned worker, const pack::WalkedObject& walked) override {
    const auto entry = std::lower_bound(entries_.begin(), entries_.end(), std::pair{walked.rank, std::size_t{0}});
    const Delivery& delivery = todo_[entry->second];
    if (walked.type != type_of(delivery.origin)) return nullptr;
    todo_.set_done(entry->second);
    if (walked.type == pack::ObjectType::blob) {
      return sink_.derived_blob(worker, {walked.bytes, &delivery.origin},
                                {walked.base, walked.base_size, walked.copies, walked.is_base});
    }
    std::string_view message = walked.bytes;
    if (walked.type == pack::ObjectType::commit) {
      if (const std::optional<RawCommit> commit = parse_commit(message)) message = commit->message;
    } else if (const std::optional<RawTag> tag = parse_tag(message)) {
      message = tag->message;
    }
    sink_.blob(worker, {message, &delivery.origin});
    return nullptr;
  }
  void visit_stream(unsigned, std::string_view, pack::ZlibStream&) override {}
  void lost(unsigned, std::string_view, bool, const std::string&) override {}
  bool cancelled() const override { return sink_.cancelled(); }

 private:
  Todo& todo_;
  std::vector<std::pair<pack::Rank, std::size_t>> entries_;
  core::Sink& sink_;
};

// What of a pack is to be walked; nothing when it is not worth it.
std::vector<std::uint32_t> positions_in(const std::string& index_path, const Todo& todo) {
  const Result<MappedFile> bytes = MappedFile::open(index_path);
  if (!bytes) return {};
  const Result<pack::PackIndex> index = pack::PackIndex::parse(bytes->bytes(), kHashSize, index_path);
  if (!index) return {};
  std::vector<std::uint32_t> positions = todo.positions_in(*index);
  if (positions.size() < kFewest || positions.size() < index->count() / kEntriesForOne) positions.clear();
  return positions;
}

void walk(const std::string& index_path, Todo& todo, core::Sink& sink, unsigned threads) {
  const std::vector<std::uint32_t> positions = positions_in(index_path, todo);
  if (positions.empty()) return;
  const Result<pack::PackFile> pack = pack::PackFile::open_part(index_path, kHashSize, positions);
  if (!pack) return;
  auto entries = todo.entries_in(*pack);
  std::vector<pack::Rank> ranks;
  ranks.reserve(entries.size());
  for (const auto& [rank, number] : entries) ranks.push_back(rank);
  const pack::Selection only(*pack, ranks);
  pack::WalkOptions options;
  options.threads = threads;
  options.commits = options.blobs = options.tags = true;
  options.only = &only;
  Visitor visitor(todo, std::move(entries), sink);
  pack::walk_pack(*pack, options, visitor);
}

}  // namespace

std::vector<Delivery> deliver_packed(const std::vector<std::string>& folders, std::vector<Delivery> deliveries,
                                     core::Sink& sink, unsigned threads) {
  if (deliveries.size() < kFewest) return deliveries;
  Todo todo(deliveries);
  for (const std::string& folder : folders) {
    for (const std::string& index_path : indexes_in(folder)) walk(index_path, todo, sink, threads);
  }
  std::vector<Delivery> left;
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    if (!todo.is_done(i)) left.push_back(std::move(deliveries[i]));
  }
  return left;
}

}  // namespace keytrail::git
