// `keytrail inventory import` and `rekey`.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "scanner/cli/credential_guard.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/inventory_command.h"
#include "scanner/cli/inventory_common.h"
#include "scanner/inventory/field_text.h"
#include "scanner/inventory/import.h"
#include "scanner/inventory/import_apply.h"
#include "scanner/inventory/rekey.h"
#include "scanner/report/unicode.h"

namespace keytrail::cli {
namespace {

constexpr std::size_t kMaxShownProblems = 100;

struct ImportArguments {
  InventoryPlace place;
  std::vector<std::string> files;
  std::string from;
  std::vector<std::string> map;
  std::vector<std::string> labels;
  std::vector<std::string> set;
  bool dry_run = false;
  std::string hash_scheme;
  std::string hash_algorithm = "hmac-sha256";
  std::string hash_encoding = "hex";
  std::string hash_prefix;
  std::string value_prefix;
  inventory::Actor actor;
};

struct Pair {
  std::string name;
  std::string text;
};

Result<Pair> split_pair(const std::string& text, const char* option) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    return make_error(ErrorCode::invalid_argument, "NAME=TEXT is due here", option);
  }
  return Pair{text.substr(0, equals), text.substr(equals + 1)};
}

Result<inventory::Field> field_of(const std::string& name, const char* option) {
  const auto field = inventory::find_field(name);
  if (field && *field != inventory::Field::values) return *field;
  return make_error(ErrorCode::invalid_argument,
                    "no field is called \"" + name + "\": id, service, provider, environment, owner, …, value, hash",
                    option);
}

Status read_pairs(const ImportArguments& arguments, inventory::ImportOptions& options) {
  for (const std::string& text : arguments.map) {
    const auto pair = split_pair(text, "--map");
    if (!pair) return pair.error();
    const auto field = field_of(pair->name, "--map");
    if (!field) return field.error();
    options.columns[pair->text] = *field;
  }
  for (const std::string& text : arguments.labels) {
    const auto pair = split_pair(text, "--label");
    if (!pair) return pair.error();
    options.label_columns[pair->text] = pair->name;
  }
  for (const std::string& text : arguments.set) {
    const auto pair = split_pair(text, "--set");
    if (!pair) return pair.error();
    const auto field = field_of(pair->name, "--set");
    if (!field) return field.error();
    if (*field >= inventory::Field::values || *field == inventory::Field::id) {
      return make_error(ErrorCode::invalid_argument, "this cannot be the same for every token", "--set");
    }
    core::Token tried;
    if (Status good = inventory::set_field(tried, *field, pair->text, now()); !good) {
      return make_error(ErrorCode::invalid_argument, good.error().message, "--set " + pair->name);
    }
    options.defaults[*field] = pair->text;
  }
  return {};
}

Result<inventory::ImportOptions> import_options(const ImportArguments& arguments) {
  inventory::ImportOptions options;
  options.now = now();
  if (!arguments.from.empty()) {
    options.kind = inventory::parse_import_kind(arguments.from);
    if (!options.kind) {
      return make_error(ErrorCode::invalid_argument, "one of " + inventory::import_kind_names() + " is due here",
                        "--from");
    }
  }
  if (Status read = read_pairs(arguments, options); !read) return read.error();
  if (!arguments.hash_scheme.empty()) {
    inventory::HashScheme scheme;
    scheme.name = arguments.hash_scheme;
    if (scheme.name.starts_with(inventory::kOwnScheme) || !inventory::check_id(scheme.name)) {
      return make_error(ErrorCode::invalid_argument, "the name of a scheme of its own is due here", "--hash-scheme");
    }
    scheme.algorithm = arguments.hash_algorithm == "sha256" ? inventory::HashScheme::Algorithm::sha256
                                                            : inventory::HashScheme::Algorithm::hmac_sha256;
    scheme.base64 = arguments.hash_encoding == "base64";
    scheme.hash_prefix = arguments.hash_prefix;
    scheme.value_prefix = arguments.value_prefix;
    options.scheme = std::move(scheme);
  }
  return options;
}

int refuse(const std::string& file, const std::vector<std::string>& problems) {
  for (std::size_t i = 0; i < problems.size() && i < kMaxShownProblems; ++i) {
    std::cerr << "keytrail: " << file << ": " << report::visible(problems[i]) << "\n";
  }
  if (problems.size() > kMaxShownProblems) {
    std::cerr << "keytrail: " << file << ": and " << problems.size() - kMaxShownProblems << " more\n";
  }
  std::cerr << "keytrail: " << problems.size() << (problems.size() == 1 ? " problem" : " problems")
            << ": nothing was imported\n";
  return kUsage;
}

void add_up(inventory::ImportResult& sum, const inventory::ImportResult& result) {
  sum.added += result.added;
  sum.changed += result.changed;
  sum.unchanged += result.unchanged;
  sum.fingerprints += result.fingerprints;
}

