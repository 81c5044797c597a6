#include "scanner/pack/pack_walk.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>

#include "scanner/base/buffer.h"
#include "scanner/base/thread.h"
#include "scanner/pack/delta.h"
#include "scanner/pack/inflater.h"

namespace keytrail::pack {
namespace {

struct Base {
  Buffer text;
  std::uint64_t size = 0;
  std::unique_ptr<ObjectState> state;
  std::uint64_t held = 0;              // bytes of it and of those before it that branch
  std::atomic<std::size_t> unread{0};  // tasks that have yet to read it
};

struct Task {
  Rank rank = 0;
  ObjectType type = ObjectType::none;
  std::shared_ptr<Base> base;    // null: a whole object
  const Graft* graft = nullptr;  // set: its entries are the tasks
};

// Trees and subtrees that wait for a thread.
class TaskPool {
 public:
  TaskPool(const std::vector<Graft>& grafts, unsigned threads) : threads_(threads), grafts_(&grafts) {}
  TaskPool(const PackFile& pack, const WalkOptions& options, unsigned threads) : threads_(threads) {
    for (const PackFile::Root& root : options.only != nullptr ? options.only->roots() : pack.roots()) {
      if (wanted(root.type, options)) roots_.push_back(root);
    }
  }

  // The next task for a thread that has none; nothing when all is done.
  std::optional<Task> take() {
    const std::size_t next = next_root_.fetch_add(1, std::memory_order_relaxed);
    if (next < roots_.size()) return Task{roots_[next].rank, roots_[next].type, nullptr};
    if (grafts_ != nullptr && next < grafts_->size()) return Task{0, ObjectType::none, nullptr, &(*grafts_)[next]};
    const MutexLock lock(mutex_);
    ++waiting_;
    hungry_.store(waiting_, std::memory_order_relaxed);
    while (tasks_.empty() && waiting_ < threads_) changed_.wait(mutex_);
    if (tasks_.empty()) {
      changed_.notify_all();
      return std::nullopt;
    }
    --waiting_;
    hungry_.store(waiting_, std::memory_order_relaxed);
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  // Whether some thread waits: cheap, asked after every object.
  bool hungry() const { return hungry_.load(std::memory_order_relaxed) > 0; }

  // Hands over the older half of `own`.
  void share(std::deque<Task>& own) {
    const MutexLock lock(mutex_);
    for (std::size_t count = own.size() / 2; count > 0; --count) {
      tasks_.push_back(std::move(own.front()));
      own.pop_front();
    }
    changed_.notify_all();
  }

 private:
  static bool wanted(ObjectType type, const WalkOptions& options) {
    switch (type) {
      case ObjectType::commit:
        return options.commits;
      case ObjectType::tree:
        return options.trees;
      case ObjectType::blob:
        return options.blobs;
      case ObjectType::tag:
        return options.tags;
      case ObjectType::none:
        return false;
    }
    return false;
  }

  const unsigned threads_;
  const std::vector<Graft>* grafts_ = nullptr;
  std::vector<PackFile::Root> roots_;
  std::atomic<std::size_t> next_root_{0};
  std::atomic<unsigned> hungry_{0};
  Mutex mutex_;
  Condition changed_;
  unsigned waiting_ GUARDED_BY(mutex_) = 0;
  std::deque<Task> tasks_ GUARDED_BY(mutex_);
};

class Walker {
 public:
  Walker(const PackFile& pack, const WalkOptions& options, ObjectVisitor& visitor, TaskPool& pool, unsigned worker,
         const ReadGraftBase* read_base = nullptr)
      : pack_(pack), options_(options), visitor_(visitor), pool_(pool), worker_(worker), read_base_(read_base) {}

  void run() {
    while (auto first = pool_.take()) {
      own_.push_back(std::move(*first));
      while (!own_.empty()) {
        if (visitor_.cancelled()) {
          own_.clear();
          break;
        }
        Task task = std::move(own_.back());
        own_.pop_back();
        if (task.graft == nullptr) {
          expand(task);
        } else {
          begin(*task.graft);
        }
        release(task.base);
        if (own_.size() > 1 && pool_.hungry()) pool_.share(own_);
      }
    }
  }

