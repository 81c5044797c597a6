#include "scanner/git/path_states.h"

#include <string_view>
#include <utility>

#include "scanner/git/raw_objects.h"

namespace keytrail::git {
namespace {

constexpr std::size_t kMaxStates = 20'000'000;

}  // namespace

std::uint32_t PathStates::add_node() {
  children_.emplace_back();
  return static_cast<std::uint32_t>(children_.size() - 1);
}

void PathStates::add_path(const std::string& path) {
  std::uint32_t node = 0;
  std::size_t begin = 0;
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', begin)) {
    const std::string name = path.substr(begin, slash - begin);
    if (children_[node][name].folder == 0) {
      const std::uint32_t added = add_node();
      children_[node][name].folder = added;
    }
    node = children_[node][name].folder;
    begin = slash + 1;
  }
  const std::string name = path.substr(begin);
  if (children_[node][name].leaf == 0) {
    const std::uint32_t added = add_node();
    children_[node][name].leaf = added;
  }
  leaves_.push_back(children_[node][name].leaf);
}

PathStates::PathStates(Lookup& lookup, const std::vector<RangeCommit>& commits, const std::vector<std::string>& paths) {
  add_node();
  for (const std::string& path : paths) add_path(path);
  if (children_.size() * commits.size() > kMaxStates) return;
  known_ = true;
  states_.reserve(commits.size());
  for (const RangeCommit& commit : commits) {
    const State* like = commit.parents.empty() ? nullptr : &states_[commit.parents.front()];
    states_.push_back(state_of(lookup, commit.tree, like));
  }
}

// Nodes come after the node that they are children of, so that one pass reads the folders from the top down.
PathStates::State PathStates::state_of(Lookup& lookup, const ObjectName& tree, const State* like) const {
  State state(children_.size());
  state[0] = tree;
  for (std::size_t node = 0; node < children_.size(); ++node) {
    if (children_[node].empty() || state[node] == ObjectName{}) continue;
    if (like == nullptr || (*like)[node] != state[node]) {
      read_folder(lookup, state[node], children_[node], state);
      continue;
    }
    for (const auto& [name, child] : children_[node]) {
      if (child.folder != 0) state[child.folder] = (*like)[child.folder];
      if (child.leaf != 0) state[child.leaf] = (*like)[child.leaf];
    }
  }
  return state;
}

void PathStates::read_folder(Lookup& lookup, const ObjectName& tree, const Children& children, State& state) const {
  const Result<Lookup::Tree> bytes = lookup.tree(tree);
  if (!bytes) return;
  TreeEntries entries(**bytes);
  std::string name;
  while (const std::optional<TreeEntry> entry = entries.next()) {
    name = entry->name;
    const auto child = children.find(name);
    if (child == children.end()) continue;
    if (entry->kind == TreeEntry::Kind::tree && child->second.folder != 0) state[child->second.folder] = entry->object;
    if (entry->kind == TreeEntry::Kind::blob && child->second.leaf != 0) state[child->second.leaf] = entry->object;
  }
}

}  // namespace keytrail::git
