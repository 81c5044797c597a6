// One reading of all objects of some types, from wherever they are good, each delivered once.
//
// Packs first, each by a walk; then what stands in files of its own; then what is left is salvaged: what is made from
// an object of another place, and what is damaged in one place and good in another, with all that hangs below it. What
// is nowhere good is named, once, and nothing else is.
//
// Order of calls: walk() for each place that is a pack, read_others(), salvage(). One thread calls; objects are
// received from `threads` threads. The result does not depend on their number: a place is finished before the next one
// begins.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/skip.h"
#include "scanner/core/source.h"
#include "scanner/git/claims.h"
#include "scanner/git/object_store.h"
#include "scanner/pack/pack_walk.h"

namespace keytrail::git {

// Where the objects go. Methods are called from several threads, each with a worker number of its own.
class Receiver {
 public:
  Receiver() = default;
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  virtual ~Receiver() = default;

  virtual std::unique_ptr<core::BlobState> receive(unsigned worker, ObjectNumber object, ObjectType type,
                                                   std::string_view bytes, const core::Derivation& derivation) = 0;
  // A blob that is too large to be held.
  virtual void receive_stream(unsigned worker, ObjectNumber object, core::ByteStream& bytes) = 0;
};

class ObjectPass {
 public:
  // All but trees, whose types are set on the way where they are seen; or trees alone, whose types are known.
  enum class Kind { all_but_trees, trees };

  ObjectPass(ObjectStore& store, Kind kind, Receiver& receiver, core::Sink& sink, unsigned threads);

  void walk(std::size_t place);
  void read_others();
  void salvage();

 private:
  class Visitor;
  struct Loss {
    ObjectNumber object = kNoObject;
    std::uint32_t place = 0;
    pack::Rank rank = pack::kNoRank;  // in the pack of that place, when it has one
    core::SkipReason reason = core::SkipReason::corrupt_object;
    std::string what;
  };

  pack::WalkOptions options() const;
  bool is_of_this_pass(ObjectNumber object) const;
  // Objects that no pack walk brings.
  std::vector<ObjectNumber> others() const;
  void read_other(ObjectReader& reader, ObjectNumber object, unsigned worker);
  void accept(const ObjectReader::Object& read, ObjectNumber object, unsigned worker);
  void receive_stream(ObjectNumber object, pack::ZlibStream& bytes, unsigned worker);
  void add_strays(std::size_t place);
  std::vector<Loss> take_losses();
  void mark_trees();
  void read_loose_copies();
  bool graft(std::size_t place, std::vector<Loss*>& pending, std::vector<ObjectReader>& readers);
  ObjectNumber base_of(const Loss& loss) const;
  std::string why(const Loss& loss) const;
  void name_lost();

  ObjectStore& store_;
  const Kind kind_;
  Receiver& receiver_;
  core::Sink& sink_;
  const unsigned threads_;
  Claims claims_;
  std::vector<std::vector<Loss>> found_;  // by worker
  std::vector<Loss> losses_;              // those that are salvaged, in the order in which bases come first
};

}  // namespace keytrail::git
