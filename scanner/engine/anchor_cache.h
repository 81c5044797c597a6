// The folder where compiled anchor databases are kept, one for each set of rules, version of Hyperscan and processor.
#pragma once

#include <cstddef>
#include <string>

namespace keytrail::engine {

// Rules change with every version, and with what a user writes: without this each change would leave a file for ever.
inline constexpr std::size_t kMaxCachedDatabases = 8;

// Removes all but the ones that were written or used (touched) last. Best effort. Other files are left alone.
void prune_databases(const std::string& folder, std::size_t max_kept = kMaxCachedDatabases);

}  // namespace keytrail::engine
