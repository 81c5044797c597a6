// A ticket: the work that a verdict causes, with all that the person who does it needs.
//
// Made by plan.h from a Situation, filled with texts by composer.h, kept and compared by store.h. Instants are seconds
// since 1970, UTC. A ticket holds no value: what it is made from holds none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/token.h"
#include "scanner/ticket/situation.h"
#include "scanner/ticket/source.h"

namespace keytrail::ticket {

enum class Trigger : std::uint8_t {
  leak,
  superseded,
  never_rotated,
  overdue,
  expiring,
  offboarding,
  incident,
  exception_over,
  hash_secret,
};
std::string_view to_string(Trigger trigger);  // "never-rotated"
std::optional<Trigger> parse_trigger(std::string_view text);

// In which order the steps go.
enum class Order : std::uint8_t {
  emergency,  // revoke first
  dual,       // old and new live side by side until the new one is verified
  gap,        // the provider keeps one value: a short, planned gap
  direct,     // create, switch, revoke
  confirm,    // the work is done: see that the old value is dead
};
std::string_view to_string(Order order);

// Stable: the same for the same token (or fingerprint) and trigger, for ever. "kt-" and 12 hexadecimal digits.
std::string ticket_id(std::string_view subject, Trigger trigger);

// A table of lines: a section of a ticket. `columns` are as section_columns() names them.
struct Item {
  std::vector<std::string> columns;
  std::string command;  // may have several lines

  friend bool operator==(const Item&, const Item&) = default;
};
struct Section {
  std::string name;
  std::vector<Item> items;

  friend bool operator==(const Section&, const Section&) = default;
};
struct SectionKind {
  std::string_view name;
  std::vector<std::string_view> columns;
};
// In the order of a ticket.
const std::vector<SectionKind>& section_kinds();

struct Approval {
  std::string role;
  std::string person;
  core::Instant at = 0;

  friend bool operator==(const Approval&, const Approval&) = default;
};

// What changed, and when.
struct Change {
  core::Instant at = 0;
  std::string text;

  friend bool operator==(const Change&, const Change&) = default;
};

struct Ticket {
  std::string id;
  std::string subject;  // a token's id, or a finding's fingerprint
  bool about_token = false;
  Trigger trigger = Trigger::leak;
  Order order = Order::direct;
  bool open = true;
  bool privileged = false;  // needs two people
  core::Priority priority = core::Priority::p3;
  core::Tier tier = core::Tier::high;
  std::string title;
  std::string summary;
  std::string reason;  // of the verdict
  std::string owner;
  std::string backup_owner;
  std::string service;
  std::string environment;
  std::string provider;
  std::string guide;  // id
  std::string masked;
  std::vector<std::string> fingerprints;
  Sources sources;  // empty: not from a scan
  std::optional<core::Instant> first_exposed;
  std::optional<core::Instant> last_exposed;
  core::Instant opened = 0;
  std::optional<core::Instant> due;
  std::optional<core::Instant> closed;
  std::string close_reason;
  std::string person;  // who leaves; empty otherwise
  std::vector<Section> sections;
  std::vector<Approval> approvals;
  std::vector<Change> history;

  std::size_t place_count() const;
  const Section* section(std::string_view name) const;
};

// Says who approved when where the intake asks for it; nothing while nobody did.
void fill_in_approvals(Ticket& ticket);

}  // namespace keytrail::ticket
