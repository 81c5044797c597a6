#include "scanner/scan/scan.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <optional>
#include <thread>

#include "scanner/base/thread.h"
#include "scanner/scan/collect.h"
#include "scanner/scan/introduced.h"

namespace keytrail::scan {
namespace {

constexpr std::string_view kMemberMark = "!/";

// Gives every blob to the worker of its thread; takes archives apart on the way.
class ScanSink : public core::Sink {
 public:
  ScanSink(std::vector<std::unique_ptr<Worker>>& workers, const core::Expander* expander, const ScanOptions& options)
      : workers_(workers), expander_(expander), options_(options) {}

  void blob(unsigned worker, const core::Blob& blob) override { (void)derived_blob(worker, blob, {}); }

  std::unique_ptr<core::BlobState> derived_blob(unsigned worker, const core::Blob& blob,
                                                const core::Derivation& derivation) override {
    if (expander_ != nullptr && is_archive(blob.bytes, *blob.origin)) {
      const Worker::Mark before = workers_[worker]->mark();
      core::MemoryStream stream(blob.bytes);
      expander_->expand(worker, *blob.origin, stream, *this);
      // What begins like an archive and is none, or too damaged a one to give anything, still has its bytes.
      if (!workers_[worker]->only_corrupt_since(before)) {
        workers_[worker]->count_archive();
        return nullptr;
      }
    }
    return workers_[worker]->scan_bytes(blob.bytes, *blob.origin, options_.exhaustive ? nullptr : &derivation);
  }

  void stream(unsigned worker, const core::BlobOrigin& origin, core::ByteStream& bytes) override {
    std::string head(core::Expander::kHeadBytes, '\0');
    UntilCancelled open(bytes, *this);
    const auto peeked = open.read(head.data(), head.size());
    if (!peeked) return unreadable(worker, origin, peeked.error());
    head.resize(*peeked);
    core::PrefixedStream whole(head, open);
    if (expander_ != nullptr && is_archive(head, origin)) {
      workers_[worker]->count_archive();
      expander_->expand(worker, origin, whole, *this);
    } else if (Status scanned = workers_[worker]->scan_stream(origin, whole); !scanned) {
      unreadable(worker, origin, scanned.error());
    }
  }

  void skip(unsigned worker, core::SkipReason reason, std::string path, std::string detail) override {
    workers_[worker]->skip(reason, std::move(path), std::move(detail));
  }

  void expect(std::uint64_t blobs, std::uint64_t bytes) override {
    expected_blobs_.fetch_add(blobs, std::memory_order_relaxed);
    expected_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }

  bool cancelled() const override {
    return options_.interrupted != nullptr && options_.interrupted->load(std::memory_order_relaxed);
  }

  Progress progress() const {
    Progress progress;
    for (const auto& worker : workers_) {
      progress.blobs += worker->blobs_done();
      progress.bytes += worker->bytes_done();
    }
    progress.expected_blobs = expected_blobs_.load(std::memory_order_relaxed);
    progress.expected_bytes = expected_bytes_.load(std::memory_order_relaxed);
    return progress;
  }

 private:
  // A stream that ends when the user interrupts: the longest one must not keep a scan from ending.
  class UntilCancelled : public core::ByteStream {
   public:
    UntilCancelled(core::ByteStream& inner, const ScanSink& sink) : inner_(inner), sink_(sink) {}
    Result<std::size_t> read(char* buffer, std::size_t capacity) override {
      if (sink_.cancelled()) return std::size_t{0};
      return inner_.read(buffer, capacity);
    }

   private:
    core::ByteStream& inner_;
    const ScanSink& sink_;
  };

  bool is_archive(std::string_view head, const core::BlobOrigin& origin) const {
    // Archives in archives are the expander's own business, which counts how deep it is.
    return expander_->recognises(head.substr(0, core::Expander::kHeadBytes)) &&
           origin.path.find(kMemberMark) == std::string::npos;
  }

  void unreadable(unsigned worker, const core::BlobOrigin& origin, const Error& error) {
    workers_[worker]->skip(core::SkipReason::unreadable, display_name(origin), error.message);
  }

