// Audit events as JSON: the lines of the log and the rows of the store's outbox. Pure but for complete_event().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scanner/base/result.h"
#include "scanner/inventory/audit_log.h"

namespace keytrail::inventory {

// Gives an id (128 random bits) and a time to an event that has none.
void complete_event(AuditEvent& event);

// One line without its end, ASCII: {"time":…,"id":…,"event":…,…}.
std::string event_text(const AuditEvent& event);
Result<AuditEvent> parse_event(std::string_view text);

// The line of an event at its place in the chain.
std::string audit_line(const AuditEvent& event, std::uint64_t sequence, std::string_view previous_hash);
// The first line of a file whose beginning was pruned.
struct AuditCut {
  std::uint64_t through = 0;  // sequence of the last line that was removed
  std::string hash;           // of that line
};
std::string cut_line(const AuditCut& cut);

// What the chain needs of a line.
struct AuditLink {
  bool is_cut = false;
  AuditCut cut;
  std::uint64_t sequence = 0;
  std::string previous_hash;
  std::string id;
  std::string kind;
  std::int64_t time = 0;
  AuditCut repeated_cut;  // of a "prune" event
};
Result<AuditLink> parse_link(std::string_view line);

// SHA-256 of a line without its end, in hexadecimal.
std::string line_hash(std::string_view line);

}  // namespace keytrail::inventory
