// What differs between two states of a ticket, and when one may be closed.
#include <algorithm>

#include "scanner/ticket/store.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

std::string shown(std::string_view text) { return text.empty() ? "not known" : std::string(text); }
std::string shown(const std::optional<core::Instant>& at) { return at ? time_text(*at) : "none"; }

// A rotation counts when it came after this.
core::Instant mark_of(const Ticket& ticket) {
  constexpr core::Instant kDay = 86400;
  switch (ticket.trigger) {
    case Trigger::leak:
      return ticket.first_exposed.value_or(ticket.opened);
    case Trigger::never_rotated:
    case Trigger::overdue:
    case Trigger::expiring:
    case Trigger::exception_over:
      return ticket.opened - ticket.opened % kDay - 1;  // inventories write days: one on the same day counts
    default:
      return ticket.opened;
  }
}

// A scan of the same state at another revision is no change.
void source_differences(const std::vector<Source>& before, const std::vector<Source>& after,
                        std::vector<std::string>& out) {
  for (const Source& source : after) {
    const auto known =
        std::find_if(before.begin(), before.end(), [&](const Source& other) { return other.is_same_place(source); });
    if (known == before.end()) {
      if (!before.empty()) out.push_back("also in " + source.target);
    } else if (known->open != source.open) {
      out.push_back((source.open ? "open again in " : "no longer open in ") + source.target);
    }
  }
}

}  // namespace

std::vector<std::string> differences(const Ticket& before, const Ticket& after) {
  std::vector<std::string> out;
  const auto changed = [&](std::string_view what, const std::string& from, const std::string& to) {
    if (from != to) out.push_back(std::string(what) + " " + from + " → " + to);
  };
  changed("severity", std::string(core::to_string(before.priority)), std::string(core::to_string(after.priority)));
  changed("tier", std::string(core::to_string(before.tier)), std::string(core::to_string(after.tier)));
  changed("order of steps", std::string(to_string(before.order)), std::string(to_string(after.order)));
  changed("owner", shown(before.owner), shown(after.owner));
  changed("backup owner", shown(before.backup_owner), shown(after.backup_owner));
  changed("service", shown(before.service), shown(after.service));
  changed("environment", shown(before.environment), shown(after.environment));
  changed("deadline", shown(before.due), shown(after.due));
  changed("first exposure", shown(before.first_exposed), shown(after.first_exposed));
  const std::size_t added = places_missing(after.sources, before.sources);
  if (added > 0) out.push_back(std::to_string(added) + (added == 1 ? " new place" : " new places"));
  const std::size_t gone = places_missing(before.sources, after.sources);
  if (gone > 0) out.push_back(std::to_string(gone) + (gone == 1 ? " place" : " places") + " no longer seen");
  source_differences(before.sources.list, after.sources.list, out);
  if (added + gone == 0 && before.sources.places != after.sources.places) out.emplace_back("places changed");
  if (before.title != after.title || before.summary != after.summary) out.emplace_back("what happened");
  if (out.empty() && before.sections != after.sections) out.emplace_back(kInstructions);
  return out;
}

namespace {

bool is_of(const Secret& secret, const Ticket& ticket) {
  return !secret.suppressed && ((secret.token && secret.token->token == ticket.subject) ||
                                std::find(ticket.fingerprints.begin(), ticket.fingerprints.end(), secret.fingerprint) !=
                                    ticket.fingerprints.end());
}

}  // namespace

std::vector<const Secret*> secrets_of(const Ticket& ticket, const Situation& situation) {
  std::vector<const Secret*> out;
  for (const Secret& secret : situation.secrets) {
    if (is_of(secret, ticket)) out.push_back(&secret);
  }
  return out;
}

std::string closing_reason(const Ticket& ticket, const Situation& situation) {
  if (!situation.complete || !situation.with_inventory) return {};
  const core::TokenStatus* status = situation.find_token(ticket.subject);
  std::string from_inventory;
  for (const Secret* secret : secrets_of(ticket, situation)) {
    if (!secret->verdict) continue;
    // It has become known: the token's ticket goes on.
    if (!ticket.about_token && secret->verdict->open && secret->token)
      return "known now as token " + secret->token->token;
    // The inventory says so of a finding: rotated since, or revoked.
    if (secret->verdict->kind == core::VerdictKind::leaked_superseded) from_inventory = "rotated since the exposure";
    if (secret->verdict->kind == core::VerdictKind::leaked_revoked) from_inventory = "revoked";
  }
  // Each repository says for itself, by its own last scan, that nothing open stands there.
  const auto is_open = [](const Source& source) { return source.open; };
  const std::vector<Source>& sources = ticket.sources.list;
  if (ticket.trigger == Trigger::leak && std::any_of(sources.begin(), sources.end(), is_open)) return {};
  if (status != nullptr) {
    if (status->token.state == core::TokenState::revoked) from_inventory = "revoked";
    const auto since = value_since(status->token);
    if (since && *since > mark_of(ticket)) from_inventory = "rotated on " + time_text(*since);
  }
  return from_inventory;
}

}  // namespace keytrail::ticket
