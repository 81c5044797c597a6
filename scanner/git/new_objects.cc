#include "scanner/git/new_objects.h"

#include <git2.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "scanner/base/hash.h"
#include "scanner/git/object_store.h"
#include "scanner/pack/pack_walk.h"
#include "scanner/pack/verify.h"

namespace keytrail::git {
namespace {

constexpr std::size_t kMaxObjects = 30'000;
constexpr std::uint64_t kMaxBytes = std::uint64_t{512} << 20;
constexpr std::uint64_t kMaxPackBytes = std::uint64_t{64} << 20;
constexpr std::size_t kChecksum = 20;

// Whether the last 20 bytes of a file are the SHA-1 of the others.
bool ends_in_its_checksum(const std::string& path) {
  const Result<MappedFile> file = MappedFile::open(path);
  if (!file || file->bytes().size() < kChecksum) return false;
  const std::string_view body = file->bytes().substr(0, file->bytes().size() - kChecksum);
  const Sha1Digest digest = sha1(body);
  return std::memcmp(digest.data(), file->bytes().data() + body.size(), kChecksum) == 0;
}

// git sets the times of a pack anew when it wants to write an object that is in it; a copied repository has new ones
// for all. What the earlier sweep read whole and still has its checksum is the same.
bool is_same(const PackStamp& before, const PackStamp& now, bool& verified) {
  if (before == now) return true;
  if (before.checksums != now.checksums || before.pack.size != now.pack.size || before.index.size != now.index.size) {
    return false;
  }
  verified = true;
  const std::string pack = now.index_path.substr(0, now.index_path.size() - 4) + ".pack";
  return (before.index == now.index || ends_in_its_checksum(now.index_path)) &&
         (before.pack == now.pack || ends_in_its_checksum(pack));
}

bool compare_packs(const FolderStamp& before, const FolderStamp& now, NewFiles& files) {
  std::size_t known = 0;
  for (const PackStamp& pack : now.packs) {
    const auto match = std::find_if(before.packs.begin(), before.packs.end(),
                                    [&](const PackStamp& other) { return other.index_path == pack.index_path; });
    if (match == before.packs.end()) {
      files.new_packs.push_back(&pack);
      continue;
    }
    if (!is_same(*match, pack, files.verified)) return false;
    ++known;
    files.known_packs.push_back(&pack);
  }
  files.repacked = files.repacked || known < before.packs.size();
  return true;
}

// Both lists are sorted.
void compare_loose(const FolderStamp& before, const FolderStamp& now, NewFiles& files) {
  NewFiles::Loose known{&now, {}};
  NewFiles::Loose fresh{&now, {}};
  std::size_t i = 0;
  for (std::size_t j = 0; j < now.loose.size(); ++j) {
    for (; i < before.loose.size() && before.loose[i] < now.loose[j]; ++i) files.gone_loose.push_back(before.loose[i]);
    const bool had = i < before.loose.size() && before.loose[i] == now.loose[j];
    const bool same = had && before.loose_stamps[i] == now.loose_stamps[j];
    if (had) known.objects.push_back(now.loose[j]);
    if (!same) fresh.objects.push_back(now.loose[j]);
    if (had) ++i;
  }
  for (; i < before.loose.size(); ++i) files.gone_loose.push_back(before.loose[i]);
  files.known_loose.push_back(std::move(known));
  files.new_loose.push_back(std::move(fresh));
}

std::optional<HeldObject> read_packed(git_odb* odb, const ObjectName& name) {
  git_oid id;
  std::copy_n(name.bytes.begin(), sizeof id.id, id.id);
  git_odb_object* raw = nullptr;
  if (git_odb_read(&raw, odb, &id) != 0) return std::nullopt;
  const OdbObjectHandle object(raw);
  return HeldObject{object_type(git_odb_object_type(raw)),
                    std::string(static_cast<const char*>(git_odb_object_data(raw)), git_odb_object_size(raw))};
}

bool holds(const std::vector<ObjectName>& sorted, const ObjectName& name) {
  return std::binary_search(sorted.begin(), sorted.end(), name);
}

std::string_view raw(const ObjectName& name) {
  return {reinterpret_cast<const char*>(name.bytes.data()), name.bytes.size()};
}

}  // namespace

std::optional<NewFiles> compare_files(const std::vector<FolderStamp>& before, const std::vector<FolderStamp>& now) {
  if (before.size() != now.size()) return std::nullopt;
  NewFiles files;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (before[i].path != now[i].path || !compare_packs(before[i], now[i], files)) return std::nullopt;
    compare_loose(before[i], now[i], files);
  }
  std::sort(files.gone_loose.begin(), files.gone_loose.end());
  std::uint64_t packed = 0;
  for (const PackStamp* pack : files.new_packs) packed += pack->pack.size;
  files.repacked = files.repacked || packed > kMaxPackBytes;
  return files;
}

