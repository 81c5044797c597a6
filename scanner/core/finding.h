// Findings: one secret under one rule, with every place where it stands; and the report that they make.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scanner/core/blob.h"
#include "scanner/core/history.h"
#include "scanner/core/match.h"
#include "scanner/core/skip.h"
#include "scanner/core/token.h"

namespace keytrail::core {

// Lines and columns count from 1; columns in code points; the end is the place behind the last character.
struct Position {
  std::uint64_t start_line = 1;
  std::uint64_t start_column = 1;
  std::uint64_t end_line = 1;
  std::uint64_t end_column = 1;

  friend auto operator<=>(const Position&, const Position&) = default;
};

struct Occurrence {
  BlobKind kind = BlobKind::file;
  std::string path;  // empty for a git blob that no known commit holds, and for messages
  Position position;
  std::optional<ObjectId> object;  // the blob, or the commit or tag whose message it is
  std::optional<Home> home;        // in history: which commit brought it
};

// Why a finding counts for no exit code.
struct Suppression {
  enum class Kind : std::uint8_t { comment, configuration, baseline };
  Kind kind = Kind::comment;
  std::string reason;
  std::string owner;  // who accepted it; may be empty

  friend bool operator==(const Suppression&, const Suppression&) = default;
};

std::string_view to_string(Suppression::Kind kind);

struct Finding {
  std::string rule;  // id
  Severity severity = Severity::medium;
  Confidence confidence = Confidence::medium;
  std::string fingerprint;  // 32 hexadecimal digits: rule and salted hash of the value
  std::string masked;
  std::string secret;  // empty unless the user asked for it (--show-secrets)
  std::vector<Occurrence> occurrences;
  std::vector<std::string> related;  // ids of rules that matched the same bytes
  std::vector<Fact> facts;
  std::optional<Suppression> suppressed;
  std::optional<TokenLink> token;  // of the inventory; none: untracked, or scanned without an inventory
  std::optional<Verdict> verdict;  // only with an inventory
};

// Counts. Deterministic: no times.
struct Stats {
  std::uint64_t blobs_seen = 0;     // = scanned + skipped
  std::uint64_t blobs_scanned = 0;  // files, archives and their members, git blobs, messages
  std::uint64_t bytes_scanned = 0;
  std::uint64_t blobs_skipped = 0;
  std::uint64_t archives_opened = 0;
  std::uint64_t commits = 0;
  std::uint64_t candidates = 0;       // anchor hits
  std::uint64_t pattern_matches = 0;  // what the patterns confirmed
  std::uint64_t matches = 0;          // what the checks and filters let through
  std::uint64_t fresh_bytes = 0;      // that stage one looked at: less than bytes_scanned where texts share runs
};

// One run's result, ready to be written in any format.
struct ScanReport {
  std::vector<std::string> targets;  // as the user gave them
  std::string mode;                  // "files", "history", "range" or "staged"
  std::string root;                  // absolute path that relative paths are relative to
  std::string repository_uri;        // remote of the repository, when it has one
  std::string revision;              // commit at the tip, hexadecimal
  std::string rules_digest;          // names the rule set
  std::vector<Finding> findings;     // suppressed ones too; in report order
  std::vector<TokenStatus> tokens;   // of the inventory: those with a verdict, worst first; empty without one
  std::string inventory;             // where the inventory is; empty: scanned without one
  std::vector<Skip> skips;           // sorted
  std::vector<std::string> notes;    // for people: unused baseline entries, findings under --min-confidence, …
  Stats stats;
  bool interrupted = false;
  std::uint64_t known_blobs = 0;  // of those in `stats`: not scanned now, but in an earlier run; in no report

  bool incomplete() const;
};

// The order of reports: severity (highest first), then path, position, rule, fingerprint.
void sort_findings(std::vector<Finding>& findings);

}  // namespace keytrail::core
