#include "scanner/git/commit_log.h"

#include <algorithm>
#include <utility>

namespace keytrail::git {

CommitLog::CommitLog(std::vector<Commit> commits, std::vector<Tag> tags, std::vector<ObjectNumber> parents,
                     std::vector<std::string> names)
    : commits_(std::move(commits)), tags_(std::move(tags)), parents_(std::move(parents)), names_(std::move(names)) {
  for (std::uint32_t i = 0; i < names_.size(); ++i) numbers_.emplace(names_[i], i);
}

std::uint32_t CommitLog::intern(std::string_view name) {
  const auto [entry, added] = numbers_.try_emplace(std::string(name), static_cast<std::uint32_t>(names_.size()));
  if (added) names_.emplace_back(name);
  return entry->second;
}

Signature CommitLog::keep(const Identity& identity) {
  return {intern(identity.who), identity.offset_minutes, identity.time};
}

// Nearly every commit is committed by its author or by who committed the one before: no look-up is needed for these.
std::uint32_t CommitLog::committer_number(const RawCommit& raw, std::uint32_t author) {
  if (raw.committer.who == names_[author]) return author;
  if (raw.committer.who != names_[last_committer_]) last_committer_ = intern(raw.committer.who);
  return last_committer_;
}

void CommitLog::add_commit(ObjectNumber object, const RawCommit& raw, const ObjectIndex& objects,
                           const std::vector<ObjectName>& shallow) {
  Commit commit;
  commit.object = object;
  commit.tree = objects.find(raw.tree);
  commit.author = keep(raw.author);
  commit.commit_time = raw.committer.time;
  commit.committer = committer_number(raw, commit.author.who);
  commit.commit_offset_minutes = raw.committer.offset_minutes;
  commit.first_parent = static_cast<std::uint32_t>(parents_.size());
  if (commit.tree == kNoObject) missing_.add(raw.tree, objects.name(object), "its tree");
  const bool cut = std::binary_search(shallow.begin(), shallow.end(), objects.name(object));
  for (const ObjectName& name : raw.parents) {
    const ObjectNumber parent = objects.find(name);
    if (parent != kNoObject) parents_.push_back(parent);
    if (parent == kNoObject && !cut) missing_.add(name, objects.name(object), "a parent");
  }
  commit.parent_count = static_cast<std::uint32_t>(parents_.size()) - commit.first_parent;
  commits_.push_back(commit);
}

void CommitLog::add_tag(ObjectNumber object, const RawTag& raw, const ObjectIndex& objects) {
  Tag tag;
  tag.object = object;
  tag.target = objects.find(raw.target);
  tag.tagger = keep(raw.tagger);
  if (tag.target == kNoObject) missing_.add(raw.target, objects.name(object), "what it tags");
  tags_.push_back(tag);
}

void CommitLog::merge(CommitLog&& other) {
  const std::uint32_t parents_before = static_cast<std::uint32_t>(parents_.size());
  std::vector<std::uint32_t> renumbered;
  for (const std::string& name : other.names_) renumbered.push_back(intern(name));
  for (Commit& commit : other.commits_) {
    commit.first_parent += parents_before;
    commit.author.who = renumbered[commit.author.who];
    commit.committer = renumbered[commit.committer];
    commits_.push_back(commit);
  }
  for (Tag& tag : other.tags_) {
    tag.tagger.who = renumbered[tag.tagger.who];
    tags_.push_back(tag);
  }
  parents_.insert(parents_.end(), other.parents_.begin(), other.parents_.end());
  missing_.merge(std::move(other.missing_));
  other = CommitLog();
}

void CommitLog::finish() {
  const auto by_object = [](const auto& a, const auto& b) { return a.object < b.object; };
  std::sort(commits_.begin(), commits_.end(), by_object);
  std::sort(tags_.begin(), tags_.end(), by_object);
  numbers_.clear();
}

}  // namespace keytrail::git
