// The object database of a repository: which packs and loose folders it has, alternates included, which objects are in
// them, and reading one.
//
// What a pack holds is told by its own index; where that is missing or damaged, by reading the pack (a multi-pack-index
// is not needed for that, and not read). A pack whose files went while its folder was read, because git was packing
// anew, has its objects in another one by then: the folder is listed once more.
//
// For the slow reference each pack is a git_odb of its own: through one for all the first damaged pack would end the
// enumeration, and an object that is damaged in one pack would not be looked for in another.
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
#include "scanner/pack/entry_reader.h"
#include "scanner/pack/pack_file.h"
#include "scanner/pack/pack_walk.h"

namespace keytrail::git {

class ObjectStore {
 public:
  // `objects_folder` of the repository itself. Enumerates all objects: packs in the order of their bytes, then loose
  // ones; then the same of alternates. What is damaged beyond use is appended to `skips`, never an error. Up to
  // `threads` work where an index has to be made again.
  static ObjectStore open(const std::string& objects_folder, Reader reader, std::vector<core::Skip>& skips,
                          unsigned threads = 1);

  const ObjectIndex& objects() const { return objects_; }
  ObjectIndex& objects() { return objects_; }

  // One pack or one folder of loose objects. Its objects are those with numbers from `begin` to `end` (and others that
  // an earlier place has too).
  struct Place {
    bool is_pack = false;
    std::string path;  // the pack's .idx, or the folder of objects
    ObjectNumber begin = 0;
    ObjectNumber end = 0;
    // A pack, open for the pack walk; null when libgit2 is to read it, and when it cannot be read at all.
    std::shared_ptr<const pack::PackFile> pack;
  };
  // The number of an object that the walk of a place's pack brings.
  ObjectNumber number_of(std::size_t place, const pack::WalkedObject& walked) const;
  const std::vector<Place>& places() const { return places_; }
  // Whether anything was found damaged or cut off, also where another place had the same whole.
  bool is_damaged() const { return damaged_; }
  void set_damaged() { damaged_ = true; }
  // The place where an object was found first.
  std::size_t place_of(ObjectNumber object) const;

 private:
  void find_places(const std::string& objects_folder, std::vector<core::Skip>& skips);
  // Adds packs of the folder that are not among the places yet; whether there were any.
  bool find_packs(const std::string& objects_folder, std::vector<core::Skip>& skips);
  bool open_pack(Place& place, std::vector<ObjectName>& names, std::vector<core::Skip>& skips);
  void enumerate(Place& place, std::vector<core::Skip>& skips);
  void list_again(std::vector<core::Skip>& skips);

  Reader reader_ = Reader::pack_walk;
  unsigned threads_ = 1;
  ObjectIndex objects_;
  std::vector<std::string> folders_;
  std::vector<std::string> vanished_;  // indexes that were listed, and then neither they nor their packs were there
  std::vector<Place> places_;
  bool damaged_ = false;
};

// Reads single objects, from wherever they are good. One for each thread; the store must outlive it.
//
// For the slow reference: libgit2 could tell an object's type for a tenth of the time of reading it, but in version 1.5
// it reads outside of its buffer, or never comes back, where the head of a delta is damaged.
class ObjectReader {
 public:
  // `work` bounds what all reads together may take, see pack::EntryReader.
  explicit ObjectReader(const ObjectStore& store, std::uint64_t work = UINT64_MAX)
      : store_(store), odbs_(store.places().size()), work_(work) {}

  const ObjectStore& store() const { return store_; }

  struct Object {
    ObjectType type = ObjectType::unknown;
    std::string_view bytes;              // good until the next read
    pack::ZlibStream* stream = nullptr;  // of a large blob in a file of its own, instead of `bytes`; good as long
  };
  Result<Object> read(ObjectNumber object);
  // From a file of its own, in whichever folder has it.
  Result<Object> read_loose(const ObjectName& name);

 private:
  Result<Object> find(const ObjectName& name, std::size_t first, std::size_t not_in, std::size_t depth);
  Result<Object> read_at(std::size_t place, const ObjectName& name, std::size_t depth);
  Result<Object> read_packed(std::size_t place, const ObjectName& name, std::size_t depth);
  Result<Object> read_by_library(std::size_t place, const ObjectName& name);

  const ObjectStore& store_;
  std::vector<OdbHandle> odbs_;  // of packs, by place, opened when first needed
  std::uint64_t work_;
  LooseReader loose_;
  std::vector<std::unique_ptr<pack::EntryReader>> packed_;  // by how often the chain has left its place
  OdbObjectHandle current_;
};

// The folders of objects that `folder`/info/alternates names, relative ones being relative to `folder`.
std::vector<std::string> alternates_of(const std::string& folder);

// libgit2's view of one pack or folder of loose objects; null when it has none.
OdbHandle open_odb(const ObjectStore::Place& place);

ObjectType to_type(pack::ObjectType type);
pack::ObjectType to_pack_type(ObjectType type);

// An object that cannot be read, as a skip.
core::Skip skip_of(const Error& error);

}  // namespace keytrail::git
