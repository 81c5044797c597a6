// One thread's scanning: text or window in, records out.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/source.h"
#include "scanner/core/token_probe.h"
#include "scanner/engine/engine.h"
#include "scanner/engine/text.h"
#include "scanner/scan/imported.h"
#include "scanner/scan/position.h"
#include "scanner/scan/record.h"

namespace keytrail::scan {

struct WorkerLimits {
  std::size_t window_bytes = std::size_t{8} << 20;           // of a stream held at once
  std::uint64_t max_binary_bytes = std::uint64_t{64} << 20;  // of a binary that are scanned
  bool keep_secrets = false;
  const Imported* imported = nullptr;       // may be null; outlives the worker
  const core::TokenProbe* probe = nullptr;  // the inventory's; outlives the scan
};

// Belongs to one thread, except for the two counters that the progress display reads.
class Worker {
 public:
  Worker(const engine::Engine& engine, engine::Scratch scratch, const WorkerLimits& limits);

  // `derivation` may be null. Returns what it wants kept, when the bytes are plain text or binary.
  std::unique_ptr<core::BlobState> scan_bytes(std::string_view bytes, const core::BlobOrigin& origin,
                                              const core::Derivation* derivation = nullptr);
  // An error of the stream is returned; what came before it has been scanned.
  Status scan_stream(const core::BlobOrigin& origin, core::ByteStream& bytes);
  void skip(core::SkipReason reason, std::string path, std::string detail);
  // Adds what a worker found in an earlier run.
  void add_earlier(std::vector<Record> records, std::vector<core::Skip> skips, std::vector<std::string> notes);
  void count_archive() { ++archives_; }

  // Whether, since a mark, nothing was scanned and something was said to be a corrupt archive.
  struct Mark {
    std::uint64_t blobs = 0;
    std::size_t skips = 0;
  };
  Mark mark() const { return {blobs_done(), skips_.size()}; }
  bool only_corrupt_since(const Mark& mark) const;

  std::uint64_t blobs_done() const { return blobs_.load(std::memory_order_relaxed); }
  std::uint64_t bytes_done() const { return bytes_.load(std::memory_order_relaxed); }

  void measure_rules() { scratch_.measure_rules(); }
  const std::vector<engine::RuleCost>& rule_costs() const { return scratch_.rule_costs(); }

  // After the threads have ended.
  void add_to(core::Stats& stats) const;
  std::vector<Record>& records() { return records_; }
  std::vector<core::Skip>& skips() { return skips_; }
  std::vector<std::string>& notes() { return notes_; }

 private:
  // A piece of a text: matches whose secret begins in [low, high) are kept; `start` is the place of its first byte.
  struct Piece {
    std::string_view text;
    std::uint64_t low = 0;
    std::uint64_t high = UINT64_MAX;
    PositionCounter::Place start;
    bool binary = false;
  };
  void scan_piece(const Piece& piece, const core::BlobOrigin& origin, const core::Derivation* derivation = nullptr,
                  engine::TextState* keep = nullptr);
  void budget_skip(const core::BlobOrigin& origin, const Status& scanned, std::uint64_t cut);
  void record(const core::Match& match, const core::Position& position, const Piece& piece,
              const core::BlobOrigin& origin);
  // Whether the bytes of `match` are a known value too, whatever its rule is.
  bool is_known(const core::Match& match) const;
  void count(std::uint64_t bytes);
  void count_blob();

  const engine::Engine& engine_;
  engine::Scratch scratch_;
  WorkerLimits limits_;
  std::optional<core::RuleIndex> known_rule_;
  std::vector<core::Match> matches_;
  bool undecoded_named_ = false;  // of the stream that is being scanned
  std::string utf8_;
  std::string window_;
  std::vector<Record> records_;
  std::vector<core::Skip> skips_;
  std::vector<std::string> notes_;
  std::uint64_t archives_ = 0;
  std::uint64_t whole_skips_ = 0;
  // Written by this worker alone; on a cache line that no other worker writes.
  alignas(64) std::atomic<std::uint64_t> blobs_{0};
  std::atomic<std::uint64_t> bytes_{0};
};

// "path" of an origin for messages: a git object by its id.
std::string display_name(const core::BlobOrigin& origin);

// The finding's fingerprint: salted SHA-256 over rule and value, so that a moved line changes nothing.
std::string fingerprint_of(std::string_view rule, std::string_view secret);

}  // namespace keytrail::scan
