#include "scanner/git/tree_map.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "scanner/git/object_pass.h"

namespace keytrail::git {

// What one thread makes of the trees that it reads.
class TreeMap::Shard {
 public:
  struct Tree {
    ObjectNumber object;
    Node node;
  };

  Shard(const ObjectStore& store, const WantedBlobs& wanted, NameTable& names)
      : reader(store.objects(), wanted, names) {}

  std::unique_ptr<core::BlobState> add(ObjectNumber tree, std::string_view bytes, const core::Derivation& derivation) {
    const std::vector<KnownEntry>& known =
        reader.read(tree, bytes, static_cast<const TreeState*>(derivation.base), derivation.copies);
    if (reader.damaged()) damaged.push_back(tree);
    Node node{entries.size(), 0, 0};
    for (const KnownEntry& entry : known) {
      if (entry.kind == KnownEntry::Kind::folder) entries.push_back({entry.name, entry.object});
    }
    node.folders = static_cast<std::uint32_t>(entries.size() - node.first);
    for (const KnownEntry& entry : known) {
      if (entry.kind == KnownEntry::Kind::wanted) entries.push_back({entry.name, entry.object});
    }
    node.blobs = static_cast<std::uint32_t>(entries.size() - node.first) - node.folders;
    if (node.folders + node.blobs > 0) trees.push_back({tree, node});
    if (derivation.keep) return reader.keep();
    return nullptr;
  }

  std::vector<Entry> entries;
  std::vector<Tree> trees;
  std::vector<ObjectNumber> damaged;
  TreeReader reader;
};

class TreeMap::TreeReceiver : public Receiver {
 public:
  TreeReceiver(ObjectStore& store, std::vector<std::unique_ptr<Shard>>& shards) : store_(store), shards_(shards) {}

  std::unique_ptr<core::BlobState> receive(unsigned worker, ObjectNumber object, ObjectType, std::string_view bytes,
                                           const core::Derivation& derivation) override {
    store_.objects().set_type(object, ObjectType::tree);
    return shards_[worker]->add(object, bytes, derivation);
  }
  void receive_stream(unsigned, ObjectNumber, core::ByteStream&) override {}  // no tree comes as one

 private:
  ObjectStore& store_;
  std::vector<std::unique_ptr<Shard>>& shards_;
};

TreeMap TreeMap::build(ObjectStore& store, const std::vector<ObjectNumber>& wanted_blobs, unsigned threads,
                       core::Sink& sink, MissingObjects& missing) {
  NameTable names;
  const WantedBlobs wanted(store.objects(), wanted_blobs);
  std::vector<std::unique_ptr<Shard>> shards;
  for (unsigned i = 0; i < threads; ++i) shards.push_back(std::make_unique<Shard>(store, wanted, names));
  TreeReceiver receiver(store, shards);
  ObjectPass pass(store, ObjectPass::Kind::trees, receiver, sink, threads);
  for (std::size_t place = 0; place < store.places().size(); ++place) pass.walk(place);
  pass.read_others();
  pass.salvage();
  std::set<std::string> submodules;
  for (const auto& shard : shards) {
    missing.merge(std::move(shard->reader.missing()));
    submodules.insert(shard->reader.submodules().begin(), shard->reader.submodules().end());
    for (const ObjectNumber tree : shard->damaged) {
      sink.skip(0, core::SkipReason::corrupt_object, store.objects().name(tree).hex(), "not a tree to its end");
    }
  }
  for (const std::string& name : submodules) {
    core::Skip skip = submodule_skip(name);
    sink.skip(0, skip.reason, std::move(skip.path), std::move(skip.detail));
  }
  TreeMap map;
  if (wanted_blobs.empty()) return map;
  map.collect(shards, names, store.objects().size());
  shards.clear();
  map.prune();
  map.sort_entries();
  return map;
}

void TreeMap::collect(std::vector<std::unique_ptr<Shard>>& shards, NameTable& names, std::size_t objects) {
  // Numbers were given in the order in which threads came: by name they are the same every time.
  names_ = names.take();
  std::vector<std::uint32_t> order(names_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return names_[a] < names_[b]; });
  std::vector<std::uint32_t> renumbered(order.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) renumbered[order[i]] = i;
  std::sort(names_.begin(), names_.end());

  node_of_.assign(objects, kNone);
  for (const auto& shard : shards) {
    const std::size_t before = entries_.size();
    for (const Entry& entry : shard->entries) entries_.push_back({renumbered[entry.name], entry.object});
    std::vector<Entry>().swap(shard->entries);
    for (Shard::Tree& tree : shard->trees) {
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
