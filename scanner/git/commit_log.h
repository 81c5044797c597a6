// What a sweep keeps of the commits and tags it reads: 56 bytes for each commit, and each name once.
//
// Each thread fills a log of its own; merge() puts them together, and finish() brings them into the order of the
// objects, whatever the threads did.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/git/missing.h"
#include "scanner/git/object_index.h"
#include "scanner/git/raw_objects.h"

namespace keytrail::git {

// An author, committer or tagger, with the name kept once for all.
struct Signature {
  std::uint32_t who = 0;
  std::int32_t offset_minutes = 0;
  std::int64_t time = 0;
};

struct Commit {
  ObjectNumber object = kNoObject;
  ObjectNumber tree = kNoObject;  // kNoObject when the repository lacks it
  std::uint32_t first_parent = 0;
  std::uint32_t parent_count = 0;
  Signature author;
  std::int64_t commit_time = 0;
  std::uint32_t committer = 0;  // as Signature::who
  std::int32_t commit_offset_minutes = 0;
};

struct Tag {
  ObjectNumber object = kNoObject;
  ObjectNumber target = kNoObject;
  Signature tagger;
};

class CommitLog {
 public:
  CommitLog() = default;
  // What an earlier log had, after finish(). More can be added.
  CommitLog(std::vector<Commit> commits, std::vector<Tag> tags, std::vector<ObjectNumber> parents,
            std::vector<std::string> names);

  // `shallow` (sorted) are the commits whose parents are known to be missing.
  void add_commit(ObjectNumber object, const RawCommit& raw, const ObjectIndex& objects,
                  const std::vector<ObjectName>& shallow);
  void add_tag(ObjectNumber object, const RawTag& raw, const ObjectIndex& objects);
  void merge(CommitLog&& other);
  void finish();

  const std::vector<Commit>& commits() const { return commits_; }
  const std::vector<Tag>& tags() const { return tags_; }
  // The commits' parents that the repository has, as objects: a commit's are `parent_count` from `first_parent`.
  const std::vector<ObjectNumber>& parents() const { return parents_; }
  const std::vector<std::string>& names() const { return names_; }  // that signatures are numbers of
  const std::string& who(const Signature& signature) const { return names_[signature.who]; }
  const std::string& committer(const Commit& commit) const { return names_[commit.committer]; }
  const MissingObjects& missing() const { return missing_; }

 private:
  Signature keep(const Identity& identity);
  std::uint32_t intern(std::string_view name);
  std::uint32_t committer_number(const RawCommit& raw, std::uint32_t author);

  std::vector<Commit> commits_;
  std::vector<Tag> tags_;
  std::vector<ObjectNumber> parents_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t> numbers_;  // of names_
  std::uint32_t last_committer_ = 0;                        // of names_, when there are any
  MissingObjects missing_;
};

}  // namespace keytrail::git
