// The keys of imported hash schemes, so that a value that was found is compared with what another key database keeps.
//
// SHA-256 needs none. An HMAC's comes from KEYTRAIL_SCHEME_KEY_NAME (the scheme's name in capitals, other signs as _),
// or from the file of mode 0600 that KEYTRAIL_SCHEME_KEY_NAME_FILE names, else it is the inventory's own key.
// Fingerprints that `rekey` left under a key are compared under that key alone, which its check tells. Keys are wiped;
// immutable; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/base/secret_string.h"
#include "scanner/inventory/fingerprint.h"
#include "scanner/inventory/store.h"

namespace keytrail::cli {

// "our-keys" -> "KEYTRAIL_SCHEME_KEY_OUR_KEYS"
std::string scheme_key_variable(const std::string& scheme);

class SchemeKeys {
 public:
  // `own` may be null, and outlives this.
  static Result<SchemeKeys> load(const std::vector<inventory::HashScheme>& schemes,
                                 const inventory::Fingerprinter* own);

  // Lower-case hexadecimal; empty where the key is not at hand.
  std::string fingerprint(std::string_view scheme, std::string_view value) const;
  // For people: schemes without a key.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  struct Scheme {
    std::string name;
    bool keyed = true;
    std::optional<SecretString> key;  // none of a keyed one: the inventory's own
  };
  const inventory::Fingerprinter* own_ = nullptr;
  std::vector<Scheme> schemes_;
  std::vector<std::string> notes_;
};

}  // namespace keytrail::cli
