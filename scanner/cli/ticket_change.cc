#include <CLI/CLI.hpp>
#include <algorithm>

#include "scanner/base/text.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/inventory_common.h"
#include "scanner/cli/ticket_common.h"
#include "scanner/ticket/text.h"

namespace keytrail::cli {
namespace {

// A change of one ticket: what it does to the ticket, and its line of the audit log.
struct Change {
  ticket::Ticket& one;
  const ticket::Settings& settings;
  core::Instant at;
  inventory::AuditEvent event;
};

bool same_name(const std::string& a, const std::string& b) { return lower(trimmed(a)) == lower(trimmed(b)); }

// The line is on the disk before the ticket changes: a change that nobody can account for does not happen.
template <typename Work>
int change_ticket(const TicketArguments& arguments, const char* event, Work work) {
  const auto at = time_of(arguments);
  if (!at) return fail(at.error());
  const auto tools = load_tools(arguments);
  if (!tools) return fail(tools.error());
  auto store = ticket::Store::open(arguments.out, true);
  if (!store) return fail(store.error());
  auto found = wanted(*store, arguments.id);
  if (!found) return fail(found.error());
  Change change{*found, tools->settings, *at, {}};
  change.event.kind = event;
  if (found->about_token) change.event.token = found->subject;
  change.event.requester = tools->settings.requester;
  change.event.details["ticket"] = found->id;
  if (Status done = work(change, *store, tools->composer); !done) return fail(done.error());
  if (Status logged = audit_ticket(arguments.inventory, change.event); !logged) return fail(logged.error());
  const auto written = store->put(*found, tools->composer);
  return written ? kClean : fail(written.error());
}

Error refused(const ticket::Ticket& one, std::string why) {
  return make_error(ErrorCode::invalid_argument, std::move(why), one.id);
}

Status approve(const TicketArguments& arguments, Change& change) {
  ticket::Ticket& one = change.one;
  const bool executes = arguments.role == "executor";
  if (!one.open) return refused(one, "is closed");
  if (trimmed(arguments.by).empty()) return refused(one, "--by names a person");
  if (same_name(arguments.by, change.settings.requester)) return refused(one, "who asked for it cannot approve it");
  if (same_name(arguments.by, one.person)) return refused(one, "who leaves cannot approve it");
  for (const ticket::Approval& approval : one.approvals) {
    if (!same_name(approval.person, arguments.by)) continue;
    if (approval.role == "executor" || executes)
      return refused(one, "who executes cannot approve: two people are needed");
    if (approval.role == arguments.role) return refused(one, "has this approval already");
  }
  const std::string person = ticket::scrubbed(arguments.by);
  one.approvals.push_back({arguments.role, person, change.at});
  fill_in_approvals(one);
  one.history.push_back(
      {change.at, (executes ? "executed by " : "approved by ") + person + " (" + arguments.role + ")"});
  change.event.details["role"] = arguments.role;
  change.event.operator_name = executes ? person : ticket::scrubbed(operator_or_user(""));
  if (!executes) change.event.approver = person;
  return {};
}

int run_approve(const TicketArguments& arguments) {
  return change_ticket(
      arguments, arguments.role == "executor" ? "ticket-execute" : "ticket-approve",
      [&](Change& change, const ticket::Store&, const ticket::Composer&) { return approve(arguments, change); });
}

// Dual control: somebody approved who neither executed it nor closes it.
Status check_approval(const ticket::Ticket& one, const std::string& by, inventory::AuditEvent& event) {
  for (const ticket::Approval& approval : one.approvals) {
    if (approval.role == "executor" || same_name(approval.person, by)) continue;
    event.approver = approval.person;
    return {};
  }
  if (!one.privileged) return {};
  const bool own = std::any_of(one.approvals.begin(), one.approvals.end(),
                               [](const ticket::Approval& approval) { return approval.role != "executor"; });
  if (own) return refused(one, "who approved it cannot close it: two people are needed (--by names who closes)");
  return refused(one, "needs an approval first: keytrail tickets approve " + one.id + " --by PERSON --role ROLE");
}

Status check_evidence(const ticket::Ticket& one, const ticket::Store& store, const ticket::Composer& composer) {
  const auto open = ticket::unticked_evidence(store, one, composer);
  if (!open) return open.error();
  if (open->empty()) return {};
  return refused(one, std::to_string(open->size()) + " boxes of its audit evidence are not ticked in " +
                          store.directory() + "/" + one.id + ".md, the first: " + open->front() +
                          " (--without-evidence closes it all the same and says so)");
}

Status close(const TicketArguments& arguments, Change& change, const ticket::Store& store,
             const ticket::Composer& composer) {
  ticket::Ticket& one = change.one;
  if (!one.open) return refused(one, "is closed already");
  const std::string by = ticket::scrubbed(operator_or_user(arguments.by));
  if (Status approved = check_approval(one, by, change.event); !approved) return approved;
  if (!arguments.no_evidence) {
    if (Status ticked = check_evidence(one, store, composer); !ticked) return ticked;
  }
  one.open = false;
  one.closed = change.at;
  one.close_reason = ticket::scrubbed(arguments.reason);
  one.history.push_back({change.at, "closed by hand by " + by + (arguments.no_evidence ? ", without evidence" : "") +
                                        ": " + one.close_reason});
  change.event.operator_name = by;
  change.event.reason = one.close_reason;
  change.event.details["evidence"] = arguments.no_evidence ? "not asked for" : "complete";
  return {};
}

int run_close(const TicketArguments& arguments) {
  return change_ticket(arguments, "ticket-close",
                       [&](Change& change, const ticket::Store& store, const ticket::Composer& composer) {
                         return close(arguments, change, store, composer);
                       });
}

void add_audit_option(CLI::App& command, const SharedTicketArguments& shared) {
  command
      .add_option("--inventory", shared->inventory,
                  "Token inventory whose audit log has it (default: as a scan finds it)")
      ->type_name("FILE");
}

}  // namespace

void add_ticket_changes(CLI::App& tickets, Arguments& arguments) {
  const SharedTicketArguments approved = std::make_shared<TicketArguments>();
  CLI::App* approve = tickets.add_subcommand("approve", "Record who approved or executed; nobody does both");
  approve->add_option("ID", approved->id, "The ticket's id")->required()->type_name("");
  approve->add_option("--by", approved->by, "Who")->required()->type_name("PERSON");
  approve->add_option("--role", approved->role, "manager, owner, security or executor")
      ->required()
      ->check(CLI::IsMember({"manager", "owner", "security", "executor"}));
  add_audit_option(*approve, approved);
  add_folder(*approve, approved);
  add_tools(*approve, approved);
  approve->callback([approved, &arguments] { arguments.run = [approved] { return run_approve(*approved); }; });

  const SharedTicketArguments closed = std::make_shared<TicketArguments>();
  CLI::App* close = tickets.add_subcommand("close", "Close by hand; scans close what they see rotated by themselves");
  close->add_option("ID", closed->id, "The ticket's id")->required()->type_name("");
  close->add_option("--reason", closed->reason, "Why")->required()->type_name("TEXT");
  close->add_option("--by", closed->by, "Who closes it (default: the user of this machine)")->type_name("PERSON");
  close->add_flag("--without-evidence", closed->no_evidence, "Boxes that are not ticked do not keep it open");
  add_audit_option(*close, closed);
  add_folder(*close, closed);
  add_tools(*close, closed);
  close->callback([closed, &arguments] { arguments.run = [closed] { return run_close(*closed); }; });
}

}  // namespace keytrail::cli
