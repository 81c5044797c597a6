// What came to a repository since an earlier sweep, and what was there then.
//
// KnownObjects answers from the packs' own indexes, mapped, so that knowing 850,000 objects costs nothing; numbers and
// hash tables are for what is new. NewObjects holds all that is new in memory, within limits: who has more to read is
// better off with a whole sweep.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "scanner/base/mapped_file.h"
#include "scanner/core/source.h"
#include "scanner/git/libgit2.h"
#include "scanner/git/loose_object.h"
#include "scanner/git/object_index.h"
#include "scanner/git/repository_snapshot.h"
#include "scanner/pack/pack_index.h"

namespace keytrail::git {

// Where an object is found first: places in the order in which a whole sweep reads them, then by offset in a pack or
// id.
struct PlaceInOrder {
  static constexpr std::uint32_t kNowhere = 0xffffffff;
  static constexpr std::uint32_t kGone = 0xfffffffe;  // was loose and is no more
  std::uint32_t place = kNowhere;
  std::uint64_t offset = 0;
  friend auto operator<=>(const PlaceInOrder&, const PlaceInOrder&) = default;
};

// How the files of a repository differ from those of an earlier sweep. Pointers go to both snapshots.
struct NewFiles {
  struct Pack {
    const PackStamp* stamp = nullptr;
    std::uint32_t place = 0;
  };
  struct Loose {
    const FolderStamp* folder = nullptr;
    std::uint32_t place = 0;
    std::vector<ObjectName> objects;
  };
  std::vector<Pack> known_packs;
  std::vector<Pack> new_packs;
  std::vector<Loose> known_loose;  // that are still there
  std::vector<Loose> new_loose;    // or were written again
  std::vector<ObjectName> gone_loose;
  bool verified = false;  // files whose times changed were read again
};

// Nothing when a pack or a folder is gone or another.
std::optional<NewFiles> compare_files(const std::vector<FolderStamp>& before, const std::vector<FolderStamp>& now);

// An object read into memory.
struct HeldObject {
  ObjectType type = ObjectType::unknown;
  std::string bytes;
};

// Not for several threads.
class KnownObjects {
 public:
  // Nothing when an index is none.
  static std::optional<KnownObjects> open(const NewFiles& files);

  bool has(const ObjectName& name) const { return find(name).place != PlaceInOrder::kNowhere; }
  PlaceInOrder find(const ObjectName& name) const;
  std::optional<HeldObject> read(const ObjectName& name);

 private:
  struct Pack {
    std::string path;
    std::uint32_t place = 0;
    MappedFile bytes;
    pack::PackIndex index;
    OdbHandle odb;  // opened when first read from
  };
  KnownObjects() = default;
  std::vector<Pack> packs_;
  std::vector<NewFiles::Loose> loose_;
  std::vector<ObjectName> gone_;
  LooseReader reader_;
};

class NewObjects {
 public:
  struct Object {
    ObjectName name;
    ObjectType type = ObjectType::unknown;
    std::string bytes;
    PlaceInOrder place;
    bool known = false;  // was there before, in another file
  };

  // Reads all new files. Nothing when one cannot be read to its end, when an object is damaged or hangs on one of
  // another pack, or when it is all too much.
  static std::optional<NewObjects> read(const NewFiles& files, const KnownObjects& known);

  // In the order of their places, each once.
  const std::vector<Object>& objects() const { return objects_; }
  const Object* find(const ObjectName& name) const;

 private:
  class Visitor;
  bool add_pack(const NewFiles::Pack& pack);
  bool add_loose(const NewFiles::Loose& loose);
  void add(Object object);

  std::vector<Object> objects_;
  std::unordered_map<ObjectName, std::size_t, ObjectNameHash> positions_;
  std::uint64_t bytes_ = 0;
};

}  // namespace keytrail::git