  std::vector<std::unique_ptr<Worker>>& workers_;
  const core::Expander* expander_;
  const ScanOptions& options_;
  std::atomic<std::uint64_t> expected_blobs_{0};
  std::atomic<std::uint64_t> expected_bytes_{0};
};

// Calls on_progress from a thread of its own until it goes out of scope.
class ProgressThread {
 public:
  ProgressThread(const ScanSink& sink, const ScanOptions& options) : sink_(sink), options_(options) {
    if (options_.on_progress) thread_ = std::thread([this] { run(); });
  }
  ~ProgressThread() {
    if (!thread_.joinable()) return;
    {
      const MutexLock lock(mutex_);
      stopped_ = true;
    }
    stop_.notify_all();
    thread_.join();
  }
  ProgressThread(const ProgressThread&) = delete;
  ProgressThread& operator=(const ProgressThread&) = delete;

  void set_step(const char* step) { step_.store(step, std::memory_order_relaxed); }

 private:
  void run() {
    while (!wait_or_stopped()) {
      Progress progress = sink_.progress();
      progress.step = step_.load(std::memory_order_relaxed);
      options_.on_progress(progress);
    }
  }
  bool wait_or_stopped() {
    const MutexLock lock(mutex_);
    if (!stopped_) stop_.wait_for(mutex_, std::chrono::milliseconds(100));
    return stopped_;
  }

  const ScanSink& sink_;
  const ScanOptions& options_;
  std::atomic<const char*> step_{"scanning"};
  Mutex mutex_;
  bool stopped_ GUARDED_BY(mutex_) = false;
  Condition stop_;
  std::thread thread_;
};

Result<std::vector<std::unique_ptr<Worker>>> make_workers(const engine::Engine& engine, const ScanOptions& options) {
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < std::max(1U, options.threads); ++i) {
    auto scratch = engine.make_scratch();
    if (!scratch) return scratch.error();
    WorkerLimits limits = options.limits;
    limits.imported = options.imported;
    workers.push_back(std::make_unique<Worker>(engine, std::move(*scratch), limits));
    if (options.rule_costs != nullptr) workers.back()->measure_rules();
  }
  return workers;
}

template <typename Item>
void move_all(std::vector<Item>& from, std::vector<Item>& to) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
  from.clear();
}

// What matches in some blobs of `changes`, scanned by workers of their own: they count in no statistics. No match where
// there is no memory for those: what stood there before is not known then, and counts as nothing.
std::vector<Record> scan_before(const std::vector<core::ObjectId>& blobs, core::ChangeSource& changes,
                                const core::Expander* expander, const engine::Engine& engine, ScanOptions options) {
  std::vector<Record> records;
  options.limits.keep_secrets = false;
  options.imported = nullptr;
  options.rule_costs = nullptr;
  options.limits.probe = nullptr;
  auto workers = make_workers(engine, options);
  if (!workers) return records;
  ScanSink sink(*workers, expander, options);
  changes.deliver(blobs, sink, static_cast<unsigned>(workers->size()));
  for (const auto& worker : *workers) move_all(worker->records(), records);
  return records;
}

void sort_unique(std::vector<std::string>& lines) {
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
}

// All options that change what is found, for SweepMemory.
std::string way_of(const core::Expander* expander, const ScanOptions& options) {
  return std::to_string(options.limits.window_bytes) + " " + std::to_string(options.limits.max_binary_bytes) +
         (expander != nullptr ? " archives" : "") + (options.imported != nullptr ? options.imported->digest() : "") +
         (options.limits.probe != nullptr ? " inventory " + options.limits.probe->digest() : "");
}

// What an earlier run scanned, as if it had been scanned now. Skips count themselves.
void add_scanned(const core::Stats& earlier, core::Stats& stats) {
  stats.blobs_seen += earlier.blobs_scanned;
  stats.blobs_scanned += earlier.blobs_scanned;
  stats.bytes_scanned += earlier.bytes_scanned;
  stats.archives_opened += earlier.archives_opened;
  stats.candidates += earlier.candidates;
  stats.pattern_matches += earlier.pattern_matches;
  stats.matches += earlier.matches;
}

void add_costs(const std::vector<engine::RuleCost>& costs, std::vector<engine::RuleCost>& sum) {
  sum.resize(std::max(sum.size(), costs.size()));
  for (std::size_t i = 0; i < costs.size(); ++i) sum[i] += costs[i];
}

