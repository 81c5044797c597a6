#include <CLI/CLI.hpp>
#include <algorithm>

#include "scanner/base/text.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/ticket_common.h"
#include "scanner/ticket/text.h"

namespace keytrail::cli {
namespace {

// Changes one ticket of the directory.
template <typename Change>
int change_ticket(const TicketArguments& arguments, Change change) {
  const auto at = time_of(arguments);
  if (!at) return fail(at.error());
  const auto tools = load_tools(arguments);
  if (!tools) return fail(tools.error());
  auto store = ticket::Store::open(arguments.out, true);
  if (!store) return fail(store.error());
  auto found = wanted(*store, arguments.id);
  if (!found) return fail(found.error());
  if (Status changed = change(*found, tools->settings, *at); !changed) return fail(changed.error());
  const auto written = store->put(*found, tools->composer);
  return written ? kClean : fail(written.error());
}

Status approve(const TicketArguments& arguments, const ticket::Settings& settings, ticket::Ticket& one,
               core::Instant at) {
  const std::string by = lower(arguments.by);
  const auto refuse = [&](const std::string& why) {
    return make_error(ErrorCode::invalid_argument, why, arguments.id);
  };
  if (!one.open) return refuse("is closed");
  if (by == lower(settings.requester)) return refuse("who asked for it cannot approve it");
  if (by == lower(one.person)) return refuse("who leaves cannot approve it");
  for (const ticket::Approval& approval : one.approvals) {
    if (lower(approval.person) != by) continue;
    if (approval.role == "executor" || arguments.role == "executor") {
      return refuse("who executes cannot approve: two people are needed");
    }
    if (approval.role == arguments.role) return refuse("has this approval already");
  }
  one.approvals.push_back({arguments.role, ticket::scrubbed(arguments.by), at});
  one.history.push_back({at, (arguments.role == "executor" ? "executed by " : "approved by ") +
                                 ticket::scrubbed(arguments.by) + " (" + arguments.role + ")"});
  return {};
}

int run_approve(const TicketArguments& arguments) {
  return change_ticket(arguments, [&](ticket::Ticket& one, const ticket::Settings& settings, core::Instant at) {
    return approve(arguments, settings, one, at);
  });
}

int run_close(const TicketArguments& arguments) {
  return change_ticket(arguments, [&](ticket::Ticket& one, const ticket::Settings&, core::Instant at) -> Status {
    if (!one.open) return make_error(ErrorCode::invalid_argument, "is closed already", one.id);
    const bool approved = std::any_of(one.approvals.begin(), one.approvals.end(),
                                      [](const ticket::Approval& approval) { return approval.role != "executor"; });
    if (one.privileged && !approved) {
      return make_error(ErrorCode::invalid_argument,
                        "needs an approval first: keytrail tickets approve " + one.id + " --by PERSON --role ROLE",
                        one.id);
    }
    one.open = false;
    one.closed = at;
    one.close_reason = ticket::scrubbed(arguments.reason);
    one.history.push_back({at, "closed by hand" +
                                   (arguments.by.empty() ? "" : " by " + ticket::scrubbed(arguments.by)) + ": " +
                                   one.close_reason});
    return {};
  });
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
  add_folder(*approve, approved);
  add_tools(*approve, approved);
  approve->callback([approved, &arguments] { arguments.run = [approved] { return run_approve(*approved); }; });

  const SharedTicketArguments closed = std::make_shared<TicketArguments>();
  CLI::App* close = tickets.add_subcommand("close", "Close by hand; scans close what they see rotated by themselves");
  close->add_option("ID", closed->id, "The ticket's id")->required()->type_name("");
  close->add_option("--reason", closed->reason, "Why")->required()->type_name("TEXT");
  close->add_option("--by", closed->by, "Who")->type_name("PERSON");
  add_folder(*close, closed);
  add_tools(*close, closed);
  close->callback([closed, &arguments] { arguments.run = [closed] { return run_close(*closed); }; });
}

}  // namespace keytrail::cli
