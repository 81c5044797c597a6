// A runbook: how the credentials of one service, some tokens or a whole inventory are rotated, in which order.
//
// Pure. The order respects what depends on what: a token goes after those that it is derived from, and every token goes
// once, however many use it. Tokens that depend on one another in a circle are rotated together, and the runbook says
// so.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ticket/composer.h"
#include "scanner/ticket/plan.h"
#include "scanner/ticket/value.h"

namespace keytrail::ticket {

struct RunbookRequest {
  std::vector<std::string> tokens;  // ids
  std::string service;              // all tokens that this one uses or depends on
  bool all = false;                 // all, untracked secrets among them
};

struct Runbook {
  struct Entry {
    Ticket ticket;
    std::string id;  // of the token, or what an untracked secret is called
    std::string last_rotated;
    std::string reasons;
    std::string dependents;
  };
  struct Edge {
    std::size_t from = 0;
    std::size_t to = 0;
  };
  std::string scope;
  core::Instant made = 0;
  std::vector<Entry> entries;  // most urgent first
  std::vector<std::string> services;
  std::vector<Edge> to_tokens;    // entry → entry that is derived from it
  std::vector<Edge> to_services;  // entry → services[]
  std::vector<std::vector<std::size_t>> waves;
  std::vector<std::size_t> circle;  // entries that wait for one another
};

// not_found where a token or service is not in the inventory.
Result<Runbook> make_runbook(const Situation& situation, const Guides& guides, const Settings& settings,
                             const Composer& composer, const RunbookRequest& wanted, const Request& request);
// What runbook.md and runbook.html show.
Value runbook_value(const Runbook& runbook);
Value runbook_shape();

}  // namespace keytrail::ticket