bool KnownObjects::add(const PackStamp& pack) {
  Result<MappedFile> bytes = MappedFile::open(pack.index_path);
  if (!bytes) return false;
  Result<pack::PackIndex> index = pack::PackIndex::parse(bytes->bytes(), kChecksum, pack.index_path);
  if (!index) return false;
  packs_.push_back({pack.index_path, std::move(*bytes), *index, nullptr});
  return true;
}

std::optional<KnownObjects> KnownObjects::open(const NewFiles& files, const KnownIds* ids) {
  KnownObjects known;
  known.ids_ = ids;
  std::vector<const PackStamp*> packs = files.known_packs;
  if (ids != nullptr) packs.insert(packs.end(), files.new_packs.begin(), files.new_packs.end());
  for (const PackStamp* pack : packs) {
    if (!known.add(*pack)) return std::nullopt;
  }
  known.loose_ = files.known_loose;
  // What was packed and is loose now is known too.
  if (ids != nullptr) known.loose_.insert(known.loose_.end(), files.new_loose.begin(), files.new_loose.end());
  known.gone_ = files.gone_loose;
  return known;
}

bool KnownObjects::is_there(const ObjectName& name) const {
  const auto in_pack = [&](const Pack& pack) { return pack.index.find(raw(name)).has_value(); };
  const auto in_folder = [&](const NewFiles::Loose& loose) { return holds(loose.objects, name); };
  return std::any_of(packs_.begin(), packs_.end(), in_pack) || std::any_of(loose_.begin(), loose_.end(), in_folder);
}

bool KnownObjects::has(const ObjectName& name) const {
  return ids_ != nullptr ? ids_->has(name) : is_there(name) || holds(gone_, name);
}

bool KnownObjects::is_gone(const ObjectName& name) const { return holds(gone_, name) && !is_there(name); }

std::optional<HeldObject> KnownObjects::read(const ObjectName& name) {
  for (Pack& pack : packs_) {
    if (!pack.index.find(raw(name))) continue;
    if (!pack.odb) pack.odb = open_odb({true, pack.path, 0, 0, nullptr});
    return pack.odb ? read_packed(pack.odb.get(), name) : std::nullopt;
  }
  for (const NewFiles::Loose& loose : loose_) {
    if (!holds(loose.objects, name)) continue;
    const auto object = reader_.read(loose.folder->path, name);
    if (!object || object->stream != nullptr) return std::nullopt;
    return HeldObject{object->type, std::string(object->bytes)};
  }
  return std::nullopt;
}

class NewObjects::Visitor : public pack::ObjectVisitor {
 public:
  explicit Visitor(NewObjects& objects) : objects_(objects) {}

  std::unique_ptr<core::BlobState> visit(unsigned, const pack::WalkedObject& walked) override {
    objects_.add(
        {ObjectName::from_bytes(walked.raw_id.data()), git::to_type(walked.type), std::string(walked.bytes), false});
    return nullptr;
  }
  void visit_stream(unsigned, std::string_view, pack::ZlibStream&) override { failed_ = true; }
  void lost(unsigned, std::string_view, bool, const std::string&) override { failed_ = true; }
  bool cancelled() const override { return failed_ || objects_.bytes_ > kMaxBytes; }

 private:
  NewObjects& objects_;
  bool failed_ = false;
};

void NewObjects::add(Object object) {
  const auto [entry, added] = positions_.try_emplace(object.name, objects_.size());
  if (!added) return;
  bytes_ += object.bytes.size();
  objects_.push_back(std::move(object));
}

