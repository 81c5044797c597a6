#include "scanner/git/commit_range.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <queue>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "scanner/git/object_store.h"
#include "scanner/git/raw_objects.h"

namespace keytrail::git {
namespace {

constexpr std::int64_t kSlackSeconds = std::int64_t{7} * 24 * 60 * 60;

class Walk {
 public:
  Walk(Lookup& lookup, const std::vector<ObjectName>& shallow) : lookup_(lookup), shallow_(shallow) {}

  CommitRange run(const RangeSpec& spec, const core::Sink& sink) {
    for (const ObjectName& commit : spec.exclude) exclude(reach(commit));
    for (const ObjectName& commit : spec.include) (void)reach(commit);
    for (const ObjectName& commit : spec.exclude) {
      const Node& node = nodes_[numbers_.at(commit)];
      if (node.readable) excluded_trees_.push_back(node.tree);
    }
    while (!waiting_.empty() && !sink.cancelled() && !done()) take();
    return sorted();
  }

 private:
  struct Node {
    ObjectName name;
    ObjectName tree;
    std::int64_t time = 0;
    std::vector<ObjectName> parent_names;
    std::vector<std::size_t> parents;  // once taken
    bool readable = false;
    bool excluded = false;
    bool taken = false;
    Error error;
  };
  struct Waiting {
    std::int64_t time;
    std::size_t node;
    friend bool operator<(const Waiting& a, const Waiting& b) {
      return std::tie(a.time, b.node) < std::tie(b.time, a.node);
    }
  };

  // The node of a commit, which is read and waits from now on if it is new.
  std::size_t reach(const ObjectName& name) {
    const auto [known, is_new] = numbers_.try_emplace(name, nodes_.size());
    if (!is_new) return known->second;
    Node node;
    node.name = name;
    const Result<Lookup::Object> object = lookup_.read(name, ObjectType::commit);
    const std::optional<RawCommit> raw = object ? parse_commit(object->bytes) : std::nullopt;
    if (raw) {
      node.readable = true;
      node.tree = raw->tree;
      node.time = raw->committer.time;
      node.parent_names = raw->parents;
    } else {
      node.error =
          object ? make_error(ErrorCode::corrupt, "not a commit: no tree, or parents that cannot be read", name.hex())
                 : object.error();
    }
    nodes_.push_back(std::move(node));
    waiting_.push({nodes_.back().time, nodes_.size() - 1});
    ++waiting_included_;
    return nodes_.size() - 1;
  }

  void exclude(std::size_t start) {
    std::vector<std::size_t> pending = {start};
    while (!pending.empty()) {
      Node& node = nodes_[pending.back()];
      pending.pop_back();
      if (node.excluded) continue;
      node.excluded = true;
      if (!node.taken) --waiting_included_;
      pending.insert(pending.end(), node.parents.begin(), node.parents.end());
    }
  }

  bool done() const { return waiting_included_ == 0 && waiting_.top().time < oldest_ - kSlackSeconds; }

  void take() {
    const std::size_t number = waiting_.top().node;
    waiting_.pop();
    nodes_[number].taken = true;
    const bool excluded = nodes_[number].excluded;
    if (!excluded) {
      --waiting_included_;
      oldest_ = std::min(oldest_, nodes_[number].time);
    }
    if (is_shallow(nodes_[number].name)) return;
    const std::vector<ObjectName> names = nodes_[number].parent_names;
    for (const ObjectName& name : names) {
      const std::size_t parent = reach(name);
      nodes_[number].parents.push_back(parent);
      if (excluded) exclude(parent);
    }
  }

  bool is_shallow(const ObjectName& name) const { return std::binary_search(shallow_.begin(), shallow_.end(), name); }

  bool in_range(const Node& node) const { return node.readable && !node.excluded && node.taken; }

  // Parents before children; of those that could come next the oldest, then the smallest id.
  CommitRange sorted() {
    std::vector<std::size_t> missing(nodes_.size());
    std::vector<std::vector<std::size_t>> children(nodes_.size());
    const auto later = [this](std::size_t a, std::size_t b) {
      return std::tie(nodes_[a].time, nodes_[a].name) > std::tie(nodes_[b].time, nodes_[b].name);
    };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> ready(later);
    CommitRange range;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (!nodes_[i].readable && !nodes_[i].excluded) range.skips.push_back(skip_of(nodes_[i].error));
      if (!in_range(nodes_[i])) continue;
      for (const std::size_t parent : nodes_[i].parents) {
        if (!in_range(nodes_[parent])) continue;
        ++missing[i];
        children[parent].push_back(i);
      }
      if (missing[i] == 0) ready.push(i);
    }
    std::vector<std::size_t> position(nodes_.size());
    while (!ready.empty()) {
      const std::size_t number = ready.top();
      ready.pop();
      position[number] = range.commits.size();
      range.commits.push_back(commit_of(number, position, range.skips));
      for (const std::size_t child : children[number]) {
        if (--missing[child] == 0) ready.push(child);
      }
    }
    std::sort(range.skips.begin(), range.skips.end());
    return range;
  }

  RangeCommit commit_of(std::size_t number, const std::vector<std::size_t>& position, std::vector<core::Skip>& skips) {
    const Node& node = nodes_[number];
    RangeCommit commit{node.name, node.tree, node.time, {}, {}};
    bool unknown = false;
    if (is_shallow(node.name)) {
      unknown = true;
      skips.push_back({core::SkipReason::shallow, node.name.hex(),
                       "the range goes on before this commit, which is where this shallow clone ends; "
                       "`git fetch --unshallow`, or `git fetch --deepen N`, brings the rest"});
    }
    for (const std::size_t parent : node.parents) {
      if (!nodes_[parent].readable) {
        unknown = true;
        continue;
      }
      if (in_range(nodes_[parent])) commit.parents.push_back(position[parent]);
      commit.parent_trees.push_back(nodes_[parent].tree);
    }
    if (unknown) {
      commit.parent_trees.insert(commit.parent_trees.end(), excluded_trees_.begin(), excluded_trees_.end());
    }
    return commit;
  }

  Lookup& lookup_;
  const std::vector<ObjectName>& shallow_;
  std::vector<Node> nodes_;
  std::unordered_map<ObjectName, std::size_t, ObjectNameHash> numbers_;
  std::priority_queue<Waiting> waiting_;
  std::size_t waiting_included_ = 0;  // of those that wait, how many are not excluded
  std::int64_t oldest_ = std::numeric_limits<std::int64_t>::max() / 2;
  std::vector<ObjectName> excluded_trees_;
};

}  // namespace

CommitRange commits_of(Lookup& lookup, const RangeSpec& spec, const std::vector<ObjectName>& shallow,
                       const core::Sink& sink) {
  return Walk(lookup, shallow).run(spec, sink);
}

}  // namespace keytrail::git
