// `keytrail audit show`, `verify` and `prune`.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "scanner/base/dates.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/inventory_command.h"
#include "scanner/cli/inventory_common.h"
#include "scanner/inventory/audit_json.h"
#include "scanner/report/unicode.h"

namespace keytrail::cli {
namespace {

constexpr core::Instant kYear = core::Instant{365} * 86400;

struct AuditArguments {
  InventoryPlace place;
  std::string token;
  std::string event;
  std::string since;
  std::string before;
  bool json = false;
  bool force = false;
  inventory::Actor actor;
};

inventory::AuditLog log_of(const InventoryPlace& place) {
  return inventory::AuditLog(inventory::AuditLog::log_path(inventory_path(place.path)));
}

void print_event(const inventory::AuditEvent& event) {
  std::string line = utc_time(event.time) + "  " + event.kind;
  if (!event.token.empty()) line += " " + event.token;
  if (!event.operator_name.empty()) line += ", by " + event.operator_name;
  if (!event.requester.empty() && event.requester != event.operator_name) line += ", asked for by " + event.requester;
  if (!event.approver.empty()) line += ", approved by " + event.approver;
  for (const auto& [name, value] : event.details) {
    if (!value.empty()) line.append(", ").append(name).append(" ").append(value);
  }
  if (!event.reason.empty()) line += ": " + event.reason;
  std::cout << report::visible(line) << "\n";
}

int run_show(const AuditArguments& arguments) {
  const auto since = date_option(arguments.since, "--since");
  if (!since) return fail(since.error());
  std::size_t bad = 0;
  const Status read = log_of(arguments.place).for_each([&](std::string_view line) {
    const auto event = inventory::parse_event(line);
    if (!event || event->kind.empty()) {
      bad += line.starts_with("{\"cut\"") ? 0U : 1U;
      return true;
    }
    if (!arguments.token.empty() && event->token != arguments.token) return true;
    if (!arguments.event.empty() && event->kind != arguments.event) return true;
    if (*since && event->time < **since) return true;
    if (arguments.json) {
      std::cout << line << "\n";
    } else {
      print_event(*event);
    }
    return true;
  });
  if (!read) return fail(read.error());
  if (bad > 0) std::cerr << "keytrail: " << bad << " lines cannot be read: keytrail audit verify tells more\n";
  return kClean;
}

// Lines that wait in the store are written first, where we may.
Result<std::optional<inventory::AuditPosition>> remembered(const InventoryPlace& place) {
  auto store = open_inventory(place, inventory::Store::Access::write);
  if (!store && store.error().code == ErrorCode::permission_denied) {
    store = open_inventory(place, inventory::Store::Access::read);
  }
  if (!store) return store.error();
  if (Status whole = store->check(); !whole) return whole.error();
  return store->audit_position();
}

int run_verify(const AuditArguments& arguments) {
  const auto position = remembered(arguments.place);
  // Without an inventory the chain alone can be followed.
  if (!position && position.error().code != ErrorCode::not_found) return fail(position.error());
  const inventory::AuditLog log = log_of(arguments.place);
  const auto check = log.verify(position ? *position : std::nullopt);
  if (!check) return fail(check.error());
  if (!check->problem.empty()) return fail(make_error(ErrorCode::corrupt, check->problem, log.path()));
  std::cout << "the audit log holds: " << check->lines << (check->lines == 1 ? " line" : " lines")
            << ", the last is number " << check->last.sequence << ", hash " << check->last.hash << "\n";
  std::cout << (position ? "the inventory holds\n" : "there is no inventory beside it\n");
  return kClean;
}

int run_prune(AuditArguments& arguments) {
  const auto before = date_option(arguments.before, "--before");
  if (!before) return fail(before.error());
  arguments.actor.operator_name = operator_or_user(arguments.actor.operator_name);
  if (**before > now() - kYear && !arguments.force) {
    return fail(make_error(ErrorCode::invalid_argument,
                           "this would leave less than a year: --force does it where no rule forbids that",
                           "--before"));
  }
  if (Status may = inventory::check_dual_control(core::Tier::high, arguments.actor, "pruning (like changing)"); !may) {
    return fail(make_error(ErrorCode::invalid_argument, may.error().message));
  }
  inventory::AuditEvent event;
  event.operator_name = arguments.actor.operator_name;
  event.requester = arguments.actor.requester;
  event.approver = arguments.actor.approver;
  event.reason = arguments.actor.reason;
  const auto position = remembered(arguments.place);
  if (!position && position.error().code != ErrorCode::not_found) return fail(position.error());
  const inventory::AuditLog log = log_of(arguments.place);
  // A record that lines were removed must not make good what somebody else removed.
  const auto check = log.verify(position ? *position : std::nullopt);
  if (!check) return fail(check.error());
  if (!check->problem.empty()) return fail(make_error(ErrorCode::corrupt, check->problem, log.path()));
  const auto removed = log.prune(**before, event);
  if (!removed) return fail(removed.error());
  std::cout << "removed " << *removed << (*removed == 1 ? " line\n" : " lines\n");
  return kClean;
}

}  // namespace

void add_audit_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* audit = app.add_subcommand("audit", "Who changed what in the inventory")->require_subcommand(1);
  auto options = std::make_shared<AuditArguments>();
  CLI::App* show = audit->add_subcommand("show", "The audit log, oldest first");
  add_place_option(*show, options->place);
  show->add_option("--token", options->token, "Of this token")->type_name("ID");
  show->add_option("--event", options->event, "Of this kind: import, rotate, revoke, …")->type_name("KIND");
  show->add_option("--since", options->since, "Then or later")->type_name("DATE");
  show->add_flag("--json", options->json, "The lines as they stand");
  show->callback([&arguments, options] { arguments.run = [options] { return run_show(*options); }; });

  options = std::make_shared<AuditArguments>();
  CLI::App* verify = audit->add_subcommand("verify", "Check the log's chain, and the inventory");
  add_place_option(*verify, options->place);
  verify->callback([&arguments, options] { arguments.run = [options] { return run_verify(*options); }; });

  options = std::make_shared<AuditArguments>();
  CLI::App* prune = audit->add_subcommand("prune", "Remove old lines, and record that they were removed");
  add_place_option(*prune, options->place);
  prune->add_option("--before", options->before, "Lines of days before this one")->required()->type_name("DATE");
  prune->add_flag("--force", options->force, "Also of the last year");
  add_actor_options(*prune, options->actor);
  prune->callback([&arguments, options] { arguments.run = [options] { return run_prune(*options); }; });
}

}  // namespace keytrail::cli