Result<Swept> sweep(core::Source& source, core::HistorySource* history, const core::Expander* expander,
                    const engine::Engine& engine, const ScanOptions& options, std::optional<Swept> earlier) {
  auto workers = make_workers(engine, options);
  if (!workers) return workers.error();
  ScanSink sink(*workers, expander, options);
  Swept swept;
  if (earlier) {
    add_scanned(earlier->stats, swept.stats);
    (*workers)[0]->add_earlier(std::move(earlier->records), std::move(earlier->skips), std::move(earlier->notes));
  }
  {
    ProgressThread progress(sink, options);
    if (Status run = source.run(sink, static_cast<unsigned>(workers->size())); !run) return run.error();
    for (const auto& worker : *workers) move_all(worker->records(), swept.records);
    if (history != nullptr && !sink.cancelled()) {
      progress.set_step("finding commits");
      auto located = history->locate(objects_of(swept.records), sink);
      if (!located) return located.error();
      swept.homes = std::move(*located);
    }
    if (core::ChangeSource* changes = history != nullptr ? history->changes() : nullptr; changes != nullptr) {
      progress.set_step("comparing");
      const auto before = [&](const std::vector<core::ObjectId>& blobs) {
        return scan_before(blobs, *changes, expander, engine, options);
      };
      swept.records = introduced(std::move(swept.records), swept.homes, *changes, before);
      swept.homes.clear();
    }
  }
  for (const auto& worker : *workers) {
    if (options.rule_costs != nullptr) add_costs(worker->rule_costs(), *options.rule_costs);
    worker->add_to(swept.stats);
    move_all(worker->skips(), swept.skips);
    move_all(worker->notes(), swept.notes);
  }
  std::sort(swept.skips.begin(), swept.skips.end());
  if (history != nullptr) swept.stats.commits = history->commit_count();
  return swept;
}

bool is_interrupted(const ScanOptions& options) {
  return options.interrupted != nullptr && options.interrupted->load(std::memory_order_relaxed);
}

}  // namespace

Result<core::ScanReport> run_scan(core::Source& source, core::HistorySource* history, const core::Expander* expander,
                                  const engine::Engine& engine, Suppressions& suppressions,
                                  const ScanOptions& options) {
  // A probe reads the whole inventory to tell its digest: not for a hook, whose scan is not kept anyway.
  const bool only_changes = history == nullptr || history->changes() != nullptr;
  const bool remembers =
      !options.exhaustive && !options.limits.keep_secrets && !(options.limits.probe != nullptr && only_changes);
  SweepMemory memory(remembers ? options.memory : MemoryOptions(),
                     remembers ? way_of(expander, options) : std::string(), history, engine.rules());
  core::ScanReport report;
  std::optional<Swept> known = memory.recall();
  if (known) report.known_blobs = known->stats.blobs_scanned;
  if (!known) {
    std::optional<Swept> earlier = memory.resume();
    if (earlier) report.known_blobs = earlier->stats.blobs_scanned;
    Result<Swept> swept = sweep(source, history, expander, engine, options, std::move(earlier));
    if (!swept) return swept.error();
    if (!is_interrupted(options)) memory.keep(*swept);
    known = std::move(*swept);
  }
  report.stats = known->stats;
  report.skips = std::move(known->skips);
  report.notes = std::move(known->notes);

  Collected collected = collect(std::move(known->records), known->homes, engine.rules(), suppressions,
                                {options.min_confidence, options.exclude, options.imported});
  report.findings = std::move(collected.findings);
  const std::string left_out = narrow(options.narrowing, report.findings);
  report.interrupted = is_interrupted(options);
  report.rules_digest = engine.rules().digest();
  sort_unique(report.notes);
  const bool whole = history == nullptr || !only_changes;
  std::vector<std::string> stale = suppressions.notes(!report.incomplete() && whole);
  move_all(stale, report.notes);
  if (options.imported != nullptr) {
    std::vector<std::string> imported = options.imported->notes(!report.incomplete() && !only_changes);
    move_all(imported, report.notes);
  }
  if (!left_out.empty()) report.notes.push_back(left_out);
  if (collected.below_confidence > 0) {
    const bool one = collected.below_confidence == 1;
    report.notes.push_back(std::to_string(collected.below_confidence) + (one ? " finding of " : " findings of ") +
                           (options.min_confidence == core::Confidence::medium ? "low" : "lower") + " confidence " +
                           (one ? "is" : "are") + " not shown (--min-confidence low shows " + (one ? "it)" : "them)"));
  }
  return report;
}

}  // namespace keytrail::scan
