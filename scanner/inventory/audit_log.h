// The audit log: JSON Lines beside the store, appended to and never changed. Identifiers only, never a value.
//
// A line: {"seq":7,"time":"2026-01-31T12:00:00Z","id":"…","event":"rotate","token":"…",…,"prev":"<SHA-256 of the line
// before, in hexadecimal>"}; the first one's is 64 zeros. An appender holds an flock on the file, so that any number of
// processes may append, and returns when the line is on the disk. A line that a crash cut off (it has no line end, and
// nobody was told that it is there) is cut away by the next appender. Where lines were pruned the file begins with a
// cut record, {"cut":{"through":seq,"hash":…}}, which a line in the chain repeats with who did it and who approved.
//
// The chain makes a changed, removed or inserted line evident, and the store keeps the last line's hash, so that a
// shortened file is noticed too. Somebody who may write both can make both anew: copy the hash elsewhere
// (`keytrail audit verify` prints it).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/base/result.h"

namespace keytrail::inventory {

struct AuditEvent {
  std::string
      kind;  // "import", "add", "rotate", "revoke", "approve", "remove", "export", "scan", "exception", "rekey", …
  std::string token{};  // id; empty where it is about many
  std::string operator_name{};
  std::string requester{};
  std::string approver{};
  std::string reason{};
  std::map<std::string, std::string> details{};  // "tokens": "120", "source": "vault"
  std::string id{};       // made by append() when empty; the same id is never written twice in a row
  std::int64_t time = 0;  // 0: now
};

struct AuditPosition {
  std::uint64_t sequence = 0;  // of the last line; 0: none
  std::string hash;            // of the last line; 64 zeros: none
};

struct AuditCheck {
  std::uint64_t lines = 0;
  AuditPosition last;
  std::string problem;  // the first broken link: "line 12: …"; empty: all hold
};

class AuditLog {
 public:
  AuditLog() = default;
  // `path` of the log; that of a store at `store_path` is log_path(store_path). Nothing is opened yet.
  explicit AuditLog(std::string path) : path_(std::move(path)) {}
  static std::string log_path(const std::string& store_path);
  const std::string& path() const { return path_; }

  // Durable when it returns. Where the last lines hold event.id already, nothing is written.
  Result<AuditPosition> append(const AuditEvent& event) const;
  Result<AuditPosition> append(const std::vector<AuditEvent>& events) const;

  // Reads all and follows the chain. `expected`: what the store remembers; its line must be there, with that hash.
  Result<AuditCheck> verify(const std::optional<AuditPosition>& expected = std::nullopt) const;
  // The lines, oldest first, as they stand.
  Status for_each(const std::function<bool(std::string_view line)>& visit) const;
  // Removes the lines before `before` (seconds since 1970) and appends the record of it, with `event`'s operator,
  // approver and reason. Returns how many. The last line always stays.
  Result<std::uint64_t> prune(std::int64_t before, const AuditEvent& event) const;

 private:
  std::string path_;
};

}  // namespace keytrail::inventory
