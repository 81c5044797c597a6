#include "scanner/git/object_store.h"

#include <git2.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "scanner/base/file.h"

namespace keytrail::git {
namespace {

namespace fs = std::filesystem;
using core::Skip;
using core::SkipReason;

constexpr std::size_t kMaxAlternatesFile = std::size_t{1} << 20;
constexpr std::size_t kMaxAlternateFolders = 1000;
constexpr std::size_t kHashSize = 20;

int collect(const git_oid* id, void* payload) noexcept {
  static_cast<std::vector<ObjectName>*>(payload)->push_back(ObjectName::from_bytes(id->id));
  return 0;
}

std::string stem_of(const fs::path& path) { return (path.parent_path() / path.stem()).string(); }

}  // namespace

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

bool ObjectStore::find_packs(const std::string& objects_folder, std::vector<Skip>& skips) {
  std::vector<std::string> stems;
  std::error_code error;
  for (fs::directory_iterator entry(objects_folder + "/pack", error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const std::string extension = entry->path().extension().string();
    if (extension == ".idx" || extension == ".pack") stems.push_back(stem_of(entry->path()));
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    skips.push_back({SkipReason::unreadable, objects_folder + "/pack", error.message()});
  }
  std::sort(stems.begin(), stems.end());
  stems.erase(std::unique(stems.begin(), stems.end()), stems.end());
  const std::size_t before = places_.size();
  for (const std::string& stem : stems) {
    const std::string index = stem + ".idx";
    const auto same = [&index](const Place& place) { return place.path == index; };
    if (std::none_of(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(before), same)) {
      places_.push_back({true, index, 0, 0, nullptr});
    }
  }
  return places_.size() > before;
}

void ObjectStore::find_places(const std::string& objects_folder, std::vector<Skip>& skips) {
  folders_.push_back(objects_folder);
  find_packs(objects_folder, skips);
  places_.push_back({false, objects_folder, 0, 0, nullptr});
}

// False when neither the index nor the pack is there any more.
bool ObjectStore::open_pack(Place& place, std::vector<ObjectName>& names, std::vector<Skip>& skips) {
  const std::string path = place.path.substr(0, place.path.size() - 4) + ".pack";
  Result<pack::PackFile> pack = pack::PackFile::open(place.path, kHashSize, threads_);
  if (!pack && pack.error().code == ErrorCode::not_found) return false;
  if (!pack) {
    skips.push_back({SkipReason::corrupt_object, path, pack.error().message + "; its objects not scanned"});
    return true;
  }
  names.reserve(pack->index().count());
  for (pack::Rank rank = 0; rank < pack->count(); ++rank) {
    names.push_back(ObjectName::from_bytes(pack->raw_id(rank).data()));
  }
  for (const std::uint32_t position : pack->lost()) {
    names.push_back(ObjectName::from_bytes(pack->index().raw_id(position).data()));
  }
  if (pack->unnamed() > 0) {
    skips.push_back({SkipReason::corrupt_object, path,
                     "the pack is damaged and so is its index, or there is none: at least " +
                         std::to_string(pack->unnamed()) +
                         " objects not scanned, whose names nobody knows; restore the two files from another clone"});
  }
  if (!pack->is_whole()) damaged_ = true;
  place.pack = std::make_shared<const pack::PackFile>(std::move(*pack));
  return true;
}

void ObjectStore::enumerate(Place& place, std::vector<Skip>& skips) {
  std::vector<ObjectName> names;
  if (place.is_pack && reader_ == Reader::pack_walk) {
    if (!open_pack(place, names, skips) || (place.pack && place.pack->is_gone())) vanished_.push_back(place.path);
  } else {
    const OdbHandle odb = open_odb(place);
    if (!odb || git_odb_foreach(odb.get(), collect, &names) != 0) {
      const SkipReason reason = place.is_pack ? SkipReason::corrupt_object : SkipReason::unreadable;
      skips.push_back({reason, place.path, library_message()});
    }
    if (!place.is_pack) std::sort(names.begin(), names.end());
  }
  place.begin = objects_.size();
  objects_.reserve(objects_.size() + names.size());
  for (const ObjectName& name : names) objects_.add(name);
  place.end = objects_.size();
}

// Where nothing has come in the place of what went, it is not known what went.
void ObjectStore::list_again(std::vector<Skip>& skips) {
  const std::size_t before = places_.size();
  for (const std::string& folder : folders_) find_packs(folder, skips);
  if (places_.size() > before) {
    for (std::size_t i = before; i < places_.size(); ++i) enumerate(places_[i], skips);
    return;
  }
  for (const std::string& path : vanished_) {
    const auto same = [&path](const Place& place) { return place.path == path; };
    const auto place = std::find_if(places_.begin(), places_.end(), same);
    if (place->pack == nullptr) skips.push_back({SkipReason::vanished, path, "the pack went while it was opened"});
  }
}

ObjectStore ObjectStore::open(const std::string& objects_folder, Reader reader, std::vector<Skip>& skips,
                              unsigned threads) {
  ObjectStore store;
  store.reader_ = reader;
  store.threads_ = threads;
  std::vector<std::string> folders = {objects_folder};
  for (std::size_t i = 0; i < folders.size() && i < kMaxAlternateFolders; ++i) {
    std::error_code error;
    const std::string canonical = fs::canonical(folders[i], error).string();
    if (error) {
      skips.push_back({SkipReason::missing_object, folders[i], "folder of objects: " + error.message()});
      continue;
    }
    if (std::find(store.folders_.begin(), store.folders_.end(), canonical) != store.folders_.end()) continue;
    store.find_places(canonical, skips);
    for (std::string& other : alternates_of(canonical)) folders.push_back(std::move(other));
  }
  const std::size_t listed = store.places_.size();
  for (std::size_t i = 0; i < listed; ++i) store.enumerate(store.places_[i], skips);
  if (!store.vanished_.empty()) store.list_again(skips);
  return store;
}

ObjectNumber ObjectStore::number_of(std::size_t place, const pack::WalkedObject& walked) const {
  // Objects are numbered by place and rank: where no earlier place had any of them, the number needs no search.
  const Place& where = places_[place];
  if (where.end - where.begin == where.pack->count() && where.pack->lost().empty()) return where.begin + walked.rank;
  return objects_.find(ObjectName::from_bytes(walked.raw_id.data()));
}

std::size_t ObjectStore::place_of(ObjectNumber object) const {
  const auto after = std::upper_bound(places_.begin(), places_.end(), object,
                                      [](ObjectNumber number, const Place& place) { return number < place.end; });
  return static_cast<std::size_t>(after - places_.begin());
}

}  // namespace keytrail::git
