// A visitor that keeps every object, and each base's text as its state, so that the walk's own promises can be checked:
// the state that is passed is the one that was returned for the base, and `copies` are equal runs of both texts.
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/pack/pack_walk.h"

namespace keytrail::pack::test {

class CollectingVisitor : public ObjectVisitor {
 public:
  struct Seen {
    ObjectType type = ObjectType::none;
    std::string bytes;
    std::string base;  // raw id; empty: a whole object
    bool is_base = false;
  };
  struct Lost {
    bool over_limit = false;
    std::string what;
  };

  std::unique_ptr<ObjectState> visit(unsigned worker, const WalkedObject& object) override;
  void lost(unsigned worker, std::string_view raw_id, bool over_limit, const std::string& what) override;
  bool cancelled() const override;

  std::map<std::string, Seen> seen;  // by raw id
  std::map<std::string, Lost> losses;
  std::set<unsigned> workers;
  std::size_t calls = 0;            // visit() and lost()
  std::vector<std::string> faults;  // promises that were broken
  std::size_t cancel_after = std::numeric_limits<std::size_t>::max();

 private:
  void check(const WalkedObject& object, Seen& entry);

  mutable std::mutex mutex_;
};

// The promises about `copies`, as a sentence when one is broken.
std::string fault_of_copies(const std::vector<core::Copy>& copies, std::string_view text, std::string_view base);

// Every type, by so many threads.
WalkOptions all_types(unsigned threads);

// What hangs in no tree of the pack: its strays and what is made from them, by raw id.
std::set<std::string> ids_below_strays(const PackFile& pack);

}  // namespace keytrail::pack::test
