// `keytrail inventory add`, `rotate`, `revoke`, `approve` and `remove`.
#include <CLI/CLI.hpp>
#include <array>
#include <iostream>
#include <map>
#include <memory>

#include "scanner/base/dates.h"
#include "scanner/cli/credential_guard.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/inventory_command.h"
#include "scanner/cli/inventory_common.h"
#include "scanner/inventory/import_apply.h"
#include "scanner/inventory/token_fields.h"

namespace keytrail::cli {
namespace {

struct ChangeArguments {
  InventoryPlace place;
  std::string id;
  inventory::Actor actor;
  ValueSource value;
  std::map<inventory::Field, std::string> fields;
  bool update = false;
  std::string at;
  bool is_now = false;
  std::string expires;
  bool emergency = false;
  bool force = false;
};

struct FieldOption {
  inventory::Field field;
  const char* name;
  const char* help;
};

constexpr std::array<FieldOption, 20> kFieldOptions = {{
    {inventory::Field::service, "--service", "Which of our systems uses it"},
    {inventory::Field::provider, "--provider", "Who issued it"},
    {inventory::Field::kind, "--kind", "Id of the rule that knows its shape"},
    {inventory::Field::environment, "--environment", "production, staging, development, test, sandbox, …"},
    {inventory::Field::purpose, "--purpose", "What it is for"},
    {inventory::Field::owner, "--owner", "Who answers for it"},
    {inventory::Field::backup_owner, "--backup-owner", "Who does when the owner is away"},
    {inventory::Field::access, "--access", "Who can read it: \"alice; payments team\""},
    {inventory::Field::scopes, "--scopes", "What it may do, as the provider names it"},
    {inventory::Field::reaches_production, "--reaches-production", "yes or no"},
    {inventory::Field::regulated, "--regulated", "Reaches regulated or personal data: yes or no"},
    {inventory::Field::can_write, "--can-write", "yes or no"},
    {inventory::Field::compliance, "--compliance", "Rules that it is under: \"PCI DSS\""},
    {inventory::Field::storage, "--storage", "Where its value is kept: a reference"},
    {inventory::Field::created, "--created", "Day, such as 2026-01-31"},
    {inventory::Field::expires, "--expires", "Day"},
    {inventory::Field::last_rotated, "--last-rotated", "Day"},
    {inventory::Field::last_used, "--last-used", "Day"},
    {inventory::Field::rotation_days, "--rotation-days", "Its own period: 30, 12w, quarterly"},
    {inventory::Field::dependents, "--dependents", "What breaks without it"},
}};

void print_done(const char* what, const std::string& id, const std::string& more) {
  std::cout << what << " " << id << "\n";
  if (!more.empty()) std::cerr << "keytrail: " << id << ": " << more << "\n";
}

// Fields that the command line gave; an error names the option.
Status set_fields(const ChangeArguments& arguments, core::Token& token) {
  for (const FieldOption& option : kFieldOptions) {
    const auto given = arguments.fields.find(option.field);
    if (given == arguments.fields.end() || given->second.empty()) continue;
    if (Status set = inventory::set_field(token, option.field, given->second, now()); !set) {
      return make_error(ErrorCode::invalid_argument, set.error().message, option.name);
    }
  }
  return {};
}

// A value that somebody also wrote into a field would be stored with it.
Status check_no_value_in_fields(const core::Token& token, std::string_view value) {
  for (std::size_t i = 0; i < inventory::kTokenFields; ++i) {
    const auto field = static_cast<inventory::Field>(i);
    if (inventory::field_text(token, field).find(value) != std::string::npos) {
      return make_error(ErrorCode::invalid_argument, "the value itself stands in this field",
                        std::string(inventory::field_name(field)));
    }
  }
  return {};
}

Status set_first_value(inventory::Store& store, const ChangeArguments& arguments, const SecretString& value,
                       inventory::TokenRecord& record) {
  if (Status clean = check_no_value_in_fields(record.token, value.view()); !clean) return clean;
  const auto key = need_key(arguments.place);
  if (!key) return key.error();
  if (Status used = inventory::use_key(store, *key); !used) return used;
  auto since = record.token.last_rotated ? record.token.last_rotated : record.token.created;
  inventory::replace_value(record, key->describe(value.view()), key->probe(value.view()), since, now());
  return {};
}

Status add_in_transaction(inventory::Store& store, const ChangeArguments& arguments,
                          const std::optional<SecretString>& value) {
  auto transaction = store.begin();
  if (!transaction) return transaction.error();
  auto found = store.find_record(arguments.id);
  if (!found) return found.error();
  if (*found && !arguments.update) {
    return make_error(ErrorCode::invalid_argument, "there is a token with this id: --update changes it", arguments.id);
  }
  if (*found && value && !(*found)->token.values.empty()) {
    return make_error(ErrorCode::invalid_argument, "it has a value already: keytrail inventory rotate gives a new one",
                      arguments.id);
  }
  inventory::TokenRecord record = *found ? std::move(**found) : inventory::TokenRecord();
  if (!*found) {
    if (Status good = inventory::set_field(record.token, inventory::Field::id, arguments.id, now()); !good) return good;
    record.token.approver = arguments.actor.approver;
  }
  if (Status set = set_fields(arguments, record.token); !set) return set;
  if (value) {
    if (Status set = set_first_value(store, arguments, *value, record); !set) return set;
  }
  inventory::AuditEvent event;
  event.kind = *found ? "update" : "add";
  event.token = arguments.id;
  event.operator_name = arguments.actor.operator_name;
  event.requester = arguments.actor.requester;
  event.approver = arguments.actor.approver;
  event.reason = arguments.actor.reason;
  event.details["service"] = record.token.service;
  event.details["storage"] = record.token.storage;
  if (Status put = store.put(record); !put) return put;
  if (Status recorded = store.record(event); !recorded) return recorded;
  return transaction->commit();
}

int run_add(ChangeArguments& arguments) {
  const auto value = read_value(arguments.value);
  if (!value) return fail(value.error());
  auto store = open_inventory(arguments.place, inventory::Store::Access::write);
  if (!store) return fail(store.error());
  if (Status done = add_in_transaction(*store, arguments, *value); !done) return fail(done.error());
  print_done(arguments.update ? "updated" : "added", arguments.id, {});
  return kClean;
}

int run_rotate(ChangeArguments& arguments) {
  inventory::RotateOptions options;
  auto value = read_value(arguments.value);
  if (!value) return fail(value.error());
  options.value = std::move(*value);
  const auto at = date_option(arguments.is_now ? "" : arguments.at, "--at");
  if (!at) return fail(at.error());
  options.at = *at;
  const auto expires = date_option(arguments.expires, "--expires");
  if (!expires) return fail(expires.error());
  options.expires = *expires;
  std::optional<inventory::Fingerprinter> key;
  if (options.value) {
    auto loaded = need_key(arguments.place);
    if (!loaded) return fail(loaded.error());
    key = std::move(*loaded);
    options.fingerprinter = &*key;
  }
  auto store = open_inventory(arguments.place, inventory::Store::Access::write);
  if (!store) return fail(store.error());
  const auto done =
      inventory::rotate_token(*store, arguments.id, arguments.actor, tier_in_force, std::move(options), now());
  if (!done) return fail(done.error());
  print_done("rotated", arguments.id, *done);
  return kClean;
}

int run_revoke(ChangeArguments& arguments) {
  auto store = open_inventory(arguments.place, inventory::Store::Access::write);
  if (!store) return fail(store.error());
  const auto done =
      inventory::revoke_token(*store, arguments.id, arguments.actor, tier_in_force, arguments.emergency, now());
  if (!done) return fail(done.error());
  print_done("revoked", arguments.id, *done);
  return kClean;
}

int run_remove(ChangeArguments& arguments) {
  auto store = open_inventory(arguments.place, inventory::Store::Access::write);
  if (!store) return fail(store.error());
  if (Status done = inventory::remove_token(*store, arguments.id, arguments.actor, arguments.force); !done) {
    return fail(done.error());
  }
  print_done("removed", arguments.id, {});
  return kClean;
}

int print_due_approvals(const inventory::Store& store) {
  const auto due = store.due_approvals();
  if (!due) return fail(due.error());
  for (const inventory::DueApproval& approval : *due) {
    std::cout << approval.token << "  " << approval.action << " by " << approval.operator_name << " on "
              << utc_time(approval.at) << "\n";
  }
  if (due->empty()) std::cout << "no approval is due\n";
  return kClean;
}

int run_approve(ChangeArguments& arguments) {
  auto store = open_inventory(arguments.place, inventory::Store::Access::write);
  if (!store) return fail(store.error());
  if (arguments.id.empty()) return print_due_approvals(*store);
  if (Status done = inventory::approve_token(*store, arguments.id, arguments.actor); !done) return fail(done.error());
  print_done("approved", arguments.id, {});
  return kClean;
}

// The texts of the command line, which stand in the store or in the audit log from then on.
Status check_texts(const ChangeArguments& arguments) {
  std::vector<std::pair<std::string, std::string>> texts = {{"ID", arguments.id},
                                                            {"--reason", arguments.actor.reason},
                                                            {"--operator", arguments.actor.operator_name},
                                                            {"--requester", arguments.actor.requester},
                                                            {"--approver", arguments.actor.approver}};
  for (const FieldOption& option : kFieldOptions) {
    const auto given = arguments.fields.find(option.field);
    if (given != arguments.fields.end()) texts.emplace_back(option.name, given->second);
  }
  return refuse_credentials(texts);
}

using Run = int (*)(ChangeArguments&);

void finish_command(CLI::App& command, Arguments& arguments, const std::shared_ptr<ChangeArguments>& options, Run run) {
  add_place_option(command, options->place);
  add_actor_options(command, options->actor);
  command.callback([&arguments, options, run] {
    arguments.run = [options, run] {
      options->actor.operator_name = operator_or_user(options->actor.operator_name);
      if (Status clean = check_texts(*options); !clean) return fail(clean.error());
      return run(*options);
    };
  });
}

void add_id(CLI::App& command, ChangeArguments& options, bool required = true) {
  auto* id = command.add_option("ID", options.id, "The token's id")->type_name("");
  if (required) id->required();
}

}  // namespace

void add_inventory_change_commands(CLI::App& inventory, Arguments& arguments) {
  auto options = std::make_shared<ChangeArguments>();
  CLI::App* add = inventory.add_subcommand("add", "Add a token, or change what is known of one");
  add_id(*add, *options);
  for (const FieldOption& option : kFieldOptions) {
    add->add_option(option.name, options->fields[option.field], option.help)->type_name("TEXT");
  }
  add->add_flag("--update", options->update, "Change the token that has this id");
  add_value_options(*add, options->value);
  add_key_option(*add, options->place);
  finish_command(*add, arguments, options, run_add);

  options = std::make_shared<ChangeArguments>();
  CLI::App* rotate = inventory.add_subcommand("rotate", "Record that a token has a new value");
  add_id(*rotate, *options);
  auto* at = rotate->add_option("--at", options->at, "When it was rotated (default now)")->type_name("DATE");
  rotate->add_flag("--now", options->is_now, "It was rotated now")->excludes(at);
  rotate->add_option("--expires", options->expires, "When the new value expires")->type_name("DATE");
  add_value_options(*rotate, options->value);
  add_key_option(*rotate, options->place);
  finish_command(*rotate, arguments, options, run_rotate);

  options = std::make_shared<ChangeArguments>();
  CLI::App* revoke = inventory.add_subcommand("revoke", "Record that a token is revoked");
  add_id(*revoke, *options);
  revoke->add_flag("--emergency", options->emergency, "At once: the approval is due afterwards");
  finish_command(*revoke, arguments, options, run_revoke);

  options = std::make_shared<ChangeArguments>();
  CLI::App* approve =
      inventory.add_subcommand("approve", "Approve an emergency revocation; without an id: what is due");
  add_id(*approve, *options, false);
  finish_command(*approve, arguments, options, run_approve);

  options = std::make_shared<ChangeArguments>();
  CLI::App* remove = inventory.add_subcommand("remove", "Forget a token that is out of use");
  add_id(*remove, *options);
  remove->add_flag("--force", options->force, "Also one that is in use");
  finish_command(*remove, arguments, options, run_remove);
}

}  // namespace keytrail::cli
