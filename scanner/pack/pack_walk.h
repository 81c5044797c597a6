// The pack walk: every object of a pack expanded once, each from a base that has just been expanded.
//
// A pack stores most objects as deltas against another object, in chains of up to 50 and more. Reading objects one by
// one expands the front of each chain again and again; git's cache of bases softens that. Here the forest that deltas
// form is walked from its roots, depth first: an object's text is in memory when those that are made from it are
// expanded, and goes when the last of them is. What is inflated is what the pack stores; what is copied is memcpy.
//
// - The unit of work is a tree of the forest; threads take trees in the order of their roots. A thread that has none
// left
//   takes over subtrees from one that has several pending (a pack can be one single tree), oldest first: these are
//   the biggest.
// - Memory is the texts on the way from the root: of a chain without branches, two. There is no recursion.
// - A base is shared by the tasks that are made from it; the last one gives its buffer back.
// - Damage costs the object and what hangs below it; each of these is named.
// - A blob that is too large for memory is handed over in pieces when it is stored whole.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/buffer.h"
#include "scanner/core/blob.h"
#include "scanner/core/source.h"
#include "scanner/pack/pack_file.h"
#include "scanner/pack/selection.h"
#include "scanner/pack/zlib_stream.h"

namespace keytrail::pack {

// What a visitor learned of an object, for those that are made from it.
using ObjectState = core::BlobState;

// An object, for the length of a call.
struct WalkedObject {
  Rank rank = 0;
  std::string_view raw_id;
  ObjectType type = ObjectType::none;
  std::string_view bytes;
  // Of an object that is made from another: what the visitor learned of that (null: nothing), its size, and the runs
  // that were copied from it. `copies` is null for a whole object.
  const ObjectState* base = nullptr;
  std::uint64_t base_size = 0;
  const std::vector<core::Copy>* copies = nullptr;
  bool is_base = false;  // others are made from it: what visit() returns is kept for them
};

// Called from several threads, each with a worker number of its own.
class ObjectVisitor {
 public:
  ObjectVisitor() = default;
  ObjectVisitor(const ObjectVisitor&) = delete;
  ObjectVisitor& operator=(const ObjectVisitor&) = delete;
  virtual ~ObjectVisitor() = default;

  virtual std::unique_ptr<ObjectState> visit(unsigned worker, const WalkedObject& object) = 0;
  // A blob that is too large to be held, in pieces. Damage in it is the stream's failure() when it has been read.
  virtual void visit_stream(unsigned worker, std::string_view raw_id, ZlibStream& bytes);
  // With WalkOptions::adopt: entries that are made from the object that was visited last by this worker, beyond those
  // that hang below it.
  virtual std::vector<Rank> adopted(unsigned worker);
  // An object that could not be read, or is larger than the limit.
  virtual void lost(unsigned worker, std::string_view raw_id, bool over_limit, const std::string& what) = 0;
  virtual bool cancelled() const = 0;
};

struct WalkOptions {
  unsigned threads = 1;
  bool commits = false;
  bool trees = false;
  bool blobs = false;
  bool tags = false;
  const Selection* only = nullptr;  // null: all entries. Must outlive the walk
  bool adopt = false;               // ask the visitor for more entries that are made from what it was shown
  // Of one object in memory. Larger ones are streamed when they are whole blobs, lost otherwise.
  std::uint64_t max_object_bytes = std::uint64_t{1} << 30;
  // Whole blobs that nothing is made from are streamed from this size on.
  std::uint64_t max_leaf_bytes = std::uint64_t{256} << 20;
  // Of the texts that are held for one object, because others are still to be made from them.
  std::uint64_t max_held_bytes = std::uint64_t{4} << 30;
};

// Visits every object of the wanted types. Those that are stored as deltas of objects outside of the pack are left to
// the caller (PackFile::strays()).
void walk_pack(const PackFile& pack, const WalkOptions& options, ObjectVisitor& visitor);

// Entries of a pack that are made from an object that has to be read elsewhere.
struct Graft {
  std::string raw_base_id;
  std::vector<Rank> ranks;
};
struct GraftBase {
  ObjectType type = ObjectType::none;
  Buffer text;
  std::uint64_t size = 0;
};
// The text of a graft's base, or nothing; called from several threads.
using ReadGraftBase = std::function<std::optional<GraftBase>(unsigned worker, const Graft& graft)>;

// Visits what hangs on the grafts, whatever its type; a base itself is not visited. Of grafts whose base cannot be read
// nothing is said.
void walk_grafts(const PackFile& pack, const std::vector<Graft>& grafts, const ReadGraftBase& read_base,
                 const WalkOptions& options, ObjectVisitor& visitor);

}  // namespace keytrail::pack
