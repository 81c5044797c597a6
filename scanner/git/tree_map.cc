#include "scanner/git/tree_map.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "scanner/base/thread.h"
#include "scanner/git/raw_objects.h"

namespace keytrail::git {
namespace {

constexpr std::size_t kSlice = 256;

// The wanted blobs, behind a filter of 2^16 bits that answers for nearly all that are not.
class WantedBlobs {
 public:
  WantedBlobs(const ObjectIndex& objects, const std::vector<ObjectNumber>& blobs) : filter_(kBits) {
    for (const ObjectNumber blob : blobs) {
      filter_[bit_of(objects.name(blob))] = true;
      numbers_.emplace(objects.name(blob), blob);
    }
  }
  ObjectNumber find(const ObjectName& name) const {
    if (!filter_[bit_of(name)]) return kNoObject;
    const auto found = numbers_.find(name);
    return found == numbers_.end() ? kNoObject : found->second;
  }

 private:
  static constexpr std::size_t kBits = std::size_t{1} << 16;
  static std::size_t bit_of(const ObjectName& name) { return name.bytes[0] * std::size_t{256} + name.bytes[1]; }

  std::vector<bool> filter_;
  std::unordered_map<ObjectName, ObjectNumber, ObjectNameHash> numbers_;
};

std::vector<ObjectNumber> trees_of(const ObjectIndex& objects) {
  std::vector<ObjectNumber> trees;
  for (ObjectNumber object = 0; object < objects.size(); ++object) {
    if (objects.type(object) == ObjectType::tree) trees.push_back(object);
  }
  return trees;
}

}  // namespace

std::uint32_t NameTable::intern(std::string_view name) {
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  const auto added = numbers_.emplace(std::string(name), size()).first;
  names_.push_back(&added->first);
  return added->second;
}

// What one thread makes of the trees that it reads.
class TreeMap::Shard {
 public:
  struct Tree {
    ObjectNumber object;
    Node node;
  };

  Shard(const ObjectStore& store, const WantedBlobs& wanted)
      : reader_(store), objects_(store.objects()), wanted_(wanted) {}

  void read(ObjectNumber tree) {
    const Result<ObjectReader::Object> read = reader_.read(tree);
    if (!read) return;
    blobs_.clear();
    Node node{entries.size(), 0, 0};
    TreeEntries parser(read->bytes);
    while (const std::optional<TreeEntry> entry = parser.next()) keep(*entry);
    node.folders = static_cast<std::uint32_t>(entries.size() - node.first);
    node.blobs = static_cast<std::uint32_t>(blobs_.size());
    entries.insert(entries.end(), blobs_.begin(), blobs_.end());
    if (node.folders + node.blobs > 0) trees.push_back({tree, node});
  }

  std::vector<Entry> entries;
  std::vector<Tree> trees;
  NameTable names;

 private:
  void keep(const TreeEntry& entry) {
    if (entry.kind == TreeEntry::Kind::submodule) return;
    const bool folder = entry.kind == TreeEntry::Kind::tree;
    const ObjectNumber object = folder ? objects_.find(entry.object) : wanted_.find(entry.object);
    if (object == kNoObject) return;
    (folder ? entries : blobs_).push_back({names.intern(entry.name), object});
  }

