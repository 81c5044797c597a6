// `keytrail scan --explain FILE[:LINE]`: what became of each candidate of a file.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "scanner/cli/arguments.h"
#include "scanner/scan/explain.h"

namespace keytrail::cli {

// Prints the answer, as text or JSON, and returns the exit code: 0 when there is an answer, whatever it says.
int run_explain_command(const ScanArguments& arguments);

// A place as users give it: "src/a.env:12", "src/a.env", "-:3" for standard input.
struct ExplainPlace {
  std::string file;
  std::uint64_t line = 0;  // 0: every line
};
ExplainPlace parse_explain_place(const std::string& text);

// The bytes of a file as rules see them: UTF-16 as UTF-8.
Result<std::string> read_explained_text(const std::string& file);

}  // namespace keytrail::cli
