// The inventory of the ticket commands: its store, found as a scan finds it, or an export of it in JSON; the policy;
// and the audit log that approvals and closures go to.
#pragma once

#include <functional>
#include <string>

#include "scanner/base/result.h"
#include "scanner/core/token.h"
#include "scanner/inventory/audit_log.h"
#include "scanner/inventory/policy.h"
#include "scanner/ticket/situation.h"

namespace keytrail::cli {

struct TicketInventory {
  std::string path;  // empty: there is none
  bool is_store = false;
  inventory::Policy policy;
};

// `path` of --inventory, else the one that a scan here would use; `policy` of --policy, else that beside it.
Result<TicketInventory> find_ticket_inventory(const std::string& path, const std::string& policy);
// All tokens, judged at `now`; nothing where there is no inventory.
Status add_inventory(ticket::Situation& situation, const TicketInventory& inventory, core::Instant now);
// Until when a matter of a priority must be dealt with, by the policy.
std::function<core::Instant(core::Priority, core::Instant)> response_times(const inventory::Policy& policy);
// Durable when it returns. A note where there is no inventory, and so no log.
Status audit_ticket(const std::string& path, const inventory::AuditEvent& event);

}  // namespace keytrail::cli
