// What a project has accepted: entries of its configuration and of its baseline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/finding.h"

namespace keytrail::scan {

// An [[allow]] entry of .keytrail.toml. All that is given must fit; of several values in one list one must.
struct AllowEntry {
  std::vector<std::string> paths;         // globs (base/glob.h)
  std::vector<std::string> rules;         // ids
  std::vector<std::string> fingerprints;  // of findings
  std::string reason;                     // never empty
  std::string expires;                    // "2027-01-31", the last day on which it counts; empty: for good
  std::string source;                     // ".keytrail.toml:12"
};

// One accepted finding of a baseline: a line of tab-separated fields, "fingerprint rule path owner reason expires".
struct BaselineEntry {
  std::string fingerprint;
  std::string rule;
  std::string path;  // where it stood when it was accepted: for the reader, not compared, so that files may move
  std::string owner;
  std::string reason;
  std::string expires;
  std::size_t line = 0;
};

// The text form of a baseline: sorted, no positions, no time stamps, made for review and merging.
Result<std::vector<BaselineEntry>> parse_baseline(std::string_view text, const std::string& file_name);
std::string format_baseline(std::vector<BaselineEntry> entries);

// "2027-01-31" and nothing else.
bool is_date(std::string_view text);

// Decides for each occurrence. Single-threaded; remembers which entries were of use.
class Suppressions {
 public:
  // `today` as "2026-11-20": an entry whose last day has passed counts no more.
  Suppressions(std::vector<AllowEntry> allow, std::vector<BaselineEntry> baseline, std::string today);

  std::optional<core::Suppression> find(std::string_view rule, std::string_view fingerprint, std::string_view path);

  // Whether the day of "2026-11-20…" is over; false for what is no date.
  bool is_past(std::string_view date) const;

  // One sentence for each entry that suppressed nothing or has expired. A narrow scan leaves many unused: `whole` says
  // that everything was scanned, so that unused means stale.
  std::vector<std::string> notes(bool whole) const;

 private:
  template <typename Entry>
  struct Used {
    Entry entry;
    bool used = false;
  };
  bool expired(std::string_view expires) const { return !expires.empty() && expires < today_; }

  std::vector<Used<AllowEntry>> allow_;
  std::vector<Used<BaselineEntry>> baseline_;  // sorted by fingerprint
  std::string today_;
};

}  // namespace keytrail::scan
