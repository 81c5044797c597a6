// What the commands of the inventory share: where it is, its key, who acts, and how a value comes in.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>

#include "scanner/base/result.h"
#include "scanner/base/secret_string.h"
#include "scanner/cli/arguments.h"
#include "scanner/inventory/fingerprint.h"
#include "scanner/inventory/lifecycle.h"
#include "scanner/inventory/store.h"

namespace CLI {
class App;
}

namespace keytrail::cli {

struct InventoryPlace {
  std::string path;      // --inventory; empty: $KEYTRAIL_INVENTORY, else .keytrail/inventory.db here or above
  std::string key_file;  // --key-file; empty: KEYTRAIL_HASH_SECRET
};
void add_place_option(CLI::App& command, InventoryPlace& place);
void add_key_option(CLI::App& command, InventoryPlace& place);
// Where the inventory is, or would be.
std::string inventory_path(const std::string& flag);

Result<inventory::Store> open_inventory(const InventoryPlace& place, inventory::Store::Access access);
// Nothing where neither a file nor the variable names a key; an error where the one that is named is no key.
Result<std::optional<inventory::Fingerprinter>> load_key(const InventoryPlace& place);
// The same, but a key must be there.
Result<inventory::Fingerprinter> need_key(const InventoryPlace& place);

// Who acts: --operator, else the user of the system.
std::string operator_or_user(const std::string& flag);
void add_actor_options(CLI::App& command, inventory::Actor& actor);

// How risky a token is by the policy in force.
core::Tier tier_in_force(const core::Token& token);
// The ids of those tokens of the filter that the policy wants rotated before `at`.
Result<std::unordered_set<std::string>> overdue_in_force(const inventory::Store& store,
                                                         const inventory::TokenFilter& filter, core::Instant at);

struct ValueSource {
  bool standard_input = false;  // --value-stdin
  std::string variable;         // --value-env
};
void add_value_options(CLI::App& command, ValueSource& source);
// The value, without a line end. Nothing where neither is asked for.
Result<std::optional<SecretString>> read_value(const ValueSource& source);

// All of standard input, or of a file.
Result<SecretString> read_secret_file(const std::string& path);

// A date of the command line; an error that names the option.
Result<std::optional<core::Instant>> date_option(const std::string& text, const char* option);

}  // namespace keytrail::cli
