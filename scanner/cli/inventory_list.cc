// `keytrail inventory list`, `show` and `export`.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <sstream>
#include <unordered_set>

#include "scanner/base/dates.h"
#include "scanner/base/file.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/inventory_command.h"
#include "scanner/cli/inventory_common.h"
#include "scanner/inventory/export.h"
#include "scanner/inventory/token_fields.h"
#include "scanner/report/text_table.h"
#include "scanner/report/unicode.h"

namespace keytrail::cli {
namespace {

struct ListArguments {
  InventoryPlace place;
  inventory::TokenFilter filter;
  std::vector<std::string> states;
  std::string format = "table";
  std::string id;
  bool json = false;
  std::string output;
  bool no_fingerprints = false;
  bool overdue = false;
  inventory::Actor actor;
};

constexpr std::array<std::string_view, 9> kHeads = {"ID",    "SERVICE", "PROVIDER", "ENVIRONMENT", "OWNER",
                                                    "STATE", "ROTATED", "EXPIRES",  "ENDS IN"};

void add_row(const inventory::TokenSummary& token, report::DayTexts& days, report::TextTable& table) {
  for (const std::string* text : {&token.id, &token.service, &token.provider, &token.environment}) table.cell(*text);
  table.cell(token.owner.empty() ? std::string_view("(none)") : std::string_view(token.owner));
  table.cell(core::to_string(token.state));
  table.cell(token.last_rotated ? std::string_view(days.of(*token.last_rotated)) : std::string_view("never"));
  table.cell(token.expires ? std::string_view(days.of(*token.expires)) : std::string_view());
  table.cell(token.has_fingerprint || !token.last_four.empty() ? "****" + token.last_four : std::string());
}

constexpr std::string_view kCsvHead =
    "id,service,provider,environment,owner,state,last_rotated,expires,created,last_used,last_four\r\n";

void add_csv(const inventory::TokenSummary& token, report::DayTexts& days, std::string& text) {
  for (const std::string* cell : {&token.id, &token.service, &token.provider, &token.environment, &token.owner}) {
    text += inventory::csv_cell(*cell) + ",";
  }
  text += core::to_string(token.state);
  for (const auto& date : {token.last_rotated, token.expires, token.created, token.last_used}) {
    text += ",";
    if (date) text += days.of(*date);
  }
  text += "," + inventory::csv_cell(token.last_four) + "\r\n";
}

Status read_states(ListArguments& arguments) {
  for (const std::string& name : arguments.states) {
    const auto state = core::parse_token_state(name);
    if (!state) {
      return make_error(ErrorCode::invalid_argument,
                        "a state is one of active, rotating, revoked, expired, compromised", "--state");
    }
    arguments.filter.states.push_back(*state);
  }
  return {};
}

int run_list(ListArguments& arguments) {
  if (Status read = read_states(arguments); !read) return fail(read.error());
  const auto store = open_inventory(arguments.place, inventory::Store::Access::read);
  if (!store) return fail(store.error());
  std::unordered_set<std::string> overdue;
  if (arguments.overdue) {
    auto found = overdue_in_force(*store, arguments.filter, now());
    if (!found) return fail(found.error());
    overdue = std::move(*found);
  }
  if (arguments.format == "json") {
    inventory::ExportOptions options;
    options.json = true;
    options.with_fingerprints = false;
    options.filter = arguments.filter;
    if (arguments.overdue) options.keep = [&](const core::Token& token) { return overdue.contains(token.id); };
    const auto count = inventory::export_tokens(*store, options, std::cout);
    return count ? static_cast<int>(kClean) : fail(count.error());
  }
  const bool csv = arguments.format == "csv";
  report::TextTable table({kHeads.begin(), kHeads.end()});
  report::DayTexts days;
  std::string text(kCsvHead);
  const Status read = store->each_summary(arguments.filter, [&](const inventory::TokenSummary& token) {
    if (arguments.overdue && !overdue.contains(token.id)) return;
    csv ? add_csv(token, days, text) : add_row(token, days, table);
  });
  if (!read) return fail(read.error());
  if (csv) {
    std::cout << text;
    return kClean;
  }
  table.print(std::cout);
  std::cout << table.rows() << (table.rows() == 1 ? " token\n" : " tokens\n");
  return kClean;
}

void print_values(const core::Token& token) {
  for (const core::TokenValue& value : token.values) {
    const bool first = &value == &token.values.front();
    std::cout << (first ? "value               " : "                    ")
              << (value.last_four.empty() ? "****" : "****" + report::visible(value.last_four));
    if (value.length != 0) std::cout << ", " << value.length << " characters";
    if (value.fingerprint.empty()) std::cout << ", no fingerprint";
    if (value.scheme != inventory::kOwnScheme) std::cout << ", " << report::visible(value.scheme);
    if (value.valid_from) std::cout << ", from " << utc_day(*value.valid_from);
    if (value.valid_until) std::cout << ", until " << utc_day(*value.valid_until);
    std::cout << "\n";
  }
}

int run_show(ListArguments& arguments) {
  const auto store = open_inventory(arguments.place, inventory::Store::Access::read);
  if (!store) return fail(store.error());
  const auto record = store->find_record(arguments.id);
  if (!record) return fail(record.error());
  if (!*record) {
    return fail(
        make_error(ErrorCode::not_found, "no token has this id: keytrail inventory list shows all", arguments.id));
  }
  const auto key_check = store->key_check();
  if (!key_check) return fail(key_check.error());
  if (arguments.json) {
    std::cout << inventory::token_json(**record, *key_check, true, 2) << "\n";
    return kClean;
  }
  const core::Token& token = (*record)->token;
  for (std::size_t i = 0; i < inventory::kTokenFields; ++i) {
    const auto field = static_cast<inventory::Field>(i);
    std::string text = inventory::field_text(token, field);
    if (field == inventory::Field::last_rotated && text.empty()) text = "never";
    if (text.empty()) continue;
    std::string name(inventory::field_name(field));
    std::replace(name.begin(), name.end(), '_', ' ');
    name.resize(20, ' ');
    std::cout << name << report::visible(text) << "\n";
  }
  print_values(token);
  const auto due = store->due_approvals();
  for (const inventory::DueApproval& approval : due ? *due : std::vector<inventory::DueApproval>()) {
    if (approval.token != token.id) continue;
    std::cout << "approval due        " << approval.action << " by " << report::visible(approval.operator_name)
              << " on " << utc_day(approval.at) << "\n";
  }
  return kClean;
}

Result<std::size_t> export_to(const inventory::Store& store, const ListArguments& arguments,
                              const inventory::ExportOptions& options) {
  if (arguments.output == "-") return inventory::export_tokens(store, options, std::cout);
  std::ostringstream text;
  auto count = inventory::export_tokens(store, options, text);
  if (!count) return count;
  if (Status written = write_file_atomically(arguments.output, text.str(), 0600); !written) return written.error();
  return count;
}

int run_export(ListArguments& arguments) {
  if (Status read = read_states(arguments); !read) return fail(read.error());
  auto store = open_inventory(arguments.place, inventory::Store::Access::write);
  if (!store) return fail(store.error());
  inventory::ExportOptions options;
  options.json = arguments.format == "json" || (arguments.format.empty() && arguments.output.ends_with(".json"));
  options.with_fingerprints = !arguments.no_fingerprints;
  options.filter = arguments.filter;
  const auto count = export_to(*store, arguments, options);
  if (!count) return fail(count.error());
  inventory::AuditEvent event;
  event.kind = "export";
  event.operator_name = operator_or_user(arguments.actor.operator_name);
  event.requester = arguments.actor.requester;
  event.approver = arguments.actor.approver;
  event.reason = arguments.actor.reason;
  event.details = {{"tokens", std::to_string(*count)},
                   {"format", options.json ? "json" : "csv"},
                   {"fingerprints", options.with_fingerprints ? "yes" : "no"}};
  auto transaction = store->begin();
  if (!transaction) return fail(transaction.error());
  Status done = store->record(event);
  if (done) done = transaction->commit();
  if (!done) return fail(done.error());
  std::cout.flush();
  std::cerr << "exported " << *count << (*count == 1 ? " token\n" : " tokens\n");
  return kClean;
}

void add_filter_options(CLI::App& command, ListArguments& options) {
  inventory::TokenFilter& filter = options.filter;
  command.add_option("--service", filter.service, "Of this service")->type_name("NAME");
  command.add_option("--provider", filter.provider, "Of this provider")->type_name("NAME");
  command.add_option("--environment", filter.environment, "Of this environment")->type_name("NAME");
  command.add_option("--owner", filter.owner, "Of this owner")->type_name("NAME");
  command.add_option("--kind", filter.kind, "Of this kind (id of a rule)")->type_name("RULE");
  command.add_option("--state", options.states, "In these states (separated by commas)")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->type_name("STATES");
  command.add_flag("--never-rotated", filter.never_rotated, "Whose value was never changed");
  command.add_flag("--no-owner", filter.no_owner, "That nobody answers for");
  command
      .add_option("--sort", filter.sort,
                  "id, service, provider, environment, owner, state, created, expires, rotated or used (default id)")
      ->type_name("FIELD");
  command.add_flag("--reverse", filter.descending, "The other way round");
}

}  // namespace

void add_inventory_list_commands(CLI::App& inventory, Arguments& arguments) {
  auto options = std::make_shared<ListArguments>();
  CLI::App* list = inventory.add_subcommand("list", "List tokens");
  add_place_option(*list, options->place);
  add_filter_options(*list, *options);
  list->add_flag("--overdue", options->overdue, "That the policy wants rotated by now");
  list->add_option("--format", options->format, "table, json or csv")->check(CLI::IsMember({"table", "json", "csv"}));
  list->callback([&arguments, options] { arguments.run = [options] { return run_list(*options); }; });

  options = std::make_shared<ListArguments>();
  CLI::App* show = inventory.add_subcommand("show", "All that is known of one token");
  add_place_option(*show, options->place);
  show->add_option("ID", options->id, "The token's id")->required()->type_name("");
  show->add_flag("--json", options->json, "As JSON, with the fingerprints");
  show->callback([&arguments, options] { arguments.run = [options] { return run_show(*options); }; });

  options = std::make_shared<ListArguments>();
  options->format.clear();
  options->output = "-";
  CLI::App* out = inventory.add_subcommand("export", "Write tokens as CSV or JSON, as import reads them");
  out->add_option("FILE", options->output, "Where to (default standard output)")->type_name("");
  add_place_option(*out, options->place);
  add_filter_options(*out, *options);
  out->add_option("--format", options->format, "csv or json (default: by the file's name, else csv)")
      ->check(CLI::IsMember({"csv", "json"}));
  out->add_flag("--no-fingerprints", options->no_fingerprints, "Leave the fingerprints out");
  add_actor_options(*out, options->actor);
  out->callback([&arguments, options] { arguments.run = [options] { return run_export(*options); }; });
}

}  // namespace keytrail::cli
