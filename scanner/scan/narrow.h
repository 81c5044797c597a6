// Leaves out of a history's report what was not asked for: by date, author or branch of the commit that brought it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/finding.h"

namespace keytrail::scan {

struct Narrowing {
  // Of the committer's date (of a tag the tagger's), which is what `git log --since` looks at; both ends count.
  std::optional<std::int64_t> since;  // seconds since 1970
  std::optional<std::int64_t> until;
  std::vector<std::string> authors;  // parts of "Name <address>", ASCII letters without regard to case; one must fit
  bool branches = false;             // only where core::Home::on_branch

  bool any() const { return since || until || !authors.empty() || branches; }
};

// Drops occurrences that do not fit, and findings that have none left; the rest is in report order again. What no
// commit holds has no date and no author, and what no reference leads to no branch: it does not fit where that is asked
// for. Returns a sentence on what was left
// out; empty when that is nothing.
std::string narrow(const Narrowing& narrowing, std::vector<core::Finding>& findings);

}  // namespace keytrail::scan
