#include "scanner/git/history_state.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "scanner/base/state_file.h"

namespace keytrail::git {
namespace {

constexpr std::uint32_t kNowhere = 0xffffffff;

// Where in the log each commit stands, by object.
class Positions {
 public:
  explicit Positions(const HistoryParts& parts) : positions_(parts.objects.size(), kNowhere) {
    const std::vector<Commit>& commits = parts.log.commits();
    for (std::size_t i = 0; i < commits.size(); ++i) positions_[commits[i].object] = static_cast<std::uint32_t>(i);
  }
  std::uint32_t operator[](ObjectNumber object) const { return positions_[object]; }

 private:
  std::vector<std::uint32_t> positions_;
};

// Columns: the numbers of all commits of one kind stand together and are read at once.
void write_commits(const HistoryParts& parts, const Positions& positions, StateWriter& out) {
  const std::vector<Commit>& commits = parts.log.commits();
  std::vector<ObjectName> ids;
  std::vector<std::uint32_t> counts, parents, who, committers;
  std::vector<std::int32_t> offsets, commit_offsets;
  std::vector<std::int64_t> times, commit_times;
  for (const Commit& commit : commits) {
    ids.push_back(parts.objects.name(commit.object));
    counts.push_back(commit.parent_count);
    for (std::uint32_t i = 0; i < commit.parent_count; ++i) {
      parents.push_back(positions[parts.log.parents()[commit.first_parent + i]]);
    }
    who.push_back(commit.author.who);
    offsets.push_back(commit.author.offset_minutes);
    times.push_back(commit.author.time);
    commit_times.push_back(commit.commit_time);
    committers.push_back(commit.committer);
    commit_offsets.push_back(commit.commit_offset_minutes);
  }
  out.items(ids);
  out.items(counts);
  out.items(parents);
  out.items(who);
  out.items(offsets);
  out.items(times);
  out.items(commit_times);
  out.items(committers);
  out.items(commit_offsets);
}

void write_tags(const HistoryParts& parts, StateWriter& out) {
  std::vector<ObjectName> ids, targets;
  std::vector<std::uint32_t> who;
  std::vector<std::int32_t> offsets;
  std::vector<std::int64_t> times;
  for (const Tag& tag : parts.log.tags()) {
    ids.push_back(parts.objects.name(tag.object));
    targets.push_back(tag.target == kNoObject ? ObjectName{} : parts.objects.name(tag.target));
    who.push_back(tag.tagger.who);
    offsets.push_back(tag.tagger.offset_minutes);
    times.push_back(tag.tagger.time);
  }
  out.items(ids);
  out.items(targets);
  out.items(who);
  out.items(offsets);
  out.items(times);
}

void write_stands(const HistoryParts& parts, const Positions& positions, StateWriter& out) {
  const auto position = [&](Rank rank) {
    return rank == kNoRank ? kNowhere : positions[parts.graph.commit(rank).object];
  };
  out.u64(parts.stands.size());
  for (const KnownStand& stand : parts.stands) {
    out.items(std::vector<ObjectName>{stand.blob});
    out.text(stand.path);
    std::vector<std::uint32_t> brought, ends, taken_away;
    for (const Stand::Visit& visit : stand.visits) {
      brought.push_back(position(visit.brought));
      ends.push_back(position(visit.taken_away));
    }
    for (const Rank rank : stand.taken_away) taken_away.push_back(position(rank));
    out.items(brought);
    out.items(ends);
    out.items(taken_away);
  }
}

// Commits and tags as they are read; the log and the index are made of them.
class Thaw {
 public:
  explicit Thaw(StateReader& in) : in_(in) {}

  void commits(HistoryState& state) {
    const auto ids = in_.items<ObjectName>();
    const auto counts = in_.items<std::uint32_t>();
    const auto parents = in_.items<std::uint32_t>();
    const auto who = in_.items<std::uint32_t>();
    const auto offsets = in_.items<std::int32_t>();
    const auto times = in_.items<std::int64_t>();
    const auto commit_times = in_.items<std::int64_t>();
    const auto committers = in_.items<std::uint32_t>();
    const auto commit_offsets = in_.items<std::int32_t>();
    const std::size_t count = ids.size();
    if (counts.size() != count || who.size() != count || offsets.size() != count || times.size() != count ||
        commit_times.size() != count || committers.size() != count || commit_offsets.size() != count) {
      return in_.fail();
    }
    state.objects.reserve(count + count / 8);
    commits_.resize(count);
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (counts[i] > parents.size() - first) return in_.fail();
      Commit& commit = commits_[i];
      commit.object = add(ids[i], ObjectType::commit, state);
      commit.first_parent = static_cast<std::uint32_t>(first);
      commit.parent_count = counts[i];
      commit.author = {who[i], offsets[i], times[i]};
      commit.commit_time = commit_times[i];
      commit.committer = committers[i];
      commit.commit_offset_minutes = commit_offsets[i];
      first += counts[i];
    }
    // A commit's number is its position: each was added once.
    for (const std::uint32_t parent : parents) parents_.push_back(parent < count ? parent : kNoObject);
  }