  ObjectReader reader_;
  const ObjectIndex& objects_;
  const WantedBlobs& wanted_;
  std::vector<Entry> blobs_;
};

TreeMap TreeMap::build(const ObjectStore& store, const std::vector<ObjectNumber>& wanted_blobs, unsigned threads,
                       const core::Sink& sink) {
  TreeMap map;
  if (wanted_blobs.empty()) return map;
  const WantedBlobs wanted(store.objects(), wanted_blobs);
  const std::vector<ObjectNumber> trees = trees_of(store.objects());
  std::vector<Shard> shards;
  for (unsigned i = 0; i < threads; ++i) shards.emplace_back(store, wanted);
  std::atomic<std::size_t> next{0};
  run_workers(threads, [&](unsigned worker) {
    while (!sink.cancelled()) {
      const std::size_t begin = next.fetch_add(kSlice);
      const std::size_t end = std::min(begin + kSlice, trees.size());
      for (std::size_t i = begin; i < end; ++i) shards[worker].read(trees[i]);
      if (begin >= trees.size()) break;
    }
  });
  map.collect(shards, store.objects().size());
  shards.clear();
  map.prune();
  map.sort_entries();
  return map;
}

void TreeMap::collect(std::vector<Shard>& shards, std::size_t objects) {
  node_of_.assign(objects, kNone);
  for (Shard& shard : shards) {
    std::vector<std::uint32_t> renumbered;
    for (std::uint32_t i = 0; i < shard.names.size(); ++i) renumbered.push_back(names_.intern(shard.names.name(i)));
    const std::size_t before = entries_.size();
    for (const Entry& entry : shard.entries) entries_.push_back({renumbered[entry.name], entry.object});
    std::vector<Entry>().swap(shard.entries);
    for (Shard::Tree& tree : shard.trees) {
      tree.node.first += before;
      node_of_[tree.object] = static_cast<std::uint32_t>(nodes_.size());
      nodes_.push_back(tree.node);
    }
  }
}

// Depth first with a stack of its own. Ids are not checked against contents, so a forged repository can have a tree
// below itself: an entry that leads back to a tree on the stack is cut here, and what is left has no cycle.
std::vector<bool> TreeMap::nodes_that_hold() {
  enum class State : std::uint8_t { fresh, open, done };
  struct Frame {
    std::uint32_t node;
    std::uint32_t next;
  };
  std::vector<State> states(nodes_.size(), State::fresh);
  std::vector<bool> holds(nodes_.size());
  std::vector<Frame> stack;
  for (std::uint32_t root = 0; root < nodes_.size(); ++root) {
    if (states[root] == State::fresh) stack.push_back({root, 0});
    while (!stack.empty()) {
      Frame& frame = stack.back();
      const Node& node = nodes_[frame.node];
      if (frame.next == 0) {
        states[frame.node] = State::open;
        holds[frame.node] = holds[frame.node] || node.blobs > 0;
      }
      if (frame.next == node.folders) {
        states[frame.node] = State::done;
        const bool held = holds[frame.node];
        stack.pop_back();
        if (held && !stack.empty()) holds[stack.back().node] = true;
        continue;
      }
      Entry& entry = entries_[node.first + frame.next++];
      const std::uint32_t child = node_of_[entry.object];
      if (child == kNone || states[child] == State::open) {
        entry.object = kNoObject;
      } else if (states[child] == State::fresh) {
        stack.push_back({child, 0});
      } else if (holds[child]) {
        holds[frame.node] = true;
      }
    }
  }
  return holds;
}

void TreeMap::prune() {
  const std::vector<bool> holds = nodes_that_hold();
  std::vector<Entry> kept;
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    const std::size_t first = kept.size();
    if (holds[i]) {
      for (std::size_t j = node.first; j < node.first + node.folders; ++j) {
        const ObjectNumber child = entries_[j].object;
        if (child != kNoObject && node_of_[child] != kNone && holds[node_of_[child]]) kept.push_back(entries_[j]);
      }
    }
    const std::size_t blobs = node.first + node.folders;
    node.folders = static_cast<std::uint32_t>(kept.size() - first);
    for (std::size_t j = blobs; j < blobs + node.blobs; ++j) kept.push_back(entries_[j]);
    node.first = first;
  }
  kept.shrink_to_fit();
  entries_ = std::move(kept);
  for (std::uint32_t& node : node_of_) {
    if (node != kNone && !holds[node]) node = kNone;
  }
}

void TreeMap::sort_entries() {
  for (const Node& node : nodes_) {
    const auto folders = entries_.begin() + static_cast<std::ptrdiff_t>(node.first);
    const auto blobs = folders + node.folders;
    std::sort(folders, blobs);
    std::sort(blobs, blobs + node.blobs);
  }
}

TreeMap::Entries TreeMap::blobs(ObjectNumber tree) const {
  if (!holds(tree)) return {};
  const Node& node = nodes_[node_of_[tree]];
  return {entries_.data() + node.first + node.folders, node.blobs};
}

TreeMap::Entries TreeMap::folders(ObjectNumber tree) const {
  if (!holds(tree)) return {};
  const Node& node = nodes_[node_of_[tree]];
  return {entries_.data() + node.first, node.folders};
}

}  // namespace keytrail::git
