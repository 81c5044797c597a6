// Which matches a change introduced: the definition of core/changes.h, applied to records.
#pragma once

#include <functional>
#include <vector>

#include "scanner/core/changes.h"
#include "scanner/scan/record.h"

namespace keytrail::scan {

// Scans blobs and returns what matched in them; their counts and skips are of no interest.
using ScanBlobs = std::function<std::vector<Record>(const std::vector<core::ObjectId>&)>;

// One record for each match and home that is introduced, with the home's path; in an order that does not depend on that
// of `records`. Scans what stood there before only for matches, so that a clean change costs nothing more.
std::vector<Record> introduced(std::vector<Record> records, const core::Homes& homes, core::ChangeSource& changes,
                               const ScanBlobs& scan_blobs);

}  // namespace keytrail::scan
