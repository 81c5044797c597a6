// What a batch does to the store: tokens that are new, that changed, that are as they were. All of it in the
// transaction that the caller opened, so that an import is whole or not there; without a commit it is a rehearsal.
//
// What the source says replaces what the store has; what it says nothing of stays. A value that is not the current one
// becomes it: the one before keeps its place with the day it ended. Importing the same again changes nothing.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/inventory/fingerprint.h"
#include "scanner/inventory/import.h"
#include "scanner/inventory/store.h"

namespace keytrail::inventory {

struct ImportResult {
  std::size_t added = 0;
  std::size_t changed = 0;
  std::size_t unchanged = 0;
  std::size_t fingerprints = 0;          // values that came in
  std::vector<std::string> differences;  // "+ id", "~ id: owner: a -> b"; where they are wanted
  std::vector<std::string> problems;
};

struct ApplyOptions {
  const Fingerprinter* fingerprinter = nullptr;  // null: no key is at hand
  std::string scheme;                            // of hash columns
  bool want_differences = false;
  core::Instant now = 0;
};

Result<ImportResult> apply_import(Store& store, const ImportBatch& batch, const ApplyOptions& options);

// Makes `value` the current one of a record; false where it is already, or was before. `since`: when it became valid.
bool replace_value(TokenRecord& record, core::TokenValue value, std::uint64_t probe, std::optional<core::Instant> since,
                   core::Instant now);

// The key must be the one that the store's fingerprints are made with; of a store that has none it becomes that one.
// invalid_argument, with the remedy, for another.
Status use_key(Store& store, const Fingerprinter& fingerprinter);
// The same without changing anything.
Status check_key(const Store& store, const Fingerprinter& fingerprinter);

}  // namespace keytrail::inventory
