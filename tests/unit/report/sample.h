// Reports to write: what scans find, leave out and trip over, with names that try to break each format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scanner/report/report.h"

namespace keytrail::test {

struct Sample {
  std::string name;
  core::ScanReport report;
};

// files, history, incomplete, outside, clean, hostile, inventory.
std::vector<Sample> samples();
core::ScanReport sample(std::string_view name);
ruleset::RuleSet sample_rules();

report::RenderOptions sample_options();
std::string rendered(report::Format format, const core::ScanReport& report,
                     const report::RenderOptions& options = sample_options());

// `files` with an inventory: a leak that is open, one that is closed, an untracked secret, tokens that are overdue.
core::ScanReport inventory_sample(core::ScanReport files);

// An id of one repeated hexadecimal digit.
core::ObjectId object_id(char digit);
core::Occurrence file_occurrence(std::string path, std::uint64_t line, std::uint64_t column);
core::Finding finding(std::string rule, core::Severity severity, char fingerprint_digit);

}  // namespace keytrail::test
