// `keytrail inventory list`, `show` and `export`.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <set>
#include <sstream>

#include "scanner/base/dates.h"
#include "scanner/base/file.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/inventory_command.h"
#include "scanner/cli/inventory_common.h"
#include "scanner/inventory/export.h"
#include "scanner/inventory/token_fields.h"
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

constexpr std::array<const char*, 9> kHeads = {"ID",    "SERVICE", "PROVIDER", "ENVIRONMENT", "OWNER",
                                               "STATE", "ROTATED", "EXPIRES",  "ENDS IN"};
using Cells = std::array<std::string, kHeads.size()>;

std::string day_or(const std::optional<core::Instant>& at, const char* otherwise) {
  return at ? utc_day(*at) : std::string(otherwise);
}

Cells cells_of(const inventory::TokenSummary& token) {
  using report::visible;
  return {visible(token.id),
          visible(token.service),
          visible(token.provider),
          visible(token.environment),
          token.owner.empty() ? std::string("(none)") : visible(token.owner),
          std::string(core::to_string(token.state)),
          day_or(token.last_rotated, "never"),
          day_or(token.expires, ""),
          token.last_four.empty() ? (token.has_fingerprint ? "****" : "") : "****" + visible(token.last_four)};
}

void print_table(const std::vector<inventory::TokenSummary>& list) {
  std::vector<Cells> rows;
  rows.reserve(list.size());
  std::array<std::size_t, kHeads.size()> widths{};
  for (std::size_t i = 0; i < kHeads.size(); ++i) widths[i] = std::string_view(kHeads[i]).size();
  for (const inventory::TokenSummary& token : list) {
    rows.push_back(cells_of(token));
    for (std::size_t i = 0; i < kHeads.size(); ++i)
      widths[i] = std::max(widths[i], report::display_width(rows.back()[i]));
  }
  std::string text;
  const auto line = [&](const auto& cells) {
    for (std::size_t i = 0; i < kHeads.size(); ++i) {
      text += cells[i];
      if (i + 1 < kHeads.size()) text.append(widths[i] + 2 - report::display_width(cells[i]), ' ');
    }
    while (text.ends_with(' ')) text.pop_back();
    text += '\n';
  };
  Cells heads;
  for (std::size_t i = 0; i < kHeads.size(); ++i) heads[i] = kHeads[i];
  if (!rows.empty()) line(heads);
  for (const Cells& row : rows) line(row);
  std::cout << text;
}

void print_csv(const std::vector<inventory::TokenSummary>& list) {
  std::string text = "id,service,provider,environment,owner,state,last_rotated,expires,created,last_used,last_four\r\n";
  for (const inventory::TokenSummary& token : list) {
    const std::array<std::string, 11> cells = {token.id,
                                               token.service,
                                               token.provider,
                                               token.environment,
                                               token.owner,
                                               std::string(core::to_string(token.state)),
                                               day_or(token.last_rotated, ""),
                                               day_or(token.expires, ""),
                                               day_or(token.created, ""),
                                               day_or(token.last_used, ""),
                                               token.last_four};
    for (std::size_t i = 0; i < cells.size(); ++i) text += (i == 0 ? "" : ",") + inventory::csv_cell(cells[i]);
    text += "\r\n";
  }
  std::cout << text;
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

// Which tokens a list shows: those of the filter, of which the policy may leave out more.
Status keep_overdue(const inventory::Store& store, const inventory::TokenFilter& filter,
                    std::vector<inventory::TokenSummary>& list) {
  std::set<std::string> overdue;
  const core::Instant at = now();
  const Status read = store.for_each(filter, [&](inventory::TokenRecord&& record) {
    if (overdue_in_force(record.token, at)) overdue.insert(record.token.id);
    return Status();
  });
  std::erase_if(list, [&](const inventory::TokenSummary& token) { return !overdue.contains(token.id); });
  return read;
}

int run_list(ListArguments& arguments) {
  if (Status read = read_states(arguments); !read) return fail(read.error());
  const auto store = open_inventory(arguments.place, inventory::Store::Access::read);
  if (!store) return fail(store.error());
  if (arguments.format == "json") {
    inventory::ExportOptions options;
    options.json = true;
    options.with_fingerprints = false;
    options.filter = arguments.filter;
    if (arguments.overdue)
      options.keep = [at = now()](const core::Token& token) { return overdue_in_force(token, at); };
    const auto count = inventory::export_tokens(*store, options, std::cout);
    return count ? static_cast<int>(kClean) : fail(count.error());
  }
  auto list = store->list(arguments.filter);
  if (!list) return fail(list.error());
  if (arguments.overdue) {
    if (Status kept = keep_overdue(*store, arguments.filter, *list); !kept) return fail(kept.error());
  }
  if (arguments.format == "csv") {
    print_csv(*list);
    return kClean;
  }
  print_table(*list);
  std::cout << list->size() << (list->size() == 1 ? " token\n" : " tokens\n");
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
  const auto count = inventory::export_tokens(store, options, text);
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
