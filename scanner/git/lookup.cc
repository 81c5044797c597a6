#include "scanner/git/lookup.h"

#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "scanner/git/loose_object.h"
#include "scanner/git/object_store.h"

namespace keytrail::git {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFolders = 1000;
constexpr int kPackPriority = 2;
constexpr int kLoosePriority = 1;

// ---- libgit2's way to loose objects

struct LooseBackend {
  git_odb_backend parent;  // first: libgit2 knows only this part
  std::string folder;
  LooseReader reader;
  pack::ZlibStream** large;  // where to say that the object asked for is one too large for libgit2's way
};

LooseBackend& self(git_odb_backend* backend) { return *reinterpret_cast<LooseBackend*>(backend); }

std::string path_of(const LooseBackend& loose, const ObjectName& name) {
  const std::string hex = name.hex();
  return loose.folder + "/" + hex.substr(0, 2) + "/" + hex.substr(2);
}

bool exists(const LooseBackend& loose, const ObjectName& name) {
  struct stat info {};
  return ::stat(path_of(loose, name).c_str(), &info) == 0;
}

git_object_t to_library(ObjectType type) {
  switch (type) {
    case ObjectType::commit:
      return GIT_OBJECT_COMMIT;
    case ObjectType::tree:
      return GIT_OBJECT_TREE;
    case ObjectType::blob:
      return GIT_OBJECT_BLOB;
    case ObjectType::tag:
      return GIT_OBJECT_TAG;
    default:
      return GIT_OBJECT_INVALID;
  }
}

int loose_read(void** out, std::size_t* size, git_object_t* type, git_odb_backend* backend, const git_oid* id) noexcept
    try {
  LooseBackend& loose = self(backend);
  const ObjectName name = ObjectName::from_bytes(id->id);
  if (!exists(loose, name)) return GIT_ENOTFOUND;
  const Result<LooseReader::Object> object = loose.reader.read(loose.folder, name);
  if (!object) {
    git_error_set_str(GIT_ERROR_ODB, object.error().message.c_str());
    return GIT_ERROR;
  }
  if (object->stream != nullptr) {
    *loose.large = object->stream;
    git_error_set_str(GIT_ERROR_ODB, "too large to be read at once");
    return GIT_ERROR;
  }
  *out = git_odb_backend_data_alloc(backend, object->bytes.size() + 1);
  if (*out == nullptr) return GIT_ERROR;
  std::memcpy(*out, object->bytes.data(), object->bytes.size());
  static_cast<char*>(*out)[object->bytes.size()] = '\0';  // as libgit2's own readers do
  *size = object->bytes.size();
  *type = to_library(object->type);
  return 0;
} catch (...) {
  return GIT_ERROR;
}

int loose_exists(git_odb_backend* backend, const git_oid* id) noexcept try {
  return exists(self(backend), ObjectName::from_bytes(id->id)) ? 1 : 0;
} catch (...) {
  return 0;
}

int loose_exists_prefix(git_oid* out, git_odb_backend* backend, const git_oid* start, std::size_t length) noexcept try {
  const std::string hex = ObjectName::from_bytes(start->id).hex().substr(0, length);
  std::optional<ObjectName> found;
  std::error_code error;
  const fs::path folder = self(backend).folder + "/" + hex.substr(0, 2);
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const std::string whole = hex.substr(0, 2) + entry->path().filename().string();
    const std::optional<ObjectName> name = whole.starts_with(hex) ? parse_object_name(whole) : std::nullopt;
    if (!name) continue;
    if (found) return GIT_EAMBIGUOUS;
    found = name;
  }
  if (!found) return GIT_ENOTFOUND;
  std::copy_n(found->bytes.begin(), sizeof out->id, out->id);
  return 0;
} catch (...) {
  return GIT_ERROR;
}

int loose_read_prefix(git_oid* found, void** out, std::size_t* size, git_object_t* type, git_odb_backend* backend,
                      const git_oid* start, std::size_t length) noexcept {
  const int code = loose_exists_prefix(found, backend, start, length);
  return code == 0 ? loose_read(out, size, type, backend, found) : code;
}

int loose_read_header(std::size_t* size, git_object_t* type, git_odb_backend* backend, const git_oid* id) noexcept {
  void* data = nullptr;
  const int code = loose_read(&data, size, type, backend, id);
  if (code == 0) git_odb_backend_data_free(backend, data);
  return code;
}

