#include "scanner/git/tree_changes.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "scanner/git/raw_objects.h"

namespace keytrail::git {
namespace {

constexpr std::size_t kMaxDepth = 256;
constexpr std::size_t kMaxCompared = 100'000;  // trees, in all
constexpr std::size_t kMaxChanges = 200'000;
constexpr std::size_t kMaxHeldBytes = std::size_t{512} << 20;

std::string below(const std::string& folder, std::string_view name) {
  std::string path = folder;
  if (!path.empty()) path += '/';
  path += name;
  return path;
}

// Steps through sorted entries for names that come in order.
template <typename Entry>
class Cursor {
 public:
  explicit Cursor(const std::vector<Entry>& entries) : at_(entries.begin()), end_(entries.end()) {}
  const Entry* find(std::string_view name) {
    while (at_ != end_ && at_->name < name) ++at_;
    return at_ != end_ && at_->name == name ? &*at_ : nullptr;
  }

 private:
  typename std::vector<Entry>::const_iterator at_, end_;
};

}  // namespace

void TreeChanges::parse(std::string_view bytes, Tree& tree) {
  TreeEntries entries(bytes);
  while (const std::optional<TreeEntry> entry = entries.next()) {
    if (entry->kind == TreeEntry::Kind::submodule) continue;
    if (entry->name.find('/') != std::string_view::npos) failed_ = true;  // paths could not be told apart
    (entry->kind == TreeEntry::Kind::tree ? tree.folders : tree.blobs).push_back({entry->name, entry->object});
  }
  if (entries.damaged()) failed_ = true;
  for (std::vector<Entry>* list : {&tree.folders, &tree.blobs}) {
    const auto by_name = [](const Entry& a, const Entry& b) { return a.name < b.name; };
    if (!std::is_sorted(list->begin(), list->end(), by_name)) std::sort(list->begin(), list->end(), by_name);
    const auto same = [](const Entry& a, const Entry& b) { return a.name == b.name; };
    if (std::adjacent_find(list->begin(), list->end(), same) != list->end()) failed_ = true;
  }
}

// What is no tree, or is not there, is an empty one.
const TreeChanges::Tree& TreeChanges::read(const ObjectName& name) {
  std::unique_ptr<Tree>& tree = trees_[name];
  if (tree) return *tree;
  tree = std::make_unique<Tree>();
  if (const NewObjects::Object* object = objects_.find(name)) {
    if (object->type == ObjectType::tree) parse(object->bytes, *tree);
  } else if (known_.has(name)) {
    std::optional<HeldObject> held = known_.read(name);
    if (!held) {
      failed_ = true;
    } else if (held->type == ObjectType::tree) {
      held_bytes_ += held->bytes.size();
      if (held_bytes_ > kMaxHeldBytes) failed_ = true;
      tree->bytes = std::move(held->bytes);
      parse(tree->bytes, *tree);
    }
  }
  return *tree;
}

// A folder that one of the others has as it is brings nothing.
void TreeChanges::compare_folders(const Task& task, const Tree& tree, const std::vector<const Tree*>& others,
                                  std::vector<Task>& tasks) {
  std::vector<Cursor<Entry>> cursors;
  cursors.reserve(others.size());
  for (const Tree* other : others) cursors.emplace_back(other->folders);
  for (const Entry& folder : tree.folders) {
    std::vector<ObjectName> theirs;
    bool same = false;
    for (Cursor<Entry>& cursor : cursors) {
      const Entry* match = cursor.find(folder.name);
      if (match == nullptr) continue;
      same = same || match->object == folder.object;
      theirs.push_back(match->object);
    }
    if (!same) tasks.push_back({folder.object, std::move(theirs), below(task.path, folder.name), task.depth + 1});
  }
}

template <typename Found>
void TreeChanges::difference(const ObjectName& tree, std::vector<ObjectName> others, Found found) {
  if (std::find(others.begin(), others.end(), tree) != others.end()) return;
  std::vector<Task> tasks;
  tasks.push_back({tree, std::move(others), {}, 0});
  while (!tasks.empty() && !failed_) {
    const Task task = std::move(tasks.back());
    tasks.pop_back();
    compared_ += 1 + task.others.size();
    if (compared_ > kMaxCompared || task.depth > kMaxDepth) {
      failed_ = true;
      return;
    }
    const Tree& mine = read(task.tree);
    std::vector<const Tree*> theirs;
    for (const ObjectName& other : task.others) theirs.push_back(&read(other));
    std::vector<Cursor<Entry>> cursors;
    cursors.reserve(theirs.size());
    for (const Tree* other : theirs) cursors.emplace_back(other->blobs);
    for (const Entry& blob : mine.blobs) {
      bool old = false;
      for (Cursor<Entry>& cursor : cursors) {
        const Entry* match = cursor.find(blob.name);
        old = old || (match != nullptr && match->object == blob.object);
      }
      if (!old) found(below(task.path, blob.name), blob.object);
    }
    compare_folders(task, mine, theirs, tasks);
  }
}

void TreeChanges::compare(const ObjectName& commit, const ObjectName& tree, std::vector<ObjectName> before,
                          std::vector<Change>& changes) {
  std::sort(before.begin(), before.end());
  before.erase(std::unique(before.begin(), before.end()), before.end());
  const auto add = [&](bool brought) {
    return [&changes, &commit, this, brought](std::string path, const ObjectName& blob) {
      changes.push_back({commit, blob, std::move(path), brought});
      if (changes.size() > kMaxChanges) failed_ = true;
    };
  };
  difference(tree, before, add(true));
  for (const ObjectName& other : before) difference(other, {tree}, add(false));
}

bool TreeChanges::stands(const ObjectName& tree, std::string_view path, const ObjectName& blob) {
  ObjectName folder = tree;
  const auto find = [](const std::vector<Entry>& entries, std::string_view name) -> const Entry* {
    const auto at = std::lower_bound(entries.begin(), entries.end(), name,
                                     [](const Entry& entry, std::string_view wanted) { return entry.name < wanted; });
    return at != entries.end() && at->name == name ? &*at : nullptr;
  };
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos && !failed_; slash = path.find('/')) {
    const Entry* next = find(read(folder).folders, path.substr(0, slash));
    if (next == nullptr) return false;
    folder = next->object;
    path.remove_prefix(slash + 1);
  }
  const Entry* entry = find(read(folder).blobs, path);
  return entry != nullptr && entry->object == blob;
}

}  // namespace keytrail::git
