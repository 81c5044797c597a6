#include "scanner/cli/inventory_command.h"

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "scanner/base/file.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/inventory_common.h"
#include "scanner/inventory/import_apply.h"

namespace keytrail::cli {
namespace {

// The database, keys and logs are of this machine; a policy is for all.
void write_ignore_file(const std::string& inventory) {
  const std::size_t slash = inventory.rfind('/');
  if (slash == std::string::npos || !inventory.substr(0, slash).ends_with(".keytrail")) return;
  const std::string path = inventory.substr(0, slash) + "/.gitignore";
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) return;
  const std::string name = inventory.substr(slash + 1);
  static_cast<void>(write_file_atomically(path, name + "\n" + name + "-*\n*.jsonl\n*.jsonl.*\n*.key\n*.pem\n", 0600));
}

int run_init(const InventoryPlace& place) {
  InventoryPlace here = place;
  if (here.path.empty()) here.path = inventory_path({});
  const auto key = load_key(place);
  if (!key) return fail(key.error());
  auto store = inventory::Store::create(here.path);
  if (!store) return fail(store.error());
  write_ignore_file(here.path);
  auto transaction = store->begin();
  if (!transaction) return fail(transaction.error());
  if (*key) {
    if (Status used = inventory::use_key(*store, **key); !used) return fail(used.error());
  }
  inventory::AuditEvent event;
  event.kind = "init";
  event.operator_name = operator_or_user({});
  Status done = store->record(event);
  if (done) done = transaction->commit();
  if (!done) return fail(done.error());
  std::cout << "made " << here.path << (*key ? ", with the key of check " + (*key)->key_check() : "") << "\n";
  if (!*key) std::cout << "no key yet: set KEYTRAIL_HASH_SECRET (openssl rand -hex 32) before values come in\n";
  return kClean;
}

}  // namespace

void add_inventory_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* inventory =
      app.add_subcommand("inventory", "Keep track of tokens: owners, dates, rotations; never their values")
          ->require_subcommand(1);
  CLI::App* init = inventory->add_subcommand("init", "Make an empty inventory");
  auto place = std::make_shared<InventoryPlace>();
  add_place_option(*init, *place);
  add_key_option(*init, *place);
  init->callback([&arguments, place] { arguments.run = [place] { return run_init(*place); }; });
  add_inventory_change_commands(*inventory, arguments);
  add_inventory_list_commands(*inventory, arguments);
  add_inventory_import_commands(*inventory, arguments);
  add_inventory_report_commands(*inventory, arguments);
  add_audit_commands(app, arguments);
}

}  // namespace keytrail::cli