void loose_free(git_odb_backend* backend) noexcept { delete &self(backend); }

git_odb_backend* make_loose_backend(const std::string& folder, pack::ZlibStream** large) {
  auto loose = std::make_unique<LooseBackend>();
  if (git_odb_init_backend(&loose->parent, GIT_ODB_BACKEND_VERSION) != 0) return nullptr;
  loose->folder = folder;
  loose->large = large;
  loose->parent.read = loose_read;
  loose->parent.read_prefix = loose_read_prefix;
  loose->parent.read_header = loose_read_header;
  loose->parent.exists = loose_exists;
  loose->parent.exists_prefix = loose_exists_prefix;
  loose->parent.free = loose_free;
  return &loose.release()->parent;
}

// ---- folders

// Takes the backend, also where it fails.
bool add(git_odb* odb, git_odb_backend* backend, int priority) {
  if (backend == nullptr) return false;
  if (git_odb_add_backend(odb, backend, priority) == 0) return true;
  backend->free(backend);
  return false;
}

}  // namespace

std::vector<std::string> object_folders(const std::string& first, const std::vector<std::string>& others) {
  std::vector<std::string> waiting = {first};
  waiting.insert(waiting.end(), others.begin(), others.end());
  std::vector<std::string> folders;
  for (std::size_t i = 0; i < waiting.size() && i < kMaxFolders; ++i) {
    std::error_code error;
    const std::string canonical = fs::canonical(waiting[i], error).string();
    if (error || std::find(folders.begin(), folders.end(), canonical) != folders.end()) continue;
    folders.push_back(canonical);
    for (std::string& other : alternates_of(canonical)) waiting.push_back(std::move(other));
  }
  return folders;
}

Result<Lookup> Lookup::open(const std::vector<std::string>& folders) {
  git_odb* raw = nullptr;
  if (const int code = git_odb_new(&raw); code != 0) return library_error(code, "open the objects", {});
  OdbHandle odb(raw);
  auto large = std::make_unique<pack::ZlibStream*>(nullptr);
  for (const std::string& folder : folders) {
    git_odb_backend* packs = nullptr;
    const int code = git_odb_backend_pack(&packs, folder.c_str());
    if (code != 0 || !add(raw, packs, kPackPriority)) return library_error(code, "open the packs", folder);
    if (!add(raw, make_loose_backend(folder, large.get()), kLoosePriority)) {
      return library_error(GIT_ERROR, "open the objects", folder);
    }
  }
  return Lookup(std::move(odb), std::move(large));
}

Result<Lookup::Object> Lookup::read(const ObjectName& name) {
  current_.reset();
  *large_ = nullptr;
  git_oid id;
  std::copy_n(name.bytes.begin(), sizeof id.id, id.id);
  git_odb_object* raw = nullptr;
  const int code = git_odb_read(&raw, odb_.get(), &id);
  if (code == GIT_ENOTFOUND)
    return make_error(ErrorCode::not_found, "the object is not in this repository", name.hex());
  if (code != 0 && *large_ != nullptr) return Object{ObjectType::blob, {}, *large_};
  if (code != 0) return library_error(code, "read the object", name.hex());
  current_.reset(raw);
  return Object{object_type(git_odb_object_type(raw)),
                std::string_view(static_cast<const char*>(git_odb_object_data(raw)), git_odb_object_size(raw)),
                nullptr};
}

Result<Lookup::Object> Lookup::read(const ObjectName& name, ObjectType wanted) {
  Result<Object> object = read(name);
  if (object && object->type != wanted) {
    return make_error(ErrorCode::corrupt, "the object is of another type than what names it says", name.hex());
  }
  return object;
}

Result<Lookup::Tree> Lookup::tree(const ObjectName& name) {
  if (const auto known = young_.find(name); known != young_.end()) return known->second;
  Tree tree;
  if (const auto known = old_.find(name); known != old_.end()) {
    tree = known->second;
  } else {
    const Result<Object> object = read(name, ObjectType::tree);
    if (!object) return object.error();
    tree = std::make_shared<const std::string>(object->bytes);
  }
  if (young_bytes_ + tree->size() > kKeptTreeBytes) {
    old_ = std::move(young_);
    young_.clear();
    young_bytes_ = 0;
  }
  young_bytes_ += tree->size();
  young_.emplace(name, tree);
  return tree;
}

}  // namespace keytrail::git
