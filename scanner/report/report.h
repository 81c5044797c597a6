// Reports: one finished ScanReport, written in the form that its reader wants.
//
// A report is a pure function of the ScanReport, the rules and the options: no clock, no environment, no terminal is
// asked. Equal input gives equal bytes. Every form ends with a newline and is valid UTF-8 whatever bytes paths hold;
// none lets a terminal's control characters through. Writers stream: none holds a whole document.
// Errors: internal when the stream fails. Threads: no state, any thread.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/finding.h"
#include "scanner/ruleset/ruleset.h"

namespace keytrail::report {

enum class Format { text, json, jsonl, sarif, csv, html, github, gitlab, junit, sonarqube, markdown };

// "sarif" -> Format::sarif; nothing for a name that is none.
std::optional<Format> parse_format(std::string_view name);
std::vector<std::string_view> format_names();

struct RenderOptions {
  bool colour = false;      // text: ANSI colours
  bool hyperlinks = false;  // text: OSC 8 links to the files
  unsigned width = 100;     // text: columns that prose is wrapped to
  std::string tool_version;
  std::string current_folder;  // text: paths are told from here; empty: from the report's root
  // gitlab, whose schema wants them: when the scan began and ended, seconds since 1970.
  std::int64_t started = 0;
  std::int64_t ended = 0;
  bool verbose = false;  // text: every occurrence and every skip, however many
};

// `rules` gives names, descriptions and where to rotate; a finding whose rule it lacks is written with the id alone.
Status write(Format format, const core::ScanReport& report, const ruleset::RuleSet& rules, const RenderOptions& options,
             std::ostream& out);

}  // namespace keytrail::report
