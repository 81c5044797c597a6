// Which tickets a situation asks for: one for each token, or untracked secret, and trigger. Pure; no text is made here.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ticket/guide.h"
#include "scanner/ticket/situation.h"
#include "scanner/ticket/ticket.h"

namespace keytrail::ticket {

// What an organisation says once for all tickets: a TOML file (--settings); docs/tickets.md.
struct Settings {
  struct Level {
    std::string who;
    core::Instant within = 0;  // seconds after the one before it
  };
  std::string visibility;  // of the repository: "public", "private"; empty: not known
  std::string requester;   // who asks: the security team
  std::string requester_role;
  std::string security;  // who approves for it
  std::string incident_contact;
  std::string vault;     // the command that reads a value from its standard input and stores it
  std::string evidence;  // where the evidence is kept
  std::vector<Level> escalation;
  // Of sending.
  int tries = 4;
  int pause_milliseconds = 500;  // after the first try; each later one is twice as long
  int timeout_seconds = 30;      // of one try
};
Settings default_settings();
Result<Settings> parse_settings(std::string_view toml, const std::string& place);

// What a command asks for beside the report.
struct Request {
  core::Instant now = 0;
  // Until when a matter of this priority, seen at that time, must be dealt with; none: as the built-in policy says.
  std::function<core::Instant(core::Priority, core::Instant)> respond_by;
  std::string offboard;           // a person: every token that they own or can read
  std::string provider_incident;  // a provider's name: every token of theirs
  bool hash_secret_exposed = false;
  // Tokens with an open ticket of a leak, which is planned although nothing calls them open any more.
  struct Leaked {
    std::string token;
    std::string rule;
  };
  std::vector<Leaked> leaked;
};

// What one ticket is about. Points into the situation and the guides.
struct Case {
  Trigger trigger = Trigger::leak;
  std::string subject;
  const core::TokenStatus* token = nullptr;        // null of an untracked secret
  std::vector<const Secret*> secrets;              // what this scan found of it
  Sources sources;                                 // where it stands, by other scans too
  const core::Verdict* verdict = nullptr;          // what asks for it; null of a request
  std::vector<const core::TokenStatus*> affected;  // of a hash secret: the keys hashed by it; of a token: derived ones
  const Guide* guide = nullptr;
  core::Priority priority = core::Priority::p3;
  Order order = Order::direct;
  bool privileged = false;  // what it opens makes an open leak an emergency
  bool two_people = false;  // dual control
  bool standing = false;    // nothing asks for it any more; its ticket may close
  core::Instant due = 0;
  std::string reason;  // of the verdict that counts
  bool is_public = false;
  std::optional<core::Instant> first_exposed;
  std::optional<core::Instant> last_exposed;  // none: still there, or not known
  bool at_tip = false;
  const Situation* situation = nullptr;
  const Request* request = nullptr;
};

// By priority, then due date, then subject. `settings` may say that the repository is public.
std::vector<Case> plan(const Situation& situation, const Guides& guides, const Settings& settings,
                       const Request& request);

// One case for each of these tokens: the most urgent of the plan, else a rotation by calendar. With `untracked` those
// of secrets that no token has as well. In the same order.
std::vector<Case> plan_tokens(const Situation& situation, const Guides& guides, const Settings& settings,
                              const Request& request, const std::vector<const core::TokenStatus*>& tokens,
                              bool untracked);

// What follows from the sources, after they were put together with those of other scans: exposure, priority, order.
void settle(Case& made, const Settings& settings);
core::Instant respond_by(const Request& request, core::Priority priority, core::Instant from);
// "public", "private" or empty.
const std::string& visibility_of(const Situation& situation, const Settings& settings);
bool is_production(const core::Token& token);
// When its current value was made: its own date, else the last rotation, else the creation.
std::optional<core::Instant> value_since(const core::Token& token);

}  // namespace keytrail::ticket
