// From options to an inventory that can be asked: where it is, its key, the policy, and the time that counts.
//
// The key comes from --key-file, else from KEYTRAIL_HASH_SECRET. Without one the tokens are there, and secrets are
// recognised by what else identifies them.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/cli/scheme_keys.h"
#include "scanner/core/known_values.h"
#include "scanner/core/token.h"
#include "scanner/core/token_probe.h"
#include "scanner/inventory/fingerprint.h"
#include "scanner/inventory/policy.h"
#include "scanner/inventory/store.h"
#include "scanner/inventory/token_index.h"

namespace keytrail::cli {

// The one that KEYTRAIL_INVENTORY names, else the first .keytrail/inventory.db in `folder` (absolute) or above it;
// empty when there is none.
std::string find_inventory(std::string folder);
inline constexpr const char* kInventoryFile = ".keytrail/inventory.db";
inline constexpr std::size_t kMaxPolicyBytes = std::size_t{4} << 20;
// The time of --now, else the clock's.
Result<core::Instant> time_of(const std::string& now);
// `inventory`: where it is; may be empty.
Result<inventory::Policy> load_policy(const std::string& file, const std::string& inventory);

// Opens what is needed when it is first asked: a scan that finds nothing reads no token. An error in that is kept, and
// nothing is recognised from then on; who scans asks status() afterwards.
class InventoryProbe : public core::TokenProbe, public core::KnownValues {
 public:
  // `path` of the store, which is opened once at once, so that a wrong one is told before an hour of scanning.
  static Result<std::unique_ptr<InventoryProbe>> open(const std::string& path, const std::string& key_file);

  std::optional<core::TokenLink> identify(const core::SecretView& secret) const override;
  std::string digest() const override;

  // Of the values that were imported as values: empty before known_values().
  std::vector<core::KnownProbe> probes() const override;
  SipKey probe_key() const override;
  bool is_value(std::string_view text) const override;
  // Before the scan. Null where there is nothing to look for.
  Result<const core::KnownValues*> known_values();

  const std::string& path() const { return path_; }
  // After the scan.
  Status status() const;
  // The tokens, which it does not keep: once.
  Result<std::vector<core::Token>> take_tokens();
  // For people: what could not be used.
  std::vector<std::string> notes() const;

 private:
  explicit InventoryProbe(std::string path) : path_(std::move(path)) {}
  void load() const;
  Status read() const;
  Status read_schemes(const inventory::Store& store) const;

  std::string path_;
  std::optional<inventory::Fingerprinter> fingerprinter_;
  // Written once, under loaded_.
  mutable std::once_flag loaded_;
  mutable std::vector<core::Token> tokens_;
  mutable SchemeKeys schemes_;
  mutable std::unique_ptr<inventory::TokenIndex> index_;
  mutable Status status_;
  mutable std::vector<std::string> notes_;
  // Written before the scan, by known_values().
  std::vector<inventory::KnownValue> known_;  // by fingerprint
};

}  // namespace keytrail::cli
