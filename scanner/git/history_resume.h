// A sweep that begins where an earlier one ended: reads what came since, delivers it, and says of the whole history
// what a sweep of all of it would say.
//
// New commits have only old ones and each other for ancestors, so what the old ones brought and took away stays as it
// was; each new one is compared with its parents. What is reachable and what stands at the tip is found anew, over all.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/base/state_file.h"
#include "scanner/core/history.h"
#include "scanner/git/history_state.h"
#include "scanner/git/known_ids.h"
#include "scanner/git/locate.h"
#include "scanner/git/new_objects.h"
#include "scanner/git/object_store.h"
#include "scanner/git/raw_objects.h"
#include "scanner/git/repository.h"
#include "scanner/git/repository_snapshot.h"
#include "scanner/git/tree_changes.h"

namespace keytrail::git {

class HistoryResume {
 public:
  // `state` is what encode() or encode_history() gave, `load_ids` what collect_ids() gave with it. Nothing when it does
  // not hold for the repository as `now` shows it, or when more is new or damaged than this can tell: then a whole
  // sweep must be made. Delivers nothing yet, and reads all that is to be read, so that nothing can fail later.
  // `branches` as for Reachability. `repository` and `now` must outlive it.
  static std::unique_ptr<HistoryResume> prepare(const Repository& repository, const std::vector<std::string>& branches,
                                                const RepositorySnapshot& now, std::string_view state,
                                                const core::LoadState& load_ids);

  // Hands what is new to the sink, from `threads` threads.
  void deliver(core::Sink& sink, unsigned threads) const;
  // After deliver(). `wanted` may be new blobs and those that the earlier sweep wanted. `skips` becomes what is
  // missing, what belongs to other repositories, and what limits kept from being followed.
  core::Homes locate(const std::vector<core::ObjectId>& wanted, std::vector<core::Skip>& skips);

  std::size_t commit_count() const { return log_.commits().size(); }
  // After locate(): the state from which the next sweep is to begin; empty where the old one still does.
  std::string encode() const;

 private:
  HistoryResume(const Repository& repository, const RepositorySnapshot& now) : repository_(repository), now_(now) {}
  bool begin(std::string_view state, const core::LoadState& load_ids);
  bool read_files(const std::vector<FolderStamp>& before, const core::LoadState& load_ids);
  bool read_new();
  bool add_commit(const NewObjects::Object& object);
  bool add_tag(const NewObjects::Object& object);
  bool add_tree(const NewObjects::Object& object);
  void add_object(const ObjectName& name, ObjectType type);
  bool has(const ObjectName& name) const;
  void name(const NewObjects::Object& namer, const ObjectName& object, std::string_view as);
  void merge_missing();
  bool find_changes();
  std::optional<ObjectName> tree_of(const ObjectName& commit);
  std::optional<ObjectName> tip_tree();
  bool find_tip();
  void deliver(const NewObjects::Object& object, unsigned worker, core::Sink& sink) const;
  std::vector<std::size_t> add_changes(const std::vector<core::ObjectId>& wanted);
  void match_ends(const std::vector<std::size_t>& stands);
  std::vector<core::Skip> skips() const;

  const Repository& repository_;
  const RepositorySnapshot& now_;
  std::optional<ObjectName> tip_;  // what HEAD names
  NewFiles files_;
  std::optional<StateFile> id_file_;
  std::optional<KnownIds> ids_;  // where it takes them
  std::optional<KnownObjects> known_;
  std::optional<NewObjects> new_;
  ObjectStore store_;  // has no places: only its index is used
  CommitLog log_;
  std::vector<KnownMissing> missing_;
  std::set<std::string> submodules_;
  std::vector<KnownStand> stands_;
  std::vector<Change> changes_;
  std::vector<bool> change_at_tip_;
  std::unordered_map<ObjectName, RawCommit, ObjectNameHash> commits_;  // new ones
  MissingObjects named_;                                               // and not there
  std::vector<ObjectName> recent_;  // objects that were there when they were named last
  std::optional<TreeChanges> trees_;
  std::optional<Locator> locator_;
};

}  // namespace keytrail::git
