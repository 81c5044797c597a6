#include "scanner/git/object_store.h"

#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include "scanner/base/file.h"

namespace keytrail::git {
namespace {

namespace fs = std::filesystem;
using core::Skip;
using core::SkipReason;

constexpr std::size_t kMaxAlternatesFile = std::size_t{1} << 20;
constexpr std::size_t kMaxAlternateFolders = 1000;
constexpr std::size_t kChecksum = 20;
constexpr std::size_t kPackHeader = 12;

ObjectType to_type(git_object_t type) {
  switch (type) {
    case GIT_OBJECT_COMMIT:
      return ObjectType::commit;
    case GIT_OBJECT_TREE:
      return ObjectType::tree;
    case GIT_OBJECT_BLOB:
      return ObjectType::blob;
    case GIT_OBJECT_TAG:
      return ObjectType::tag;
    default:
      return ObjectType::unknown;
  }
}

// The folders that `folder`/info/alternates names, relative ones being relative to `folder`.
std::vector<std::string> alternates_of(const std::string& folder) {
  std::vector<std::string> found;
  const Result<std::string> text = read_file(folder + "/info/alternates", kMaxAlternatesFile);
  if (!text) return found;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty() || line[0] == '#') continue;
    found.push_back(line[0] == '/' ? std::string(line) : folder + "/" + std::string(line));
  }
  return found;
}

// Reads `count` bytes at `offset`, from the end when it is negative.
std::optional<std::string> read_at(const std::string& path, off_t offset, std::size_t count) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() || ::lseek(file.get(), offset, offset < 0 ? SEEK_END : SEEK_SET) < 0) return std::nullopt;
  std::string bytes(count, '\0');
  const Result<std::size_t> got = read_fully(file.get(), bytes.data(), count, path);
  if (!got || *got != count) return std::nullopt;
  return bytes;
}

// Why the pack of `index_path` cannot be used, or nothing. libgit2 refuses a whole pack whose end does not fit its
// index, with an error for each object: said once here instead.
std::string pack_fault(const std::string& index_path, const std::string& pack_path) {
  const std::optional<std::string> header = read_at(pack_path, 0, kPackHeader);
  if (!header) return "the pack is missing or cut off";
  if (!header->starts_with("PACK")) return "the pack does not begin like one";
  const std::optional<std::string> wanted = read_at(index_path, -static_cast<off_t>(2 * kChecksum), kChecksum);
  const std::optional<std::string> have = read_at(pack_path, -static_cast<off_t>(kChecksum), kChecksum);
  if (!wanted || !have) return "the pack or its index is cut off";
  return *wanted == *have ? "" : "the pack's end does not fit its index: it is cut off or overwritten";
}

OdbHandle open_odb(const ObjectStore::Place& place) {
  git_odb_backend* backend = nullptr;
  const int code = place.is_pack ? git_odb_backend_one_pack(&backend, place.path.c_str())
                                 : git_odb_backend_loose(&backend, place.path.c_str(), -1, 0, 0, 0);
  if (code != 0) return nullptr;
  git_odb* raw = nullptr;
  if (git_odb_new(&raw) != 0) {
    backend->free(backend);
    return nullptr;
  }
  OdbHandle odb(raw);
  if (git_odb_add_backend(raw, backend, 1) != 0) {
    backend->free(backend);
    return nullptr;
  }
  return odb;
}

int collect(const git_oid* id, void* payload) noexcept {
  static_cast<std::vector<ObjectName>*>(payload)->push_back(ObjectName::from_bytes(id->id));
  return 0;
}

std::string pack_path_of(const std::string& index_path) {
  return index_path.substr(0, index_path.size() - 4) + ".pack";
}

}  // namespace