void print_result(const inventory::ImportResult& sum, bool dry_run) {
  std::cout << (dry_run ? "would be: " : "") << sum.added << " new, " << sum.changed << " changed, " << sum.unchanged
            << " unchanged";
  if (sum.fingerprints > 0) std::cout << "; " << sum.fingerprints << " with a value or hash";
  std::cout << "\n";
}

void print_notes(const std::string& file, const inventory::ImportBatch& batch) {
  for (std::size_t i = 0; i < batch.notes.size() && i < kMaxShownProblems; ++i) {
    std::cerr << "keytrail: " << file << ": " << report::visible(batch.notes[i]) << "\n";
  }
  if (batch.notes.size() > kMaxShownProblems) {
    std::cerr << "keytrail: " << file << ": and " << batch.notes.size() - kMaxShownProblems << " more notes\n";
  }
}

inventory::AuditEvent event_of(const ImportArguments& arguments, const inventory::ImportResult& sum,
                               const std::string& kinds) {
  inventory::AuditEvent event;
  event.kind = "import";
  event.operator_name = operator_or_user(arguments.actor.operator_name);
  event.requester = arguments.actor.requester;
  event.approver = arguments.actor.approver;
  event.reason = arguments.actor.reason;
  event.details = {{"from", kinds},
                   {"new", std::to_string(sum.added)},
                   {"changed", std::to_string(sum.changed)},
                   {"unchanged", std::to_string(sum.unchanged)}};
  return event;
}

struct ReadFile {
  std::string name;
  inventory::ImportBatch batch;
};

// A credential in a field that is stored as it is.
Result<std::vector<std::string>> find_pasted(const inventory::ImportBatch& batch) {
  CredentialGuard guard;
  for (const inventory::ImportedToken& token : batch.tokens) {
    for (std::size_t i = 0; i < inventory::kTokenFields; ++i) {
      const auto field = static_cast<inventory::Field>(i);
      if (!token.has(field) || field == inventory::Field::identifiers) continue;
      guard.add(token.place + " (" + std::string(inventory::field_name(field)) + ")",
                inventory::field_text(token.token, field));
    }
  }
  return guard.find();
}

// All files, before anything is locked: standard input may be slow. kClean, or the exit code of what was said.
int read_files(const ImportArguments& arguments, const inventory::ImportOptions& options,
               std::vector<ReadFile>& files) {
  for (const std::string& file : arguments.files) {
    const std::string name = file == "-" ? "standard input" : file;
    auto text = read_secret_file(file);
    if (!text) return fail(text.error());
    auto batch = inventory::read_import(std::move(*text), name, options);
    if (!batch) return fail(batch.error());
    print_notes(name, *batch);
    if (!batch->problems.empty()) return refuse(name, batch->problems);
    const auto pasted = find_pasted(*batch);
    if (!pasted) return fail(pasted.error());
    if (!pasted->empty()) return refuse(name, *pasted);
    files.push_back({name, std::move(*batch)});
  }
  return kClean;
}

int apply_files(inventory::Store& store, const std::vector<ReadFile>& files, const inventory::ApplyOptions& options,
                inventory::ImportResult& sum) {
  for (const ReadFile& file : files) {
    const auto result = inventory::apply_import(store, file.batch, options);
    if (!result) return fail(result.error());
    if (!result->problems.empty()) return refuse(file.name, result->problems);
    for (const std::string& difference : result->differences) std::cout << report::visible(difference) << "\n";
    add_up(sum, *result);
  }
  return kClean;
}

int run_import(const ImportArguments& arguments) {
  if (Status clean = refuse_credentials({{"--reason", arguments.actor.reason}}); !clean) return fail(clean.error());
  const auto options = import_options(arguments);
  if (!options) return fail(options.error());
  const auto key = load_key(arguments.place);
  if (!key) return fail(key.error());
  auto store = open_inventory(arguments.place, inventory::Store::Access::write);
  if (!store) return fail(store.error());
  std::vector<ReadFile> files;
  if (const int code = read_files(arguments, *options, files); code != kClean) return code;
  auto transaction = store->begin();
  if (!transaction) return fail(transaction.error());
  if (options->scheme) {
    if (Status put = store->put_scheme(*options->scheme); !put) return fail(put.error());
  }
  inventory::ApplyOptions apply;
  apply.fingerprinter = *key ? &**key : nullptr;
  apply.scheme = arguments.hash_scheme;
  apply.want_differences = arguments.dry_run;
  apply.now = options->now;
  inventory::ImportResult sum;
  if (const int code = apply_files(*store, files, apply, sum); code != kClean) return code;
  print_result(sum, arguments.dry_run);
  if (arguments.dry_run) return kClean;
  std::string kinds;
  for (const ReadFile& file : files) kinds += (kinds.empty() ? "" : ", ") + std::string(to_string(file.batch.kind));
  Status done = store->record(event_of(arguments, sum, kinds));
  if (done) done = transaction->commit();
  return done ? static_cast<int>(kClean) : fail(done.error());
}

// ---- rekey

struct RekeyArguments {
  InventoryPlace place;
  std::string new_key_file;
  bool old_key_lost = false;
  inventory::Actor actor;
};

