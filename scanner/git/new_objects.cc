#include "scanner/git/new_objects.h"

#include <git2.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "scanner/base/hash.h"
#include "scanner/git/object_store.h"
#include "scanner/pack/pack_walk.h"

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

bool compare_packs(const FolderStamp& before, const FolderStamp& now, std::uint32_t& place, NewFiles& files) {
  std::size_t known = 0;
  for (const PackStamp& pack : now.packs) {
    const auto match = std::find_if(before.packs.begin(), before.packs.end(),
                                    [&](const PackStamp& other) { return other.index_path == pack.index_path; });
    if (match == before.packs.end()) {
      files.new_packs.push_back({&pack, place++});
      continue;
    }
    if (!is_same(*match, pack, files.verified)) return false;
    ++known;
    files.known_packs.push_back({&pack, place++});
  }
  return known == before.packs.size();
}

// Both lists are sorted.
void compare_loose(const FolderStamp& before, const FolderStamp& now, std::uint32_t place, NewFiles& files) {
  NewFiles::Loose known{&now, place, {}};
  NewFiles::Loose fresh{&now, place, {}};
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

PlaceInOrder loose_place(const NewFiles::Loose& loose, const ObjectName& name) {
  const std::vector<ObjectName>& all = loose.folder->loose;
  return {loose.place, static_cast<std::uint64_t>(std::lower_bound(all.begin(), all.end(), name) - all.begin())};
}

}  // namespace

std::optional<NewFiles> compare_files(const std::vector<FolderStamp>& before, const std::vector<FolderStamp>& now) {
  if (before.size() != now.size()) return std::nullopt;
  NewFiles files;
  std::uint32_t place = 0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (before[i].path != now[i].path || !compare_packs(before[i], now[i], place, files)) return std::nullopt;
    compare_loose(before[i], now[i], place++, files);
  }
  std::sort(files.gone_loose.begin(), files.gone_loose.end());
  return files;
}

std::optional<KnownObjects> KnownObjects::open(const NewFiles& files) {
  KnownObjects known;
  for (const NewFiles::Pack& pack : files.known_packs) {
    Result<MappedFile> bytes = MappedFile::open(pack.stamp->index_path);
    if (!bytes) return std::nullopt;
    Result<pack::PackIndex> index = pack::PackIndex::parse(bytes->bytes(), kChecksum, pack.stamp->index_path);
    if (!index) return std::nullopt;
    known.packs_.push_back({pack.stamp->index_path, pack.place, std::move(*bytes), *index, nullptr});
  }
  known.loose_ = files.known_loose;
  known.gone_ = files.gone_loose;
  return known;
}

PlaceInOrder KnownObjects::find(const ObjectName& name) const {
  const std::string_view raw(reinterpret_cast<const char*>(name.bytes.data()), name.bytes.size());
  PlaceInOrder first;
  for (const Pack& pack : packs_) {
    if (pack.place > first.place) continue;
    const auto position = pack.index.find(raw);
    if (position) first = {pack.place, pack.index.offset(*position).value_or(0)};
  }
  for (const NewFiles::Loose& loose : loose_) {
    if (loose.place < first.place && holds(loose.objects, name)) first = loose_place(loose, name);
  }
  if (first.place == PlaceInOrder::kNowhere && holds(gone_, name)) first.place = PlaceInOrder::kGone;
  return first;
}

std::optional<HeldObject> KnownObjects::read(const ObjectName& name) {
  const PlaceInOrder where = find(name);
  for (Pack& pack : packs_) {
    if (pack.place != where.place) continue;
    if (!pack.odb) pack.odb = open_odb({true, pack.path, 0, 0, nullptr});
    return pack.odb ? read_packed(pack.odb.get(), name) : std::nullopt;
  }
  for (const NewFiles::Loose& loose : loose_) {
    if (loose.place != where.place) continue;
    const auto object = reader_.read(loose.folder->path, name);
    if (!object || object->stream != nullptr) return std::nullopt;
    return HeldObject{object->type, std::string(object->bytes)};
  }
  return std::nullopt;
}

