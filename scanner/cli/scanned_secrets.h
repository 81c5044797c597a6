// What an earlier scan's JSON report says of secrets, for audits. No value is read from it.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/report/inventory_report.h"

namespace keytrail::cli {

// corrupt, with the remedy, for what is no report of a scan with an inventory.
Result<std::vector<report::ScannedSecret>> read_scanned_secrets(const std::string& file);

}  // namespace keytrail::cli
