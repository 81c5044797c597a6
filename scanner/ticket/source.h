// Where a ticket's secret was found: one source for each repository or folder, as its own last scan saw it.
//
// A token that is leaked in two repositories has one ticket, and each scan speaks for its own source alone: it replaces
// the places of that one and leaves the others. A scan that sees a part only (a range, what is staged, one that is
// incomplete or narrowed) adds places and takes none away. Pure; instants are seconds since 1970, UTC.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/token.h"
#include "scanner/ticket/situation.h"

namespace keytrail::ticket {

struct Source {
  std::string target;  // repository, else folder
  std::string scope;   // "history", or what of the folder was scanned: "files: ."
  std::string revision;
  std::string visibility;                        // "public", "private"; empty: not known
  bool complete = true;                          // that scan saw everything
  bool open = true;                              // it calls a place open
  core::Priority priority = core::Priority::p3;  // of what stands there
  std::string reason;                            // the verdict's
  std::string policy_rule;                       // that decided
  bool probable = false;                         // joined by something other than the value
  std::string masked;                            // of the first finding, as the next three
  std::string rule;
  std::string rule_name;
  std::string fingerprint;
  std::map<std::string, std::string> facts;  // what the values tell of themselves: "account"
  std::size_t place_count = 0;               // there may be more than a ticket lists
  std::optional<core::Instant> first_exposed;
  std::optional<core::Instant> last_exposed;  // the last commit that brought it; with `at_tip` it is still there
  bool at_tip = false;
  bool history = false;      // in commits
  bool in_messages = false;  // of commits or tags
  bool reachable = false;    // a reference leads to one of the places, or it is a file

  bool is_same_place(const Source& other) const { return target == other.target && scope == other.scope; }
  friend bool operator==(const Source&, const Source&) = default;
};

// The places of a ticket, each with the index of its source, in the order of the sources.
struct Sources {
  std::vector<Source> list;
  std::vector<Place> places;

  friend bool operator==(const Sources&, const Sources&) = default;
};

// How many places a ticket lists; each source has a share.
inline constexpr std::size_t kMaxListed = 40;
inline constexpr std::size_t kMaxListedOfSource = 20;

// What this scan says of these secrets. `visibility`: of what was scanned.
Sources sources_of(const Situation& situation, const std::vector<const Secret*>& secrets, std::string visibility);
// Whether the scan saw all of its source, so that what it does not show is gone.
bool sees_all(const Situation& situation);
// What is known after this scan: `now` has at most one source, that of `situation`. One that `before` does not have is
// added at the end.
Sources merged(const Sources& before, const Sources& now, const Situation& situation);
// The most urgent of those that are open, else of all.
const Source* worst(const std::vector<Source>& list);
// Places of `a` that `b` does not have.
std::size_t places_missing(const Sources& a, const Sources& b);

}  // namespace keytrail::ticket