 private:
  bool is_visited(Rank rank) const { return options_.only == nullptr || options_.only->visits(rank); }
  // What is made from an entry, as far as the walk goes.
  Rank first_child(Rank rank) const { return needed(pack_.first_child(rank)); }
  Rank next_sibling(Rank rank) const { return needed(pack_.next_sibling(rank)); }
  Rank needed(Rank rank) const {
    if (options_.only == nullptr) return rank;
    while (rank != kNoRank && !options_.only->needs(rank)) rank = pack_.next_sibling(rank);
    return rank;
  }

  void begin(const Graft& graft) {
    std::optional<GraftBase> found = (*read_base_)(worker_, graft);
    if (!found) return;
    auto base = std::make_shared<Base>();
    base->text = std::move(found->text);
    base->size = found->size;
    base->held = found->size;
    for (const Rank rank : graft.ranks) own_.push_back({rank, found->type, base});
    base->unread.store(graft.ranks.size(), std::memory_order_relaxed);
    std::reverse(own_.begin(), own_.end());
  }

  // Whether the entry is one that is handed over in pieces; then it has been.
  bool in_pieces(const Task& task, std::uint64_t size, std::string_view packed) {
    if (task.base != nullptr || task.type != ObjectType::blob) return false;
    if (size <= options_.max_leaf_bytes) return false;
    const bool is_base = first_child(task.rank) != kNoRank;
    if (is_base && size <= options_.max_object_bytes) return false;
    if (is_visited(task.rank)) {
      ZlibStream bytes(packed, size);
      visitor_.visit_stream(worker_, pack_.raw_id(task.rank), bytes);
    }
    if (is_base) lose_below(task.rank, true, "it is stored as a delta of an object that is over the limit");
    return true;
  }

  void expand(const Task& task) {
    const std::string_view packed = pack_.packed(task.rank);
    const auto header = parse_entry_header(packed, pack_.hash_size());
    if (!header) return lose(task.rank, false, "its header in the pack is damaged");
    const std::string_view stream = packed.substr(header->header_bytes);
    if (const auto crc = pack_.crc(task.rank); crc && fast_crc32(packed) != *crc) {
      return lose(task.rank, false, "its packed bytes do not have the checksum of the index");
    }
    if (!plausible_size(stream.size(), header->size)) return lose(task.rank, false, "its declared size is absurd");
    if (header->size > options_.max_leaf_bytes && in_pieces(task, header->size, stream)) return;
    if (header->size > options_.max_object_bytes) return lose(task.rank, true, too_large(header->size));
    if (task.base == nullptr) {
      Buffer text = buffers_.take(header->size);
      if (!inflater_.inflate(stream, text.data(), header->size))
        return lose(task.rank, false, "its packed bytes are damaged");
      return deliver(task, std::move(text), header->size);
    }
    if (delta_.capacity() < header->size) delta_ = Buffer(header->size);
    if (!inflater_.inflate(stream, delta_.data(), header->size))
      return lose(task.rank, false, "its packed bytes are damaged");
    const std::string_view delta = delta_.view(header->size);
    const auto sizes = delta_sizes(delta);
    if (!sizes || sizes->base != task.base->size) return lose(task.rank, false, "its delta does not fit its base");
    if (!plausible_result(delta.size(), *sizes)) return lose(task.rank, false, "its declared size is absurd");
    if (sizes->result > options_.max_object_bytes) return lose(task.rank, true, too_large(sizes->result));
    if (task.base->held + sizes->result > options_.max_held_bytes) {
      return lose(task.rank, true, "the texts that it is made from are over the limit together");
    }
    Buffer text = buffers_.take(sizes->result);
    if (!apply_delta(delta, task.base->text.view(task.base->size), text.data(), copies_)) {
      return lose(task.rank, false, "its delta is damaged");
    }
    deliver(task, std::move(text), sizes->result);
  }

