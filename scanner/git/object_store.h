// The object database of a repository: which packs and loose folders it has, alternates included, which objects are in
// them, and reading one.
//
// libgit2 can serve all of it through one git_odb, but then the first damaged pack ends the enumeration, an object that
// is damaged in one pack is not looked for in another, and each lookup asks every pack. So each pack is a git_odb of
// its own here, and an object is read from where it was found first, and only when it is damaged there from elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/skip.h"
#include "scanner/git/history.h"
#include "scanner/git/libgit2.h"
#include "scanner/git/loose_object.h"
#include "scanner/git/object_index.h"
#include "scanner/pack/pack_file.h"
#include "scanner/pack/pack_walk.h"

namespace keytrail::git {

class ObjectStore {
 public:
  // `objects_folder` of the repository itself. Enumerates all objects: packs in the order of their bytes, then loose
  // ones; then the same of alternates. What is damaged is appended to `skips`, never an error.
  static ObjectStore open(const std::string& objects_folder, Reader reader, std::vector<core::Skip>& skips);

  const ObjectIndex& objects() const { return objects_; }
  ObjectIndex& objects() { return objects_; }

  // One pack or one folder of loose objects. Its objects are those with numbers from `begin` to `end` (and others that
  // an earlier place has too).
  struct Place {
    bool is_pack = false;
    std::string path;  // the pack's .idx, or the folder of objects
    bool readable = true;
    ObjectNumber begin = 0;
    ObjectNumber end = 0;
    // A readable pack, open for the pack walk; null when libgit2 is to read it.
    std::shared_ptr<const pack::PackFile> pack;
    // Whether the pack walk brings all of it: not when deltas in it hang on objects of other places.
    bool walkable() const { return pack != nullptr && pack->strays().empty(); }
  };
  // The number of an object that the walk of a place's pack brings; kNoObject when an earlier place has it too.
  ObjectNumber number_of(std::size_t place, const pack::WalkedObject& walked) const;
  // Objects from this number on stand only in packs that cannot be read.
  ObjectNumber readable_objects() const;
  const std::vector<Place>& places() const { return places_; }
  // The place where an object was found first.
  std::size_t place_of(ObjectNumber object) const;

 private:
  void find_places(const std::string& objects_folder, std::vector<core::Skip>& skips);
  void open_pack(Place& place, std::vector<ObjectName>& names);
  void enumerate(Place& place, std::vector<core::Skip>& skips);

  Reader reader_ = Reader::pack_walk;
  ObjectIndex objects_;
  std::vector<Place> places_;
};

// Reads objects. One for each thread; the store must outlive it.
//
// libgit2 could tell an object's type for a tenth of the time of reading it, but in version 1.5 it reads outside of its
// buffer, or never comes back, where the head of a delta is damaged.
class ObjectReader {
 public:
  explicit ObjectReader(const ObjectStore& store) : store_(store), odbs_(store.places().size()) {}

  const ObjectStore& store() const { return store_; }

  struct Object {
    ObjectType type = ObjectType::unknown;
    std::string_view bytes;  // good until the next read
  };
  Result<Object> read(ObjectNumber object);

 private:
  Result<Object> read_at(std::size_t place, const ObjectName& name);

  const ObjectStore& store_;
  std::vector<OdbHandle> odbs_;  // of packs, by place, opened when first needed
  LooseReader loose_;
  OdbObjectHandle current_;
};

// An object that cannot be read, as a skip.
core::Skip skip_of(const Error& error);

}  // namespace keytrail::git
