#include "scanner/cli/ticket_inventory.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <iostream>

#include "scanner/base/dates.h"
#include "scanner/base/file.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/inventory_access.h"
#include "scanner/inventory/store.h"
#include "scanner/inventory/verdicts.h"

namespace keytrail::cli {
namespace {

constexpr std::size_t kMaxExportBytes = std::size_t{1} << 30;

Result<bool> is_database(const std::string& path) {
  constexpr std::string_view kStart = "SQLite format 3";
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return errno_error(errno, "open", path);
  std::array<char, kStart.size()> begin{};
  const auto got = read_fully(file.get(), begin.data(), begin.size(), path);
  if (!got) return got.error();
  return std::string_view(begin.data(), *got) == kStart;
}

// A verdict that an exception covered until it ended says so: somebody agreed to wait, and the wait is over.
void note_ended_exceptions(core::TokenStatus& status, const inventory::Policy& policy, core::Instant now) {
  for (core::Verdict& verdict : status.verdicts) {
    if (!verdict.exception.empty()) continue;
    const inventory::PolicyException* last = nullptr;
    for (const inventory::PolicyException& one : policy.exceptions) {
      const auto* ended = one.until < now ? find_exception(policy, status.token, verdict.kind, one.until) : nullptr;
      if (ended != nullptr && ended->until < now && (last == nullptr || ended->until > last->until)) last = ended;
    }
    if (last == nullptr) continue;
    verdict.exception = "approved by " + last->approver + " until " + utc_day(last->until);
    if (!last->reason.empty()) verdict.exception += ": " + last->reason;
  }
}

}  // namespace

Result<TicketInventory> find_ticket_inventory(const std::string& path, const std::string& policy) {
  TicketInventory found;
  found.path = path.empty() ? find_inventory(current_folder()) : path;
  if (!found.path.empty()) {
    const auto database = is_database(found.path);
    if (!database) return database.error();
    found.is_store = *database;
  }
  auto loaded = load_policy(policy, found.is_store ? found.path : std::string());
  if (!loaded) return loaded.error();
  found.policy = std::move(*loaded);
  return found;
}

Status add_inventory(ticket::Situation& situation, const TicketInventory& inventory, core::Instant now) {
  if (inventory.path.empty()) return {};
  if (!inventory.is_store) {
    const auto text = read_file(inventory.path, kMaxExportBytes);
    if (!text) return text.error();
    return ticket::add_inventory(situation, *text, inventory.path);
  }
  const auto store = inventory::Store::open(inventory.path, inventory::Store::Access::read);
  if (!store) return store.error();
  auto tokens = store->tokens();
  if (!tokens) return tokens.error();
  std::vector<core::TokenStatus> statuses = inventory::judge(std::move(*tokens), {}, inventory.policy, now).tokens;
  for (core::TokenStatus& status : statuses) note_ended_exceptions(status, inventory.policy, now);
  situation.add_whole_inventory(std::move(statuses));
  return {};
}

std::function<core::Instant(core::Priority, core::Instant)> response_times(const inventory::Policy& policy) {
  return
      [policy](core::Priority priority, core::Instant from) { return inventory::respond_by(policy, priority, from); };
}

Status audit_ticket(const std::string& path, const inventory::AuditEvent& event) {
  const std::string where = path.empty() ? find_inventory(current_folder()) : path;
  if (where.empty()) {
    std::cerr
        << "keytrail: note: there is no inventory here or above, so no audit log has this (--inventory names one)\n";
    return {};
  }
  auto store = inventory::Store::open(where, inventory::Store::Access::write);
  if (!store) return store.error();
  auto transaction = store->begin();
  if (!transaction) return transaction.error();
  if (Status recorded = store->record(event); !recorded) return recorded;
  return transaction->commit();
}

}  // namespace keytrail::cli