bool NewObjects::walk(const pack::PackFile& pack, const pack::Selection* only) {
  Visitor visitor(*this);
  pack::WalkOptions options;
  options.commits = options.trees = options.blobs = options.tags = true;
  options.max_object_bytes = kMaxBytes;
  options.only = only;
  pack::walk_pack(pack, options, visitor);
  return !visitor.cancelled();
}

bool NewObjects::add_pack(const PackStamp& stamp) {
  const Result<pack::PackFile> file = pack::PackFile::open(stamp.index_path, kChecksum);
  if (!file || !file->is_whole() || !file->strays().empty() || file->count() > kMaxObjects) return false;
  return walk(*file, nullptr);
}

// The objects of a pack that are not known.
bool NewObjects::add_new_of(const PackStamp& stamp, KnownIds::Seen& seen, unsigned threads) {
  const Result<pack::PackFile> file = pack::PackFile::open(stamp.index_path, kChecksum, threads);
  if (!file || !file->is_whole() || !file->strays().empty()) return false;
  const std::vector<std::uint32_t> fresh = seen.add(file->index());
  // What nobody expands now was expanded from other packs: that the bytes are those that git wrote is all there is to
  // ask.
  if (fresh.size() > kMaxObjects || !pack::has_right_checksums(*file, threads)) return false;
  if (fresh.empty()) return true;
  std::vector<pack::Rank> ranks;
  ranks.reserve(fresh.size());
  for (const std::uint32_t position : fresh) ranks.push_back(file->find(file->index().raw_id(position)));
  const pack::Selection only(*file, ranks);
  return walk(*file, &only);
}

bool NewObjects::add_packs_made_anew(const NewFiles& files, const KnownIds& ids, unsigned threads) {
  KnownIds::Seen seen(ids);
  for (const PackStamp* stamp : files.new_packs) {
    if (!add_new_of(*stamp, seen, threads)) return false;
  }
  for (const PackStamp* stamp : files.known_packs) {
    const Result<MappedFile> bytes = MappedFile::open(stamp->index_path);
    if (!bytes) return false;
    const Result<pack::PackIndex> index = pack::PackIndex::parse(bytes->bytes(), kChecksum, stamp->index_path);
    if (!index) return false;
    (void)seen.add(*index);
  }
  for (const NewFiles::Loose& loose : files.known_loose) {
    for (const ObjectName& name : loose.folder->loose) seen.add(name);
  }
  return seen.all();
}

bool NewObjects::add_loose(const NewFiles::Loose& loose) {
  LooseReader reader;
  for (const ObjectName& name : loose.objects) {
    const auto object = reader.read(loose.folder->path, name);
    if (!object || object->stream != nullptr || object->type == ObjectType::unknown || bytes_ > kMaxBytes) return false;
    add({name, object->type, std::string(object->bytes), false});
  }
  return true;
}

std::optional<NewObjects> NewObjects::read(const NewFiles& files, const KnownObjects& known, const KnownIds* ids,
                                           unsigned threads) {
  std::size_t loose_count = 0;
  for (const NewFiles::Loose& loose : files.new_loose) loose_count += loose.objects.size();
  if (loose_count > kMaxObjects) return std::nullopt;
  NewObjects objects;
  if (ids != nullptr && !objects.add_packs_made_anew(files, *ids, threads)) return std::nullopt;
  if (ids == nullptr) {
    for (const PackStamp* stamp : files.new_packs) {
      if (!objects.add_pack(*stamp)) return std::nullopt;
    }
  }
  for (const NewFiles::Loose& loose : files.new_loose) {
    if (!objects.add_loose(loose)) return std::nullopt;
  }
  if (objects.objects_.size() > kMaxObjects) return std::nullopt;
  // What is loose no more must stand in a pack that came since.
  for (const ObjectName& gone : files.gone_loose) {
    if (ids == nullptr && known.is_gone(gone) && objects.find(gone) == nullptr) return std::nullopt;
  }
  for (Object& object : objects.objects_) object.known = known.has(object.name);
  return objects;
}

const NewObjects::Object* NewObjects::find(const ObjectName& name) const {
  const auto found = positions_.find(name);
  return found == positions_.end() ? nullptr : &objects_[found->second];
}

}  // namespace keytrail::git
