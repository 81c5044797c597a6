#include <git2.h>
#include <git2/sys/odb_backend.h>

#include <algorithm>
#include <utility>

#include "scanner/git/object_store.h"

namespace keytrail::git {
namespace {

// How often a chain of deltas may go on in another place, and how often an object is looked for elsewhere on the way.
constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kNowhere = SIZE_MAX;

}  // namespace

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

ObjectType to_type(pack::ObjectType type) {
  switch (type) {
    case pack::ObjectType::commit:
      return ObjectType::commit;
    case pack::ObjectType::tree:
      return ObjectType::tree;
    case pack::ObjectType::blob:
      return ObjectType::blob;
    case pack::ObjectType::tag:
      return ObjectType::tag;
    case pack::ObjectType::none:
      return ObjectType::unknown;
  }
  return ObjectType::unknown;
}

pack::ObjectType to_pack_type(ObjectType type) {
  switch (type) {
    case ObjectType::commit:
      return pack::ObjectType::commit;
    case ObjectType::tree:
      return pack::ObjectType::tree;
    case ObjectType::blob:
      return pack::ObjectType::blob;
    case ObjectType::tag:
      return pack::ObjectType::tag;
    case ObjectType::unknown:
      return pack::ObjectType::none;
  }
  return pack::ObjectType::none;
}

Result<ObjectReader::Object> ObjectReader::read_by_library(std::size_t place, const ObjectName& name) {
  if (!odbs_[place]) odbs_[place] = open_odb(store_.places()[place]);
  if (!odbs_[place]) return library_error(GIT_ERROR, "open the pack", name.hex());
  git_oid id;
  std::copy_n(name.bytes.begin(), sizeof id.id, id.id);
  git_odb_object* raw = nullptr;
  const int code = git_odb_read(&raw, odbs_[place].get(), &id);
  if (code != 0) return library_error(code, "read the object", name.hex());
  current_.reset(raw);
  return Object{object_type(git_odb_object_type(raw)),
                std::string_view(static_cast<const char*>(git_odb_object_data(raw)), git_odb_object_size(raw))};
}

Result<ObjectReader::Object> ObjectReader::read_packed(std::size_t place, const ObjectName& name, std::size_t depth) {
  const pack::PackFile& pack = *store_.places()[place].pack;
  const pack::Rank rank = pack.find({reinterpret_cast<const char*>(name.bytes.data()), name.bytes.size()});
  if (rank == pack::kNoRank) return make_error(ErrorCode::not_found, "it is not in the pack", name.hex());
  const auto elsewhere = [&](std::string_view raw_id) -> std::optional<pack::GraftBase> {
    if (depth + 1 == kMaxDepth) return std::nullopt;
    const Result<Object> found = find(ObjectName::from_bytes(raw_id.data()), kNowhere, place, depth + 1);
    if (!found || found->stream != nullptr) return std::nullopt;
    pack::GraftBase base{to_pack_type(found->type), Buffer(found->bytes.size()), found->bytes.size()};
    std::copy(found->bytes.begin(), found->bytes.end(), base.text.data());
    return base;
  };
  while (packed_.size() <= depth) packed_.push_back(std::make_unique<pack::EntryReader>());
  const Result<pack::EntryReader::Text> text = packed_[depth]->read(pack, rank, elsewhere, work_);
  if (!text) return make_error(text.error().code, text.error().message, name.hex());
  return Object{to_type(text->type), text->bytes};
}

Result<ObjectReader::Object> ObjectReader::read_at(std::size_t place, const ObjectName& name, std::size_t depth) {
  const ObjectStore::Place& where = store_.places()[place];
  if (where.pack != nullptr) return read_packed(place, name, depth);
  if (where.is_pack) return read_by_library(place, name);
  const Result<LooseReader::Object> object = loose_.read(where.path, name);
  if (!object) return object.error();
  return Object{object->type, object->bytes, object->stream};
}

// The error is that of `first`, or of a place that has the object and cannot read it.
Result<ObjectReader::Object> ObjectReader::find(const ObjectName& name, std::size_t first, std::size_t not_in,
                                                std::size_t depth) {
  Result<Object> found = make_error(ErrorCode::not_found, "it is nowhere in the repository", name.hex());
  if (first != kNowhere) found = read_at(first, name, depth);
  for (std::size_t place = 0; !found && place < odbs_.size(); ++place) {
    if (place == first || place == not_in) continue;
    Result<Object> other = read_at(place, name, depth);
    if (other || (found.error().code == ErrorCode::not_found && other.error().code != ErrorCode::not_found)) {
      found = std::move(other);
    }
  }
  return found;
}

Result<ObjectReader::Object> ObjectReader::read(ObjectNumber object) {
  current_.reset();
  return find(store_.objects().name(object), store_.place_of(object), kNowhere, 0);
}

Result<ObjectReader::Object> ObjectReader::read_loose(const ObjectName& name) {
  Result<Object> found = make_error(ErrorCode::not_found, "it has no file of its own", name.hex());
  for (std::size_t place = 0; !found && place < odbs_.size(); ++place) {
    if (!store_.places()[place].is_pack) found = read_at(place, name, 0);
  }
  return found;
}

core::Skip skip_of(const Error& error) {
  core::SkipReason reason = core::SkipReason::corrupt_object;
  if (error.code == ErrorCode::not_found) reason = core::SkipReason::missing_object;
  if (error.code == ErrorCode::limit_exceeded) reason = core::SkipReason::budget;
  return {reason, error.subject, error.message};
}

}  // namespace keytrail::git
