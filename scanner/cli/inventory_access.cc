#include "scanner/cli/inventory_access.h"

#include <unistd.h>

#include <algorithm>

#include "scanner/base/dates.h"
#include "scanner/base/file.h"
#include "scanner/base/hash.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/inventory_common.h"

namespace keytrail::cli {
namespace {

constexpr const char* kKeyVariable = "KEYTRAIL_HASH_SECRET";

}  // namespace

std::string find_inventory(std::string folder) {
  if (std::string named = variable("KEYTRAIL_INVENTORY"); !named.empty()) return named;
  while (!folder.empty()) {
    std::string file = (folder == "/" ? "" : folder) + "/" + kInventoryFile;
    if (::access(file.c_str(), F_OK) == 0) return file;
    const std::size_t slash = folder.rfind('/');
    if (folder == "/" || slash == std::string::npos) return {};
    folder = slash == 0 ? "/" : folder.substr(0, slash);
  }
  return {};
}

Result<core::Instant> time_of(const std::string& text) {
  if (text.empty()) return now();
  const auto instant = parse_date(text, DateEnd::first, now());
  if (instant) return *instant;
  return make_error(ErrorCode::invalid_argument, "--now takes a date such as 2026-01-31 or 2026-01-31T12:00:00Z", text);
}

Result<inventory::Policy> load_policy(const std::string& file, const std::string& inventory) {
  std::string path = file;
  if (path.empty() && !inventory.empty()) {
    const std::size_t slash = inventory.rfind('/');
    const std::string beside = (slash == std::string::npos ? "" : inventory.substr(0, slash + 1)) + "policy.toml";
    if (::access(beside.c_str(), F_OK) == 0) path = beside;
  }
  if (path.empty()) return inventory::default_policy();
  const auto text = read_file(path, kMaxPolicyBytes);
  if (!text) return text.error();
  return inventory::parse_policy(*text, path);
}

Result<std::unique_ptr<InventoryProbe>> InventoryProbe::open(const std::string& path, const std::string& key_file) {
  const auto store = inventory::Store::open(path, inventory::Store::Access::read);
  if (!store) return store.error();
  auto key = load_key(InventoryPlace{path, key_file});
  if (!key) return key.error();
  const auto check = store->key_check();
  if (!check) return check.error();
  if (*key && !check->empty() && (*key)->key_check() != *check) {
    return make_error(
        ErrorCode::invalid_argument,
        std::string("the inventory was made with another key: give its own by --key-file or ") + kKeyVariable, path);
  }
  std::unique_ptr<InventoryProbe> probe(new InventoryProbe(path));
  probe->fingerprinter_ = std::move(*key);
  return probe;
}

void InventoryProbe::load() const {
  std::call_once(loaded_, [this] { status_ = read(); });
}

Status InventoryProbe::read_schemes(const inventory::Store& store) const {
  const auto schemes = store.schemes();
  if (!schemes) return schemes.error();
  auto keys = SchemeKeys::load(*schemes, fingerprinter_ ? &*fingerprinter_ : nullptr);
  if (!keys) return keys.error();
  schemes_ = std::move(*keys);
  notes_.insert(notes_.end(), schemes_.notes().begin(), schemes_.notes().end());
  return {};
}

Status InventoryProbe::read() const {
  const auto store = inventory::Store::open(path_, inventory::Store::Access::read);
  if (!store) return store.error();
  auto tokens = store->tokens();
  if (!tokens) return tokens.error();
  tokens_ = std::move(*tokens);
  if (Status read = read_schemes(*store); !read) return read;
  if (!fingerprinter_) {
    notes_.push_back(std::string("inventory: without its key (--key-file or ") + kKeyVariable +
                     ") tokens are recognised by key ids, accounts and last characters alone");
  }
  const auto fingerprint = [this](const std::string& scheme, std::string_view value) {
    return schemes_.fingerprint(scheme, value);
  };
  index_ = std::make_unique<inventory::TokenIndex>(tokens_, fingerprint,
                                                   fingerprinter_ ? fingerprinter_->key_check() : std::string());
  return {};
}

std::optional<core::TokenLink> InventoryProbe::identify(const core::SecretView& secret) const {
  load();
  return index_ != nullptr ? index_->identify(secret) : std::nullopt;
}

std::string InventoryProbe::digest() const {
  load();
  return index_ != nullptr ? index_->digest() : std::string();
}

Result<const core::KnownValues*> InventoryProbe::known_values() {
  if (!fingerprinter_) return static_cast<const core::KnownValues*>(nullptr);
  const auto store = inventory::Store::open(path_, inventory::Store::Access::read);
  if (!store) return store.error();
  auto known = store->known_values();
  if (!known) return known.error();
  known_ = std::move(*known);
  std::erase_if(known_, [](const inventory::KnownValue& value) { return value.scheme != 0; });
  const auto unprobed = static_cast<std::size_t>(
      std::count_if(known_.begin(), known_.end(), [](const auto& value) { return value.probe == 0; }));
  if (unprobed > 0) {
    notes_.push_back("inventory: " + std::to_string(unprobed) +
                     " values are found by rules alone: they hold white space, or have to be imported again");
  }
  std::erase_if(known_, [](const inventory::KnownValue& value) { return value.probe == 0; });
  std::sort(known_.begin(), known_.end(), [](const auto& a, const auto& b) { return a.fingerprint < b.fingerprint; });
  return known_.empty() ? nullptr : static_cast<const core::KnownValues*>(this);
}

std::vector<core::KnownProbe> InventoryProbe::probes() const {
  std::vector<core::KnownProbe> probes;
  probes.reserve(known_.size());
  for (const inventory::KnownValue& value : known_) probes.push_back({value.probe, value.length});
  return probes;
}

SipKey InventoryProbe::probe_key() const { return fingerprinter_ ? fingerprinter_->probe_key() : SipKey(); }

bool InventoryProbe::is_value(std::string_view text) const {
  if (!fingerprinter_) return false;
  const Sha256Digest fingerprint = fingerprinter_->fingerprint(text);
  const auto found = std::lower_bound(known_.begin(), known_.end(), fingerprint,
                                      [](const auto& value, const Sha256Digest& f) { return value.fingerprint < f; });
  return found != known_.end() && found->fingerprint == fingerprint;
}

Status InventoryProbe::status() const { return status_; }

Result<std::vector<core::Token>> InventoryProbe::take_tokens() {
  load();
  if (!status_) return status_.error();
  return std::move(tokens_);
}

std::vector<std::string> InventoryProbe::notes() const { return notes_; }

}  // namespace keytrail::cli
