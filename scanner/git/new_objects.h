// What came to a repository since an earlier sweep, and what was there then.
//
// KnownObjects answers from the packs' own indexes, mapped, so that knowing 850,000 objects costs nothing; numbers and
// hash tables are for what is new. NewObjects holds all that is new in memory, within limits: who has more to read is
// better off with a whole sweep.
//
// Where git packed anew, a new pack holds what is known and what is not. Then the ids of the earlier sweep tell which
// is which (known_ids.h). Of such a pack the bytes are checked against its index and only new objects are expanded,
// with the bases that they are made from.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "scanner/base/mapped_file.h"
#include "scanner/core/source.h"
#include "scanner/git/known_ids.h"
#include "scanner/git/libgit2.h"
#include "scanner/git/loose_object.h"
#include "scanner/git/object_index.h"
#include "scanner/git/repository_snapshot.h"
#include "scanner/pack/pack_file.h"
#include "scanner/pack/pack_index.h"
#include "scanner/pack/selection.h"

namespace keytrail::git {

// How the files of a repository differ from those of an earlier sweep. Pointers go to both snapshots.
struct NewFiles {
  struct Loose {
    const FolderStamp* folder = nullptr;
    std::vector<ObjectName> objects;
  };
  std::vector<const PackStamp*> known_packs;
  std::vector<const PackStamp*> new_packs;
  std::vector<Loose> known_loose;  // that are still there
  std::vector<Loose> new_loose;    // or were written again
  std::vector<ObjectName> gone_loose;
  bool verified = false;  // files whose times changed were read again
  // Whether packs are gone, or new ones are so big that they may hold what is known: then it takes ids to tell what is
  // new.
  bool repacked = false;
};

// Nothing when a folder is gone, or a pack another.
std::optional<NewFiles> compare_files(const std::vector<FolderStamp>& before, const std::vector<FolderStamp>& now);

// An object read into memory.
struct HeldObject {
  ObjectType type = ObjectType::unknown;
  std::string bytes;
};

// Not for several threads.
class KnownObjects {
 public:
  // `ids`: null unless files.repacked. Nothing when an index is none.
  static std::optional<KnownObjects> open(const NewFiles& files, const KnownIds* ids);

  // Whether it was there at the earlier sweep.
  bool has(const ObjectName& name) const;
  // Whether it was in a file of its own then, and is in no place that this knows.
  bool is_gone(const ObjectName& name) const;
  std::optional<HeldObject> read(const ObjectName& name);

 private:
  struct Pack {
    std::string path;
    MappedFile bytes;
    pack::PackIndex index;
    OdbHandle odb;  // opened when first read from
  };
  KnownObjects() = default;
  bool add(const PackStamp& pack);
  bool is_there(const ObjectName& name) const;

  const KnownIds* ids_ = nullptr;
  std::vector<Pack> packs_;  // new ones too where there are ids: they hold what is known
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
    bool known = false;  // was there before, in another file
  };

  // Reads all that is new. Nothing when a new file cannot be read to its end, when an object is damaged or hangs on one
  // of another pack, when one that is known is not there any more, or when it is all too much. `ids` as for
  // KnownObjects.
  static std::optional<NewObjects> read(const NewFiles& files, const KnownObjects& known, const KnownIds* ids,
                                        unsigned threads);

  // In the order in which they are stored, each once.
  const std::vector<Object>& objects() const { return objects_; }
  const Object* find(const ObjectName& name) const;

 private:
  class Visitor;
  bool add_pack(const PackStamp& stamp);
  bool add_packs_made_anew(const NewFiles& files, const KnownIds& ids, unsigned threads);
  bool add_new_of(const PackStamp& stamp, KnownIds::Seen& seen, unsigned threads);
  bool walk(const pack::PackFile& pack, const pack::Selection* only);
  bool add_loose(const NewFiles::Loose& loose);
  void add(Object object);

  std::vector<Object> objects_;
  std::unordered_map<ObjectName, std::size_t, ObjectNameHash> positions_;
  std::uint64_t bytes_ = 0;
};

}  // namespace keytrail::git
