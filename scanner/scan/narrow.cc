#include "scanner/scan/narrow.h"

#include <algorithm>

#include "scanner/base/text.h"

namespace keytrail::scan {
namespace {

class Filter {
 public:
  explicit Filter(const Narrowing& narrowing) : narrowing_(narrowing) {
    for (const std::string& author : narrowing.authors) authors_.push_back(lower(author));
  }

  bool fits(const core::Occurrence& occurrence) const {
    if (!occurrence.home) return false;
    const core::Home& home = *occurrence.home;
    // A tag of a blob has a tagger and no commit.
    const bool dated = home.has_commit() || !home.author.empty();
    if ((narrowing_.since || narrowing_.until) && !dated) return false;
    if (narrowing_.since && home.commit_time < *narrowing_.since) return false;
    if (narrowing_.until && home.commit_time > *narrowing_.until) return false;
    if (narrowing_.branches && !home.on_branch) return false;
    return authors_.empty() || by_author(home.author);
  }

 private:
  bool by_author(const std::string& author) const {
    const std::string who = lower(author);
    return std::any_of(authors_.begin(), authors_.end(),
                       [&](const std::string& part) { return who.find(part) != std::string::npos; });
  }

  const Narrowing& narrowing_;
  std::vector<std::string> authors_;
};

std::string counted(std::uint64_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

std::string narrow(const Narrowing& narrowing, std::vector<core::Finding>& findings) {
  if (!narrowing.any()) return {};
  const Filter filter(narrowing);
  std::uint64_t places = 0;
  for (core::Finding& finding : findings) {
    places += std::erase_if(finding.occurrences,
                            [&](const core::Occurrence& occurrence) { return !filter.fits(occurrence); });
  }
  const std::uint64_t gone =
      std::erase_if(findings, [](const core::Finding& finding) { return finding.occurrences.empty(); });
  core::sort_findings(findings);
  if (places == 0) return {};
  std::string note = counted(gone, "finding") + " and " + counted(places, "place");
  return note + " were left out: not what --since, --until, --author or --branch asked for";
}

}  // namespace keytrail::scan