  void deliver(const Task& task, Buffer text, std::uint64_t size) {
    WalkedObject object;
    object.rank = task.rank;
    object.raw_id = pack_.raw_id(task.rank);
    object.type = task.type;
    object.bytes = text.view(size);
    object.is_base = first_child(task.rank) != kNoRank;
    if (task.base != nullptr) {
      object.base = task.base->state.get();
      object.base_size = task.base->size;
      object.copies = &copies_;
    }
    std::unique_ptr<ObjectState> state;
    if (is_visited(task.rank)) state = visitor_.visit(worker_, object);
    std::vector<Rank> more;
    if (options_.adopt) more = visitor_.adopted(worker_);
    if (!object.is_base && more.empty()) return buffers_.give(std::move(text));
    auto base = std::make_shared<Base>();
    base->text = std::move(text);
    base->size = size;
    base->state = std::move(state);
    const std::size_t first = own_.size();
    for (Rank child = first_child(task.rank); child != kNoRank; child = next_sibling(child)) {
      own_.push_back({child, task.type, base});
    }
    for (const Rank child : more) own_.push_back({child, task.type, base});
    base->held = task.base == nullptr ? 0 : task.base->held;
    if (own_.size() - first > 1) base->held += size;
    // Nobody else has these tasks yet.
    base->unread.store(own_.size() - first, std::memory_order_relaxed);
    // The last is taken first: ascending offsets.
    std::reverse(own_.begin() + static_cast<std::ptrdiff_t>(first), own_.end());
  }

  void release(const std::shared_ptr<Base>& base) {
    // use_count() would not order what other threads have read of the text before its buffer is written again.
    if (base == nullptr || base->unread.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    buffers_.give(std::move(base->text));
  }

  static std::string too_large(std::uint64_t size) {
    return "it has " + std::to_string(size) + " bytes, over the limit";
  }

  // Names an object and everything that is made from it.
  void lose(Rank rank, bool over_limit, const std::string& what) {
    if (is_visited(rank)) visitor_.lost(worker_, pack_.raw_id(rank), over_limit, what);
    lose_below(rank, over_limit, "it is stored as a delta of an object that cannot be read");
  }

  void lose_below(Rank rank, bool over_limit, const std::string& what) {
    std::vector<Rank> pending = {rank};
    while (!pending.empty()) {
      const Rank base = pending.back();
      pending.pop_back();
      for (Rank child = first_child(base); child != kNoRank; child = next_sibling(child)) {
        if (is_visited(child)) visitor_.lost(worker_, pack_.raw_id(child), over_limit, what);
        pending.push_back(child);
      }
    }
  }

  const PackFile& pack_;
  const WalkOptions& options_;
  ObjectVisitor& visitor_;
  TaskPool& pool_;
  const unsigned worker_;
  const ReadGraftBase* read_base_;
  Inflater inflater_;
  BufferPool buffers_;
  Buffer delta_;
  std::vector<core::Copy> copies_;
  std::deque<Task> own_;
};

}  // namespace

void ObjectVisitor::visit_stream(unsigned worker, std::string_view raw_id, ZlibStream&) {
  lost(worker, raw_id, true, "it is too large to be held in memory");
}

std::vector<Rank> ObjectVisitor::adopted(unsigned) { return {}; }

void walk_pack(const PackFile& pack, const WalkOptions& options, ObjectVisitor& visitor) {
  const unsigned threads = std::max(1U, options.threads);
  TaskPool pool(pack, options, threads);
  run_workers(threads, [&](unsigned worker) { Walker(pack, options, visitor, pool, worker).run(); });
}

void walk_grafts(const PackFile& pack, const std::vector<Graft>& grafts, const ReadGraftBase& read_base,
                 const WalkOptions& options, ObjectVisitor& visitor) {
  const unsigned threads = std::max(1U, options.threads);
  TaskPool pool(grafts, threads);
  run_workers(threads, [&](unsigned worker) { Walker(pack, options, visitor, pool, worker, &read_base).run(); });
}

}  // namespace keytrail::pack