  void tags(HistoryState& state) {
    const auto ids = in_.items<ObjectName>();
    const auto targets = in_.items<ObjectName>();
    const auto who = in_.items<std::uint32_t>();
    const auto offsets = in_.items<std::int32_t>();
    const auto times = in_.items<std::int64_t>();
    if (targets.size() != ids.size() || who.size() != ids.size() || offsets.size() != ids.size() ||
        times.size() != ids.size()) {
      return in_.fail();
    }
    for (std::size_t i = 0; i < ids.size() && in_.ok(); ++i) {
      tags_.push_back({add(ids[i], ObjectType::tag, state), kNoObject, {who[i], offsets[i], times[i]}});
    }
    for (std::size_t i = 0; i < ids.size() && in_.ok(); ++i) {
      if (targets[i] == ObjectName{}) continue;
      state.objects.add(targets[i]);
      tags_[i].target = state.objects.find(targets[i]);
    }
  }

  void finish(std::vector<std::string> names, HistoryState& state) {
    const auto known = [&](const Signature& signature) { return signature.who < names.size(); };
    for (const Commit& commit : commits_) {
      if (!known(commit.author) || commit.committer >= names.size()) return in_.fail();
    }
    for (const Tag& tag : tags_) {
      if (!known(tag.tagger)) return in_.fail();
    }
    state.log = CommitLog(std::move(commits_), std::move(tags_), std::move(parents_), std::move(names));
  }

 private:
  ObjectNumber add(const ObjectName& id, ObjectType type, HistoryState& state) {
    if (!state.objects.add(id)) {
      in_.fail();
      return 0;
    }
    state.objects.set_type(state.objects.size() - 1, type);
    return state.objects.size() - 1;
  }

  StateReader& in_;
  std::vector<Commit> commits_;
  std::vector<Tag> tags_;
  std::vector<ObjectNumber> parents_;
};

bool below(const std::vector<std::uint32_t>& positions, std::size_t count, bool or_nowhere) {
  return std::all_of(positions.begin(), positions.end(),
                     [&](std::uint32_t at) { return at < count || (or_nowhere && at == kNowhere); });
}

void read_stands(StateReader& in, HistoryState& state) {
  const std::size_t commits = state.log.commits().size();
  state.stands.resize(in.count(sizeof(ObjectName)));
  for (KnownStand& stand : state.stands) {
    const auto blob = in.items<ObjectName>();
    stand.path = in.text();
    const auto brought = in.items<std::uint32_t>();
    const auto ends = in.items<std::uint32_t>();
    stand.taken_away = in.items<std::uint32_t>();
    if (blob.size() != 1 || ends.size() != brought.size() || !below(brought, commits, false) ||
        !below(ends, commits, true) || !below(stand.taken_away, commits, false)) {
      return in.fail();
    }
    stand.blob = blob[0];
    for (std::size_t i = 0; i < brought.size(); ++i) stand.visits.push_back({brought[i], ends[i]});
  }
}

}  // namespace

std::string encode_history(const HistoryParts& parts) {
  StateWriter out;
  write_folders(parts.folders, out);
  const Positions positions(parts);
  write_commits(parts, positions, out);
  write_tags(parts, out);
  out.u64(parts.log.names().size());
  for (const std::string& name : parts.log.names()) out.text(name);
  out.u64(parts.missing.size());
  for (const KnownMissing& missing : parts.missing) {
    out.items(std::vector<ObjectName>{missing.object, missing.namer});
    out.u8(static_cast<std::uint8_t>(missing.namer_type));
    out.text(missing.as);
  }
  out.u64(parts.submodules.size());
  for (const std::string& name : parts.submodules) out.text(name);
  write_stands(parts, positions, out);
  return out.take();
}

std::vector<FolderStamp> decode_folders(std::string_view bytes) {
  StateReader in(bytes);
  return read_folders(in);
}

std::optional<HistoryState> decode_history(std::string_view bytes) {
  StateReader in(bytes);
  HistoryState state;
  state.folders = read_folders(in);
  Thaw thaw(in);
  thaw.commits(state);
  thaw.tags(state);
  std::vector<std::string> names(in.count(sizeof(std::uint64_t)));
  for (std::string& name : names) name = in.text();
  thaw.finish(std::move(names), state);
  state.missing.resize(in.count(2 * sizeof(ObjectName)));
  for (KnownMissing& missing : state.missing) {
    const auto ids = in.items<ObjectName>();
    const std::uint8_t type = in.u8();
    missing.as = in.text();
    if (ids.size() != 2 || type > static_cast<std::uint8_t>(ObjectType::tag)) return std::nullopt;
    missing.object = ids[0];
    missing.namer = ids[1];
    missing.namer_type = static_cast<ObjectType>(type);
  }
  for (std::uint64_t count = in.count(sizeof(std::uint64_t)); count > 0; --count) state.submodules.emplace(in.text());
  read_stands(in, state);
  if (!in.at_end()) return std::nullopt;
  return state;
}

}  // namespace keytrail::git
