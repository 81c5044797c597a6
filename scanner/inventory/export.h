// The inventory as CSV or JSON, which `inventory import` reads back to the same tokens. No value is in it: fingerprints
// and dates, under the check of the key that they were made with.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "scanner/base/result.h"
#include "scanner/inventory/store.h"

namespace keytrail::inventory {

struct ExportOptions {
  bool json = false;
  bool with_fingerprints = true;
  TokenFilter filter{};
  std::function<bool(const core::Token&)> keep{};  // none: all
};

// How many tokens were written.
Result<std::size_t> export_tokens(const Store& store, const ExportOptions& options, std::ostream& out);

// One token as a JSON object, laid out for people. Without fingerprints: "values" is a count.
std::string token_json(const TokenRecord& record, const std::string& key_check, bool with_fingerprints, int indent);

// A cell of CSV (RFC 4180) that no spreadsheet takes for a formula: one that begins like one gets an apostrophe.
std::string csv_cell(std::string_view text);

}  // namespace keytrail::inventory
