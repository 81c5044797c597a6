// What a sweep keeps of a history so that the next one can begin where it ended: which files the repository had, the
// commits and tags, where wanted blobs stand, and what was missing. Of objects it holds ids, never a text.
//
// Kept only of a sweep that could read everything that is there (what others name and is not there may be missing).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/git/commit_graph.h"
#include "scanner/git/commit_log.h"
#include "scanner/git/object_index.h"
#include "scanner/git/provenance.h"
#include "scanner/git/repository_snapshot.h"

namespace keytrail::git {

// A wanted blob at a path, on its own: see Stand.
struct KnownStand {
  ObjectName blob;
  std::string path;
  bool at_tip = false;
  std::vector<Stand::Visit> visits;  // by rank of `brought`
  std::vector<Rank> taken_away;      // by rank
};

// An object that the repository lacks, with the first that names it.
struct KnownMissing {
  ObjectName object;
  ObjectName namer;
  ObjectType namer_type = ObjectType::unknown;
  std::string as;
};

struct HistoryState {
  std::vector<FolderStamp> folders;
  ObjectIndex objects;                // the commits, then the tags, then what tags name
  CommitLog log;                      // whose commits have no trees
  std::vector<KnownMissing> missing;  // by id
  std::set<std::string> submodules;
  // With positions in the log in the place of ranks; at_tip is not kept.
  std::vector<KnownStand> stands;
};

// What decode_history() reads. `log` and `stands` speak of `objects` and `graph`.
struct HistoryParts {
  const std::vector<FolderStamp>& folders;
  const ObjectIndex& objects;
  const CommitLog& log;
  const CommitGraph& graph;
  const std::vector<KnownMissing>& missing;
  const std::set<std::string>& submodules;
  const std::vector<KnownStand>& stands;  // with ranks
};

std::string encode_history(const HistoryParts& parts);
// What decode_history() reads first, and is soon done with.
std::vector<FolderStamp> decode_folders(std::string_view bytes);
// Nothing when the bytes are not those of a state.
std::optional<HistoryState> decode_history(std::string_view bytes);

}  // namespace keytrail::git