void ObjectStore::find_places(const std::string& objects_folder, std::vector<Skip>& skips) {
  std::vector<std::string> indexes;
  std::vector<std::string> packs;
  std::error_code error;
  for (fs::directory_iterator entry(objects_folder + "/pack", error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (entry->path().extension() == ".idx") indexes.push_back(entry->path().string());
    if (entry->path().extension() == ".pack") packs.push_back(entry->path().string());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    skips.push_back({SkipReason::unreadable, objects_folder + "/pack", error.message()});
  }
  std::sort(indexes.begin(), indexes.end());
  std::sort(packs.begin(), packs.end());
  for (const std::string& pack : packs) {
    const std::string index = pack.substr(0, pack.size() - 5) + ".idx";
    if (std::binary_search(indexes.begin(), indexes.end(), index)) continue;
    skips.push_back({SkipReason::corrupt_object, pack, "the pack has no index; its objects not scanned"});
  }
  for (std::string& index : indexes) places_.push_back({true, std::move(index), true, 0, 0, nullptr});
  places_.push_back({false, objects_folder, true, 0, 0, nullptr});
}

void ObjectStore::open_pack(Place& place, std::vector<ObjectName>& names) {
  Result<pack::PackFile> pack = pack::PackFile::open(place.path, kChecksum);
  if (!pack || !pack->lost().empty()) return;
  names.reserve(pack->count());
  for (pack::Rank rank = 0; rank < pack->count(); ++rank)
    names.push_back(ObjectName::from_bytes(pack->raw_id(rank).data()));
  place.pack = std::make_shared<const pack::PackFile>(std::move(*pack));
}

void ObjectStore::enumerate(Place& place, std::vector<Skip>& skips) {
  const std::string subject = place.is_pack ? pack_path_of(place.path) : place.path;
  std::vector<ObjectName> names;
  std::string fault;
  if (place.is_pack && reader_ == Reader::pack_walk) open_pack(place, names);
  if (!place.pack) {
    const OdbHandle odb = open_odb(place);
    if (!odb || git_odb_foreach(odb.get(), collect, &names) != 0) fault = library_message();
  }
  if (place.is_pack) {
    const std::string worse = pack_fault(place.path, subject);
    place.readable = fault.empty() && worse.empty();
    if (!place.readable) place.pack.reset();
    if (!worse.empty()) fault = worse;
  } else {
    std::sort(names.begin(), names.end());
  }
  place.begin = objects_.size();
  objects_.reserve(objects_.size() + names.size());
  for (const ObjectName& name : names) objects_.add(name);
  place.end = objects_.size();
  if (fault.empty()) return;
  if (place.readable) {
    skips.push_back({SkipReason::unreadable, subject, fault});
    return;
  }
  // What only this pack has is lost; its index may still tell how much that is.
  const std::string count = names.empty() ? "its objects" : std::to_string(place.end - place.begin) + " objects";
  skips.push_back({SkipReason::corrupt_object, subject, fault + "; " + count + " not scanned"});
}

ObjectStore ObjectStore::open(const std::string& objects_folder, Reader reader, std::vector<Skip>& skips) {
  ObjectStore store;
  store.reader_ = reader;
  std::vector<std::string> folders = {objects_folder};
  std::vector<std::string> seen;
  for (std::size_t i = 0; i < folders.size() && i < kMaxAlternateFolders; ++i) {
    std::error_code error;
    const std::string canonical = fs::canonical(folders[i], error).string();
    if (error) {
      skips.push_back({SkipReason::missing_object, folders[i], "folder of objects: " + error.message()});
      continue;
    }
    if (std::find(seen.begin(), seen.end(), canonical) != seen.end()) continue;
    seen.push_back(canonical);
    store.find_places(canonical, skips);
    for (std::string& other : alternates_of(canonical)) folders.push_back(std::move(other));
  }
  // Places that cannot be read come last, so that what another place has too is not counted as lost.
  std::stable_partition(store.places_.begin(), store.places_.end(), [](const Place& place) {
    return !place.is_pack || pack_fault(place.path, pack_path_of(place.path)).empty();
  });
  for (Place& place : store.places_) store.enumerate(place, skips);
  return store;
}

ObjectNumber ObjectStore::readable_objects() const {
  for (const Place& place : places_) {
    if (!place.readable) return place.begin;
  }
  return objects_.size();
}

ObjectNumber ObjectStore::number_of(std::size_t place, const pack::WalkedObject& walked) const {
  // Objects are numbered by place and rank: where no earlier place had any of them, the number needs no search.
  const Place& where = places_[place];
  if (where.end - where.begin == where.pack->count()) return where.begin + walked.rank;
  const ObjectNumber found = objects_.find(ObjectName::from_bytes(walked.raw_id.data()));
  return found != kNoObject && place_of(found) == place ? found : kNoObject;
}

std::size_t ObjectStore::place_of(ObjectNumber object) const {
  const auto after = std::upper_bound(places_.begin(), places_.end(), object,
                                      [](ObjectNumber number, const Place& place) { return number < place.end; });
  return static_cast<std::size_t>(after - places_.begin());
}

Result<ObjectReader::Object> ObjectReader::read_at(std::size_t place, const ObjectName& name) {
  const ObjectStore::Place& where = store_.places()[place];
  if (!where.is_pack) {
    const Result<LooseReader::Object> object = loose_.read(where.path, name);
    if (!object) return object.error();
    return Object{object->type, object->bytes};
  }
  if (!odbs_[place]) odbs_[place] = open_odb(where);
  if (!odbs_[place]) return library_error(GIT_ERROR, "open the pack", name.hex());
  git_oid id;
  std::copy_n(name.bytes.begin(), sizeof id.id, id.id);
  git_odb_object* raw = nullptr;
  const int code = git_odb_read(&raw, odbs_[place].get(), &id);
  if (code != 0) return library_error(code, "read the object", name.hex());
  current_.reset(raw);
  return Object{to_type(git_odb_object_type(raw)),
                std::string_view(static_cast<const char*>(git_odb_object_data(raw)), git_odb_object_size(raw))};
}

Result<ObjectReader::Object> ObjectReader::read(ObjectNumber object) {
  current_.reset();
  const ObjectName& name = store_.objects().name(object);
  const std::size_t home = store_.place_of(object);
  Result<Object> found = read_at(home, name);
  for (std::size_t place = 0; !found && place < odbs_.size(); ++place) {
    if (place == home || !store_.places()[place].readable) continue;
    Result<Object> other = read_at(place, name);
    if (other) return other;
  }
  return found;
}

Skip skip_of(const Error& error) {
  const bool missing = error.code == ErrorCode::not_found;
  return {missing ? SkipReason::missing_object : SkipReason::corrupt_object, error.subject, error.message};
}

}  // namespace keytrail::git
