// The parts that JSON and JSON Lines have in common (docs/formats.md names each field).
#pragma once

#include <string>

#include "scanner/report/formats.h"
#include "scanner/report/json_writer.h"

namespace keytrail::report {

// The members of an object that the caller opens and closes.
// Without the value, which only some formats may hold.
void write_finding_members(const core::Finding& finding, const ruleset::RuleSet& rules, JsonWriter& json);
void write_skip_members(const core::Skip& skip, JsonWriter& json);
// schema_version, tool, mode, targets, root, repository, revision.
void write_header_members(const Job& job, JsonWriter& json);
// stats, incomplete, interrupted, notes.
void write_result_members(const core::ScanReport& report, JsonWriter& json);

// Facts under their names; the first of two with one name.
void write_facts(const core::Finding& finding, JsonWriter& json);

}  // namespace keytrail::report
