// What names commits in a repository: its references, and what else keeps objects from being pruned (HEADs of other
// work trees, entries of reflogs). Read when asked for; nothing is kept open.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/git/object_index.h"
#include "scanner/git/repository.h"

namespace keytrail::git {

struct Reference {
  // In the order of reports.
  enum class Kind : std::uint8_t { local_branch, remote_branch, tag, other };
  std::string name;   // "refs/heads/main"; "HEAD" for a detached one
  std::string shown;  // "main"; "heads/main" where a tag has that name too
  ObjectName target;  // a commit, an annotated tag, or whatever it names
  Kind kind = Kind::other;
};

// All references but symbolic ones, which are other names for others; and HEAD when it is detached. By kind, then name.
std::vector<Reference> list_references(const Repository& repository);

// Whether a user who asks for `pattern` means this reference: "main", "origin/main", "heads/main", "refs/heads/main",
// or a glob over one of these, whose `*` stops at a slash and whose `**` does not.
bool reference_matches(std::string_view pattern, const Reference& reference);

// What keeps objects that no reference leads to. `git rev-parse` understands the names, from where the repository was
// opened.
class Holders {
 public:
  // HEADs of other work trees; then the reflogs of the stash, of local branches, of remote ones, of others, of HEADs;
  // of each log the newest entry first.
  static Holders list(const Repository& repository);

  std::size_t size() const { return entries_.size(); }
  const ObjectName& target(std::size_t index) const { return entries_[index].target; }
  std::string name(std::size_t index) const;  // "stash@{1}", "main@{5}", "worktrees/NAME/HEAD"

 private:
  static constexpr std::uint32_t kNoEntry = 0xffffffff;
  struct Entry {
    std::uint32_t log = 0;  // of names_
    std::uint32_t number = kNoEntry;
    ObjectName target;
  };

  void add_head(const std::string& folder, const std::string& name);
  void add_log(const std::string& file, const std::string& name);

  std::vector<std::string> names_;
  std::vector<Entry> entries_;
};

}  // namespace keytrail::git