Result<inventory::Fingerprinter> new_key(const RekeyArguments& arguments) {
  if (!arguments.new_key_file.empty()) return inventory::Fingerprinter::from_file(arguments.new_key_file);
  const char* secret = std::getenv("KEYTRAIL_NEW_HASH_SECRET");  // NOLINT(concurrency-mt-unsafe): one thread
  if (secret == nullptr || *secret == '\0') {
    return make_error(ErrorCode::invalid_argument, "no new key: set KEYTRAIL_NEW_HASH_SECRET or --new-key-file");
  }
  return inventory::Fingerprinter::make(SecretString(secret));
}

int run_rekey(RekeyArguments& arguments) {
  arguments.actor.operator_name = operator_or_user(arguments.actor.operator_name);
  const auto fresh = new_key(arguments);
  if (!fresh) return fail(fresh.error());
  std::optional<inventory::Fingerprinter> old;
  if (!arguments.old_key_lost) {
    auto loaded = load_key(arguments.place);
    if (!loaded) return fail(loaded.error());
    if (!*loaded) {
      return fail(make_error(ErrorCode::invalid_argument,
                             "the old key tells which value is which: set KEYTRAIL_HASH_SECRET or --key-file, or "
                             "--old-key-lost"));
    }
    old = std::move(*loaded);
  }
  auto store = open_inventory(arguments.place, inventory::Store::Access::write);
  if (!store) return fail(store.error());
  auto lines = read_secret_file("-");
  if (!lines) return fail(lines.error());
  const auto result = inventory::rekey(*store, std::move(*lines), old ? &*old : nullptr, *fresh, arguments.actor);
  if (!result) return fail(result.error());
  if (!result->problems.empty()) return refuse("standard input", result->problems);
  std::cout << result->values << (result->values == 1 ? " value" : " values") << " under the new key (check "
            << fresh->key_check() << ")\n";
  for (const std::string& id : result->missing)
    std::cout << "without a value under it: " << report::visible(id) << "\n";
  return kClean;
}

void add_hash_options(CLI::App& command, ImportArguments& options) {
  command
      .add_option("--hash-scheme", options.hash_scheme,
                  "The hash column's values are hashes: a name for how they are made")
      ->type_name("NAME");
  command.add_option("--hash-algorithm", options.hash_algorithm, "hmac-sha256 (default) or sha256")
      ->check(CLI::IsMember({"hmac-sha256", "sha256"}));
  command.add_option("--hash-encoding", options.hash_encoding, "hex (default) or base64")
      ->check(CLI::IsMember({"hex", "base64"}));
  command.add_option("--hash-prefix", options.hash_prefix, "What stands before each hash, such as sha256:")
      ->type_name("TEXT");
  command.add_option("--value-prefix", options.value_prefix, "What every hashed value begins with")->type_name("TEXT");
}

}  // namespace

void add_inventory_import_commands(CLI::App& inventory, Arguments& arguments) {
  auto options = std::make_shared<ImportArguments>();
  CLI::App* command =
      inventory.add_subcommand("import", "Bring tokens in from a spreadsheet or a secret manager's listing");
  command->add_option("FILE", options->files, "CSV or JSON; - for standard input")->required()->type_name("");
  add_place_option(*command, options->place);
  add_key_option(*command, options->place);
  command->add_option("--from", options->from, inventory::import_kind_names() + " (default: told by the content)")
      ->type_name("KIND");
  command->add_option("--map", options->map, "Read a field from this column of CSV (repeatable)")
      ->allow_extra_args(false)
      ->type_name("FIELD=COLUMN");
  command->add_option("--label", options->labels, "Keep this column of CSV as a label (repeatable)")
      ->allow_extra_args(false)
      ->type_name("NAME=COLUMN");
  command->add_option("--set", options->set, "A field of every token that says nothing itself (repeatable)")
      ->allow_extra_args(false)
      ->type_name("FIELD=TEXT");
  command->add_flag("--dry-run", options->dry_run, "Show what would change, and change nothing");
  add_hash_options(*command, *options);
  add_actor_options(*command, options->actor);
  command->callback([&arguments, options] { arguments.run = [options] { return run_import(*options); }; });

  auto rekey = std::make_shared<RekeyArguments>();
  command = inventory.add_subcommand(
      "rekey", "Change the key; reads the values again, as id<TAB>value lines or JSON Lines, from standard input");
  add_place_option(*command, rekey->place);
  add_key_option(*command, rekey->place);
  command
      ->add_option("--new-key-file", rekey->new_key_file,
                   "The new key, in a file of mode 0600 (default: $KEYTRAIL_NEW_HASH_SECRET)")
      ->type_name("FILE");
  command->add_flag("--old-key-lost", rekey->old_key_lost,
                    "The old key is gone: lines are a token's values, newest first");
  add_actor_options(*command, rekey->actor);
  command->callback([&arguments, rekey] { arguments.run = [rekey] { return run_rekey(*rekey); }; });
}

}  // namespace keytrail::cli
