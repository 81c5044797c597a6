#include "scanner/cli/ticket_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/inventory_access.h"
#include "scanner/cli/ticket_common.h"
#include "scanner/ticket/text.h"
#include "scanner/ticket/ticket_json.h"

namespace keytrail::cli {
namespace {

void print_emitted(const ticket::Emitted& emitted, const std::string& directory, std::ostream& out) {
  for (const ticket::Emitted::Line& line : emitted.lines) {
    out << std::left << std::setw(9) << line.what << line.id << "  " << core::to_string(line.priority) << "  "
        << line.title << "\n";
    for (const std::string& change : line.changes) out << "         " << change << "\n";
  }
  out << emitted.lines.size() << " tickets written to " << directory << ", " << emitted.unchanged << " unchanged\n";
}

Result<ticket::Emitted> emit_to(const ticket::Situation& situation, const Tools& tools, ticket::Request request,
                                const std::string& directory) {
  auto store = ticket::Store::open(directory, true);
  if (!store) return store.error();
  request.leaked = ticket::leaked_tokens(*store);
  const std::vector<ticket::Case> cases = ticket::plan(situation, tools.guides, tools.settings, request);
  return ticket::emit(*store, cases, situation, tools.settings, tools.composer, request.now);
}

int run_emit(const TicketArguments& arguments) {
  auto material = load_material(arguments);
  if (!material) return fail(material.error());
  material->request.offboard = arguments.offboard;
  material->request.provider_incident = arguments.provider_incident;
  material->request.hash_secret_exposed = arguments.hash_secret_exposed;
  const auto emitted = emit_to(material->situation, material->tools, material->request, arguments.out);
  if (!emitted) return fail(emitted.error());
  print_emitted(*emitted, arguments.out, std::cout);
  return kClean;
}

int run_list(const TicketArguments& arguments) {
  const auto store = ticket::Store::open(arguments.out, false);
  if (!store) return fail(store.error());
  std::vector<const ticket::Ticket*> list;
  for (const auto& [id, one] : store->tickets()) {
    if (arguments.state == "all" || one.open == (arguments.state == "open")) list.push_back(&one);
  }
  std::sort(list.begin(), list.end(), [](const ticket::Ticket* a, const ticket::Ticket* b) {
    return std::tie(a->priority, a->due, a->id) < std::tie(b->priority, b->due, b->id);
  });
  if (arguments.format == "json") {
    auto out = nlohmann::ordered_json::array();
    for (const ticket::Ticket* one : list) out.push_back(nlohmann::ordered_json::parse(ticket::to_json(*one)));
    std::cout << out.dump(1) << "\n";
    return kClean;
  }
  for (const ticket::Ticket* one : list) {
    std::cout << one->id << "  " << core::to_string(one->priority) << "  " << (one->open ? "open  " : "closed") << "  "
              << (one->due ? ticket::time_text(*one->due) : "no deadline") << "  "
              << (one->owner.empty() ? "owner not known" : one->owner) << "  " << one->title << "\n";
  }
  std::cout << list.size() << " tickets in " << arguments.out << "\n";
  return kClean;
}

int run_show(const TicketArguments& arguments) {
  const auto store = ticket::Store::open(arguments.out, false);
  if (!store) return fail(store.error());
  const auto found = wanted(*store, arguments.id);
  if (!found) return fail(found.error());
  if (arguments.format == "json") {
    std::cout << ticket::to_json(*found);
    return kClean;
  }
  const auto tools = load_tools(arguments);
  if (!tools) return fail(tools.error());
  std::cout << tools->composer.markdown(*found);
  return kClean;
}

void add_emit(CLI::App& tickets, Arguments& arguments) {
  const SharedTicketArguments shared = std::make_shared<TicketArguments>();
  CLI::App* emit = tickets.add_subcommand("emit", "Write a ticket for each token or secret that needs work");
  add_source(*emit, shared);
  add_folder(*emit, shared);
  add_tools(*emit, shared);
  emit->add_option("--offboard", shared->offboard, "A person leaves: what they own or can read is rotated")
      ->type_name("PERSON");
  emit->add_option("--provider-incident", shared->provider_incident,
                   "A provider was broken into: all of theirs is rotated")
      ->type_name("NAME");
  emit->add_flag("--hash-secret-exposed", shared->hash_secret_exposed,
                 "The secret that API keys are hashed with is exposed");
  emit->callback([shared, &arguments] { arguments.run = [shared] { return run_emit(*shared); }; });
}

void add_reading(CLI::App& tickets, Arguments& arguments) {
  const SharedTicketArguments listed = std::make_shared<TicketArguments>();
  CLI::App* list = tickets.add_subcommand("list", "One line for each ticket, most urgent first");
  add_folder(*list, listed);
  list->add_option("--state", listed->state, "open (default), closed or all")
      ->check(CLI::IsMember({"open", "closed", "all"}));
  list->add_option("--format", listed->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  list->callback([listed, &arguments] { arguments.run = [listed] { return run_list(*listed); }; });

  const SharedTicketArguments shown = std::make_shared<TicketArguments>();
  CLI::App* show = tickets.add_subcommand("show", "A whole ticket");
  show->add_option("ID", shown->id, "The ticket's id")->required()->type_name("");
  add_folder(*show, shown);
  show->add_option("--format", shown->format, "text (Markdown) or json")->check(CLI::IsMember({"text", "json"}));
  show->callback([shown, &arguments] { arguments.run = [shown] { return run_show(*shown); }; });
}

}  // namespace

void add_ticket_commands(CLI::App& app, Arguments& arguments) {
  add_runbook(app, arguments);
  CLI::App* tickets = app.add_subcommand("tickets", "Tickets for what must be rotated")->require_subcommand(1);
  add_emit(*tickets, arguments);
  add_reading(*tickets, arguments);
  add_ticket_changes(*tickets, arguments);
  add_ticket_sending(*tickets, arguments);
}

Status emit_tickets(std::string_view json_report, const ScanTickets& scan) {
  auto situation = ticket::parse_report(json_report, "report");
  if (!situation) return situation.error();
  situation->narrowed = scan.narrowed;
  if (scan.is_public) situation->visibility = "public";
  const auto at = time_of(scan.now);
  if (!at) return at.error();
  const auto tools = load_tools({});
  if (!tools) return tools.error();
  TicketInventory inventory;
  inventory.policy = inventory::default_policy();
  if (!scan.inventory.empty()) {
    auto found = find_ticket_inventory(scan.inventory, scan.policy);
    if (!found) return found.error();
    inventory = std::move(*found);
    // What changes bring is no audit of the inventory.
    const bool whole = situation->mode == "history" || situation->mode == "files";
    if (Status added = whole ? add_inventory(*situation, inventory, *at) : Status(); !added) return added;
  }
  ticket::Request request;
  request.now = *at;
  request.respond_by = response_times(inventory.policy);
  const auto emitted = emit_to(*situation, *tools, request, scan.directory);
  if (!emitted) return emitted.error();
  print_emitted(*emitted, scan.directory, std::cerr);
  return {};
}

}  // namespace keytrail::cli
