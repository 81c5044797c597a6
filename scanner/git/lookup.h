// Objects by their ids, a few of many: for ranges and what is staged. Opening it reads no index of a pack, where
// ObjectStore lists every object of a repository first.
//
// Packs are read by libgit2. Loose objects are read by LooseReader also where libgit2 asks for them: version 1.5 does
// not come back from a loose file that is cut off.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/git/libgit2.h"
#include "scanner/git/object_index.h"
#include "scanner/pack/zlib_stream.h"

namespace keytrail::git {

// `first` and `others`, then the alternates that they name, each once. What does not exist is left out.
std::vector<std::string> object_folders(const std::string& first, const std::vector<std::string>& others);

// One for each thread. A Library must outlive it.
class Lookup {
 public:
  // `folders` of objects, from object_folders().
  static Result<Lookup> open(const std::vector<std::string>& folders);

  struct Object {
    ObjectType type = ObjectType::unknown;
    std::string_view bytes;              // good until the next read
    pack::ZlibStream* stream = nullptr;  // of a large blob in a file of its own, instead of `bytes`; good as long
  };
  // not_found where no folder has it; corrupt where it cannot be read, or is of another type than `wanted`. The
  // subject is the id.
  Result<Object> read(const ObjectName& name);
  Result<Object> read(const ObjectName& name, ObjectType wanted);

  // A tree's bytes. Trees that were read lately are kept: those of a commit are nearly those of its parent.
  using Tree = std::shared_ptr<const std::string>;
  Result<Tree> tree(const ObjectName& name);

  git_odb* handle() const { return odb_.get(); }

 private:
  Lookup(OdbHandle odb, std::unique_ptr<pack::ZlibStream*> large) : large_(std::move(large)), odb_(std::move(odb)) {}

  static constexpr std::size_t kKeptTreeBytes = std::size_t{32} << 20;
  using Trees = std::unordered_map<ObjectName, Tree, ObjectNameHash>;

  // What the backend of loose objects found too large in the last read. It is handed the address: a Lookup may move.
  std::unique_ptr<pack::ZlibStream*> large_;
  OdbHandle odb_;
  OdbObjectHandle current_;
  // Two generations: when the young one is full it takes the place of the old one.
  Trees young_;
  Trees old_;
  std::size_t young_bytes_ = 0;
};

}  // namespace keytrail::git
