#include "scanner/cli/inventory_common.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <iostream>

#include "scanner/base/file.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/inventory_access.h"
#include "scanner/inventory/token_fields.h"

namespace keytrail::cli {
namespace {

constexpr std::size_t kMaxImportBytes = std::size_t{512} << 20;

// A terminal does not show what is typed.
class NoEcho {
 public:
  NoEcho() {
    if (!is_terminal(STDIN_FILENO) || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    active_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    std::cerr << "Value (not shown; end with Enter and Ctrl-D): " << std::flush;
  }
  ~NoEcho() {
    if (!active_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::cerr << "\n";
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
  bool active_ = false;
};

}  // namespace

void add_place_option(CLI::App& command, InventoryPlace& place) {
  command
      .add_option("--inventory", place.path,
                  "The inventory (default $KEYTRAIL_INVENTORY, else .keytrail/inventory.db here or in a folder above)")
      ->type_name("FILE");
}

void add_key_option(CLI::App& command, InventoryPlace& place) {
  command
      .add_option("--key-file", place.key_file,
                  "The key of the fingerprints, in a file of mode 0600 (default: $KEYTRAIL_HASH_SECRET)")
      ->type_name("FILE");
}

std::string inventory_path(const std::string& flag) {
  if (!flag.empty()) return flag;
  std::string found = find_inventory(current_folder());
  return found.empty() ? kInventoryFile : found;
}

Result<inventory::Store> open_inventory(const InventoryPlace& place, inventory::Store::Access access) {
  return inventory::Store::open(inventory_path(place.path), access);
}

Result<std::optional<inventory::Fingerprinter>> load_key(const InventoryPlace& place) {
  const char* secret = std::getenv("KEYTRAIL_HASH_SECRET");  // NOLINT(concurrency-mt-unsafe): one thread
  if (secret == nullptr) secret = "";
  if (place.key_file.empty() && *secret == '\0') return std::optional<inventory::Fingerprinter>();
  auto made = place.key_file.empty() ? inventory::Fingerprinter::make(SecretString(secret))
                                     : inventory::Fingerprinter::from_file(place.key_file);
  if (made) return std::optional<inventory::Fingerprinter>(std::move(*made));
  Error error = made.error();
  if (error.subject.empty()) error.subject = "KEYTRAIL_HASH_SECRET";
  return error;
}

Result<inventory::Fingerprinter> need_key(const InventoryPlace& place) {
  auto key = load_key(place);
  if (!key) return key.error();
  if (!*key) {
    return make_error(ErrorCode::invalid_argument,
                      "there is no key to fingerprint the value with: set KEYTRAIL_HASH_SECRET or --key-file");
  }
  return std::move(**key);
}

std::string operator_or_user(const std::string& flag) {
  if (!flag.empty()) return flag;
  // Under sudo the person is the one who called it.
  if (std::string caller = variable("SUDO_USER"); !caller.empty() && ::geteuid() == 0) return caller;
  const passwd* entry = ::getpwuid(::geteuid());  // NOLINT(concurrency-mt-unsafe): one thread
  return entry == nullptr ? "uid " + std::to_string(::geteuid()) : std::string(entry->pw_name);
}

void add_actor_options(CLI::App& command, inventory::Actor& actor) {
  command.add_option("--operator", actor.operator_name, "Who does it (default: the user of this machine)")
      ->type_name("NAME");
  command.add_option("--requester", actor.requester, "Who asked for it (default: the operator)")->type_name("NAME");
  command.add_option("--approver", actor.approver, "Who approved it; never the operator or the requester")
      ->type_name("NAME");
  command.add_option("--reason", actor.reason, "Why, for the audit log; never a value")->type_name("TEXT");
}

void add_value_options(CLI::App& command, ValueSource& source) {
  auto* input = command.add_flag("--value-stdin", source.standard_input,
                                 "Read the value from standard input; only its fingerprint is kept");
  command.add_option("--value-env", source.variable, "Read the value from this environment variable")
      ->type_name("NAME")
      ->excludes(input);
}

Result<std::optional<SecretString>> read_value(const ValueSource& source) {
  SecretString value;
  if (source.standard_input) {
    const NoEcho quiet;
    auto read = read_secret(STDIN_FILENO, inventory::kMaxValueBytes + 2, "standard input");
    if (!read && read.error().code == ErrorCode::limit_exceeded) {
      return make_error(ErrorCode::invalid_argument, "the value is longer than 4,096 bytes", "standard input");
    }
    if (!read) return read.error();
    value = std::move(*read);
  } else if (!source.variable.empty()) {
    const char* text = std::getenv(source.variable.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
    if (text == nullptr) {
      return make_error(ErrorCode::invalid_argument, "this environment variable is not set", source.variable);
    }
    value = SecretString(text);
  } else {
    return std::optional<SecretString>();
  }
  value.trim_line_end();
  if (Status good = inventory::check_value(value.view()); !good) return good.error();
  return std::optional<SecretString>(std::move(value));
}

Result<SecretString> read_secret_file(const std::string& path) {
  if (path == "-") return read_secret(STDIN_FILENO, kMaxImportBytes, "standard input");
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return errno_error(errno, "open", path);
  return read_secret(file.get(), kMaxImportBytes, path);
}

Result<std::optional<core::Instant>> date_option(const std::string& text, const char* option) {
  if (text.empty()) return std::optional<core::Instant>();
  auto date = inventory::read_date(text, now());
  if (date && *date) return date;
  return make_error(ErrorCode::invalid_argument, date ? "a day is due here, such as 2026-01-31" : date.error().message,
                    option);
}

}  // namespace keytrail::cli
