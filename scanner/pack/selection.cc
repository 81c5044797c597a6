#include "scanner/pack/selection.h"

#include <algorithm>

namespace keytrail::pack {

Selection::Selection(const PackFile& pack, const std::vector<Rank>& wanted) : marks_(pack.count(), Mark::none) {
  for (const Rank rank : wanted) {
    const bool is_new = marks_[rank] == Mark::none;
    marks_[rank] = Mark::wanted;
    if (is_new) climb(pack, rank);
  }
  std::sort(roots_.begin(), roots_.end(),
            [](const PackFile::Root& a, const PackFile::Root& b) { return a.rank < b.rank; });
}

// Ends at what is marked already, so that all climbs together take no more steps than the pack has entries.
void Selection::climb(const PackFile& pack, Rank rank) {
  while (true) {
    const PackFile::Origin origin = pack.origin(rank);
    if (origin.whole) roots_.push_back({rank, origin.type});
    if (origin.base == kNoRank || marks_[origin.base] != Mark::none) return;
    rank = origin.base;
    marks_[rank] = Mark::base;
  }
}

}  // namespace keytrail::pack
