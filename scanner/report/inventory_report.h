// What the inventory must do next, for people, programs and calendars. Pure functions of judged tokens and a time;
// equal input gives equal bytes. No value, fingerprint or earlier value of a token stands in any of them. Threads: any.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/finding.h"
#include "scanner/core/token.h"

namespace keytrail::report {

// ---- what is due

struct DueItem {
  std::string_view token, service, environment, owner;
  const core::TokenStatus* status = nullptr;
  std::optional<core::Instant> when;  // none: no date is known, so now
  std::string_view action;            // "rotate" or "replace" (it expires)
  bool overdue = false;
  std::string exception;  // who agreed to wait; then `when` is the end of that
};

// Nothing where the token is out of use or nothing is due at `until`. Points into `status`.
std::optional<DueItem> due_item(const core::TokenStatus& status, core::Instant now, core::Instant until);
// The longest due first.
void sort_due(std::vector<DueItem>& items);
// Both, of all tokens. Points into `tokens`.
std::vector<DueItem> due_items(const std::vector<core::TokenStatus>& tokens, core::Instant now, core::Instant until);

struct DueReport {
  std::vector<DueItem> items;
  core::Instant now = 0;
  core::Instant until = 0;
  std::string inventory;
  std::string policy;
};
// Text and Markdown look at no status of an item.
void write_due_text(const DueReport& report, std::ostream& out);
void write_due_json(const DueReport& report, std::ostream& out);
void write_due_markdown(const DueReport& report, std::ostream& out);
// iCalendar (RFC 5545): an event for each, with a UID that stays when the date moves.
void write_due_calendar(const DueReport& report, std::ostream& out);

// ---- audits

struct AuditRow {
  std::string token;
  std::string service;
  std::string owner;
  std::string detail;
};
struct AuditSection {
  std::string id;  // "never-rotated"
  std::string title;
  std::vector<AuditRow> rows;
};
// How many of those in use keep to the policy: none of them leaked, overdue, never rotated or expired without leave.
struct Compliance {
  std::string name;
  std::uint64_t tokens = 0;
  std::uint64_t compliant = 0;
};
struct AuditReport {
  std::string period;  // "monthly" or "quarterly"
  core::Instant now = 0;
  std::string inventory;
  std::string policy;
  std::uint64_t tokens = 0;  // all
  Compliance all;            // in use
  std::vector<Compliance> by_owner;
  std::vector<Compliance> by_service;
  std::vector<AuditSection> sections;
};

// What a scan's report says of secrets, for the sections `leaked` and `untracked`.
struct ScannedSecret {
  std::string kind;  // of the verdict
  std::string token;
  std::string where;
  std::string detail;
  bool open = true;
};

// Monthly: what leaked, is untracked, due within 30 days, overdue, expired. Quarterly: everything.
AuditReport make_audit(const std::vector<core::TokenStatus>& tokens, const std::vector<ScannedSecret>* scanned,
                       bool quarterly, core::Instant now);
void write_audit_text(const AuditReport& report, std::ostream& out);
void write_audit_json(const AuditReport& report, std::ostream& out);
void write_audit_markdown(const AuditReport& report, std::ostream& out);

// Text as a cell of a Markdown table: nothing of it is markup.
std::string markdown_cell(std::string_view text);

}  // namespace keytrail::report
