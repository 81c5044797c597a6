#include "scanner/git/tree_diff.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace keytrail::git {
namespace {

constexpr std::size_t kMaxPathBytes = std::size_t{64} << 20;  // of all paths of one call

// Git's order: the name of a folder counts as if a slash followed it.
int compare_names(const TreeEntry& a, const TreeEntry& b) {
  const std::size_t common = std::min(a.name.size(), b.name.size());
  if (const int order = a.name.substr(0, common).compare(b.name.substr(0, common)); order != 0) return order;
  const auto next = [common](const TreeEntry& entry) -> int {
    if (entry.name.size() > common) return static_cast<unsigned char>(entry.name[common]);
    return entry.kind == TreeEntry::Kind::tree ? '/' : 0;
  };
  return next(a) - next(b);
}

// The entries of a tree in order, to look for those of another that is in order too.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes), entries_(bytes) {}

  // Whether the next entry has just these bytes: nearly all have, and are not taken apart for it.
  bool take(std::string_view entry) {
    if (!bytes_.substr(begin_).starts_with(entry)) return false;
    begin_ += entry.size();
    if (!is_parsed_) entries_.skip(entry.size());
    is_parsed_ = false;
    return true;
  }

  const TreeEntry* find(const TreeEntry& wanted) {
    parse();
    while (current_ && compare_names(*current_, wanted) < 0) {
      begin_ = entries_.position();
      is_parsed_ = false;
      parse();
    }
    return current_ && compare_names(*current_, wanted) == 0 ? &*current_ : nullptr;
  }

 private:
  void parse() {
    if (!is_parsed_) current_ = entries_.next();
    is_parsed_ = true;
  }

  std::string_view bytes_;
  TreeEntries entries_;
  std::size_t begin_ = 0;   // of the next entry
  bool is_parsed_ = false;  // whether that is current_
  std::optional<TreeEntry> current_;
};

// A folder, and what stands at its path elsewhere; zero ids for nothing.
struct Folder {
  ObjectName now;
  std::vector<ObjectName> others;

  std::string key() const {
    std::string key(reinterpret_cast<const char*>(now.bytes.data()), now.bytes.size());
    for (const ObjectName& other : others) key.append(reinterpret_cast<const char*>(other.bytes.data()), 20);
    return key;
  }
};

// Calls `use(entry, there)` for each entry of `folder.now` that none of the others has: `there` is what they have by
// that name instead, null for nothing.
template <typename Use>
void compare(const TreeDiff& diff, const Folder& folder, Use use) {
  const Result<Lookup::Tree> now = diff.lookup.tree(folder.now);
  if (!now) return diff.on_unreadable(now.error());
  std::vector<Lookup::Tree> kept;
  std::vector<Cursor> cursors;
  for (const ObjectName& other : folder.others) {
    Lookup::Tree bytes;
    if (other != ObjectName{}) {
      const Result<Lookup::Tree> tree = diff.lookup.tree(other);
      if (!tree) diff.on_unreadable(tree.error());
      if (tree) bytes = *tree;
    }
    cursors.emplace_back(bytes ? std::string_view(*bytes) : std::string_view());
    kept.push_back(std::move(bytes));
  }
  TreeEntries entries(**now);
  std::vector<const TreeEntry*> there(cursors.size());
  std::size_t begin = 0;
  while (const std::optional<TreeEntry> entry = entries.next()) {
    const std::string_view bytes = std::string_view(**now).substr(begin, entries.position() - begin);
    begin = entries.position();
    bool known = std::any_of(cursors.begin(), cursors.end(), [&](Cursor& cursor) { return cursor.take(bytes); });
    for (std::size_t i = 0; i < cursors.size() && !known; ++i) {
      there[i] = cursors[i].find(*entry);
      known = known || (there[i] != nullptr && there[i]->object == entry->object && there[i]->kind == entry->kind);
    }
    if (!known) use(*entry, there);
  }
  if (entries.damaged()) {
    diff.on_unreadable(make_error(ErrorCode::corrupt, "the tree is damaged", folder.now.hex()));
  }
}

Folder below(const TreeEntry& entry, const std::vector<const TreeEntry*>& there) {
  Folder folder{entry.object, {}};
  for (const TreeEntry* other : there) {
    folder.others.push_back(other == nullptr ? ObjectName{} : other->object);
  }
  return folder;
}

// Compares all folders below `root`, each once; `use` gets the entries that are no folders.
template <typename Use>
void compare_all(const TreeDiff& diff, Folder root, Use use) {
  std::vector<Folder> pending;
  std::unordered_set<std::string> seen;
  pending.push_back(std::move(root));
  while (!pending.empty()) {
    const Folder folder = std::move(pending.back());
    pending.pop_back();
    compare(diff, folder, [&](const TreeEntry& entry, const std::vector<const TreeEntry*>& there) {
      if (entry.kind != TreeEntry::Kind::tree) return use(entry, there);
      Folder next = below(entry, there);
      if (seen.insert(next.key()).second) pending.push_back(std::move(next));
    });
  }
}