class NewObjects::Visitor : public pack::ObjectVisitor {
 public:
  Visitor(NewObjects& objects, const pack::PackFile& pack, std::uint32_t place)
      : objects_(objects), pack_(pack), place_(place) {}

  std::unique_ptr<core::BlobState> visit(unsigned, const pack::WalkedObject& walked) override {
    const auto position = pack_.index().find(walked.raw_id);
    const auto offset = position ? pack_.index().offset(*position) : std::nullopt;
    if (!offset) failed_ = true;
    objects_.add({ObjectName::from_bytes(walked.raw_id.data()),
                  git::to_type(walked.type),
                  std::string(walked.bytes),
                  {place_, offset.value_or(0)},
                  false});
    return nullptr;
  }
  void visit_stream(unsigned, std::string_view, pack::ZlibStream&) override { failed_ = true; }
  void lost(unsigned, std::string_view, bool, const std::string&) override { failed_ = true; }
  bool cancelled() const override { return failed_ || objects_.bytes_ > kMaxBytes; }

 private:
  NewObjects& objects_;
  const pack::PackFile& pack_;
  std::uint32_t place_;
  bool failed_ = false;
};

void NewObjects::add(Object object) {
  const auto [entry, added] = positions_.try_emplace(object.name, objects_.size());
  if (!added) return;
  bytes_ += object.bytes.size();
  objects_.push_back(std::move(object));
}

bool NewObjects::add_pack(const NewFiles::Pack& pack) {
  const Result<pack::PackFile> file = pack::PackFile::open(pack.stamp->index_path, kChecksum);
  if (!file || !file->is_whole() || !file->strays().empty() || file->count() > kMaxObjects) return false;
  Visitor visitor(*this, *file, pack.place);
  pack::WalkOptions options;
  options.commits = options.trees = options.blobs = options.tags = true;
  options.max_object_bytes = kMaxBytes;
  pack::walk_pack(*file, options, visitor);
  return !visitor.cancelled();
}

bool NewObjects::add_loose(const NewFiles::Loose& loose) {
  LooseReader reader;
  for (const ObjectName& name : loose.objects) {
    const auto object = reader.read(loose.folder->path, name);
    if (!object || object->stream != nullptr || object->type == ObjectType::unknown || bytes_ > kMaxBytes) return false;
    add({name, object->type, std::string(object->bytes), loose_place(loose, name), false});
  }
  return true;
}

std::optional<NewObjects> NewObjects::read(const NewFiles& files, const KnownObjects& known) {
  std::uint64_t packed = 0;
  for (const NewFiles::Pack& pack : files.new_packs) packed += pack.stamp->pack.size;
  std::size_t loose_count = 0;
  for (const NewFiles::Loose& loose : files.new_loose) loose_count += loose.objects.size();
  if (packed > kMaxPackBytes || loose_count > kMaxObjects) return std::nullopt;
  NewObjects objects;
  for (const NewFiles::Pack& pack : files.new_packs) {
    if (!objects.add_pack(pack)) return std::nullopt;
  }
  for (const NewFiles::Loose& loose : files.new_loose) {
    if (!objects.add_loose(loose)) return std::nullopt;
  }
  if (objects.objects_.size() > kMaxObjects) return std::nullopt;
  // What is loose no more must stand in a pack that came since.
  for (const ObjectName& gone : files.gone_loose) {
    if (known.find(gone).place == PlaceInOrder::kGone && objects.find(gone) == nullptr) return std::nullopt;
  }
  for (Object& object : objects.objects_) {
    object.known = known.has(object.name);
    object.place = std::min(object.place, known.find(object.name));
  }
  std::sort(objects.objects_.begin(), objects.objects_.end(),
            [](const Object& a, const Object& b) { return a.place < b.place; });
  for (std::size_t i = 0; i < objects.objects_.size(); ++i) objects.positions_[objects.objects_[i].name] = i;
  return objects;
}

const NewObjects::Object* NewObjects::find(const ObjectName& name) const {
  const auto found = positions_.find(name);
  return found == positions_.end() ? nullptr : &objects_[found->second];
}

}  // namespace keytrail::git
