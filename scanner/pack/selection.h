// Some entries of a pack, with the bases that they are made from: what a walk needs that is to visit only these.
// Immutable; any thread. A byte for each entry of the pack.
#pragma once

#include <cstdint>
#include <vector>

#include "scanner/pack/pack_file.h"

namespace keytrail::pack {

class Selection {
 public:
  // What hangs in no tree (PackFile::strays()) is never visited.
  Selection(const PackFile& pack, const std::vector<Rank>& wanted);

  bool visits(Rank rank) const { return marks_[rank] == Mark::wanted; }
  // Whether it is wanted, or something that is wanted is made from it.
  bool needs(Rank rank) const { return marks_[rank] != Mark::none; }
  // The whole objects among those that are needed, ascending.
  const std::vector<PackFile::Root>& roots() const { return roots_; }

 private:
  enum class Mark : std::uint8_t { none, base, wanted };
  void climb(const PackFile& pack, Rank rank);

  std::vector<Mark> marks_;
  std::vector<PackFile::Root> roots_;
};

}  // namespace keytrail::pack
