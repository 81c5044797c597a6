// Another key for the inventory. Fingerprints cannot be made from fingerprints: the values are needed again, as lines
// "id<TAB>value" or JSON Lines {"id":…,"value":…}. A value that nobody gives keeps its old fingerprint under a scheme
// of its own, named after the old key's check: who still has the old key can look for it.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/base/secret_string.h"
#include "scanner/inventory/fingerprint.h"
#include "scanner/inventory/lifecycle.h"
#include "scanner/inventory/store.h"

namespace keytrail::inventory {

struct RekeyResult {
  std::size_t values = 0;             // under the new key
  std::vector<std::string> missing;   // tokens whose current value has no fingerprint under the new key
  std::vector<std::string> problems;  // "line 3: …"; where there are any, nothing was changed
};

// `old_key` is null where it is lost: then the lines of a token are its values from the current one back, and are
// checked by their lengths and last four characters alone.
Result<RekeyResult> rekey(Store& store, SecretString lines, const Fingerprinter* old_key, const Fingerprinter& new_key,
                          const Actor& actor);

}  // namespace keytrail::inventory