// The folders that differ, as a graph: a folder that stands at many paths is one node.
class Graph {
 public:
  Graph(const TreeDiff& diff, Folder root, const ObjectNames& wanted) {
    nodes_.push_back({std::move(root), {}, {}, {}, false});
    for (std::size_t i = 0; i < nodes_.size(); ++i) explore(diff, i, wanted);
    keep_what_leads_to_wanted();
  }

  bool spell_out(std::size_t limit, const TreeDiff::At& at) const {
    struct Step {
      std::size_t node;
      std::string path;
    };
    std::vector<Step> pending;
    if (nodes_[0].live) pending.push_back({0, ""});
    std::size_t bytes = 0;
    while (!pending.empty()) {
      const Step step = std::move(pending.back());
      pending.pop_back();
      for (const auto& [name, object] : nodes_[step.node].hits) {
        if (limit-- == 0) return false;
        at(step.path + name, object);
      }
      for (const auto& [name, child] : nodes_[step.node].children) {
        if (!nodes_[child].live) continue;
        bytes += step.path.size() + name.size();
        if (bytes > kMaxPathBytes) return false;
        pending.push_back({child, step.path + name + "/"});
      }
    }
    return true;
  }

 private:
  struct Node {
    Folder folder;
    std::vector<std::pair<std::string, std::size_t>> children;
    std::vector<std::pair<std::string, ObjectName>> hits;
    std::vector<std::size_t> parents;
    bool live;
  };

  void explore(const TreeDiff& diff, std::size_t at, const ObjectNames& wanted) {
    const Folder folder = nodes_[at].folder;
    compare(diff, folder, [&](const TreeEntry& entry, const std::vector<const TreeEntry*>& there) {
      if (entry.kind == TreeEntry::Kind::blob && wanted.contains(entry.object)) {
        nodes_[at].hits.emplace_back(entry.name, entry.object);
      }
      if (entry.kind != TreeEntry::Kind::tree) return;
      Folder next = below(entry, there);
      const auto [known, is_new] = numbers_.try_emplace(next.key(), nodes_.size());
      if (is_new) nodes_.push_back({std::move(next), {}, {}, {}, false});
      nodes_[at].children.emplace_back(entry.name, known->second);
      nodes_[known->second].parents.push_back(at);
    });
  }

  void keep_what_leads_to_wanted() {
    std::vector<std::size_t> pending;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (!nodes_[i].hits.empty()) pending.push_back(i);
    }
    while (!pending.empty()) {
      Node& node = nodes_[pending.back()];
      pending.pop_back();
      if (node.live) continue;
      node.live = true;
      pending.insert(pending.end(), node.parents.begin(), node.parents.end());
    }
  }

  std::vector<Node> nodes_;
  std::unordered_map<std::string, std::size_t> numbers_;
};

bool same_tree(const ObjectName& now, const std::vector<ObjectName>& before) {
  return now == ObjectName{} || std::find(before.begin(), before.end(), now) != before.end();
}

}  // namespace

void TreeDiff::introduced(const ObjectName& now, const std::vector<ObjectName>& before, const Found& found) {
  if (same_tree(now, before)) return;
  compare_all(*this, {now, before},
              [&](const TreeEntry& entry, const std::vector<const TreeEntry*>&) { found(entry); });
}

bool TreeDiff::introduced_at(const ObjectName& now, const std::vector<ObjectName>& before, const ObjectNames& wanted,
                             std::size_t limit, const At& at) {
  if (same_tree(now, before)) return true;
  return Graph(*this, {now, before}, wanted).spell_out(limit, at);
}

void TreeDiff::replaced(const ObjectName& now, const ObjectName& before, const Replaced& found) {
  if (same_tree(before, {now})) return;
  compare_all(*this, {before, {now}}, [&](const TreeEntry& entry, const std::vector<const TreeEntry*>& there) {
    if (entry.kind != TreeEntry::Kind::blob) return;
    const bool is_blob = there[0] != nullptr && there[0]->kind == TreeEntry::Kind::blob;
    found(entry.object, is_blob ? std::optional(there[0]->object) : std::nullopt);
  });
}

std::optional<TreeEntry> entry_at(Lookup& lookup, const ObjectName& root, std::string_view path) {
  ObjectName folder = root;
  while (folder != ObjectName{}) {
    const Result<Lookup::Tree> tree = lookup.tree(folder);
    if (!tree) return std::nullopt;
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    std::optional<TreeEntry> found;
    TreeEntries entries(**tree);
    while (const std::optional<TreeEntry> entry = entries.next()) {
      if (entry->name != name) continue;
      if (slash != std::string_view::npos && entry->kind != TreeEntry::Kind::tree) continue;
      found = entry;
      break;
    }
    if (!found) return std::nullopt;
    if (slash == std::string_view::npos) {
      found->name = path;
      return found;
    }
    folder = found->object;
    path.remove_prefix(slash + 1);
  }
  return std::nullopt;
}

}  // namespace keytrail::git
