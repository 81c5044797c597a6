// Fingerprints as exports write them: a JSON array of {"scheme","fingerprint","key_check","probe","length","last_four",
// "valid_from","valid_until"}, the current one first.
#pragma once

#include <string>
#include <string_view>

#include "scanner/inventory/import_reader.h"

namespace keytrail::inventory {

// `key_check` of the inventory, for its own scheme.
std::string values_text(const TokenRecord& record, const std::string& key_check);
void read_values(JsonView list, ImportedToken& token, ImportReader& reader, const std::string& column);
// The same from a cell of CSV.
void read_values_cell(std::string_view cell, ImportedToken& token, ImportReader& reader, const std::string& column);

}  // namespace keytrail::inventory
