// Running git: for what is set up once. A scan or a hook never starts another program.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"

namespace keytrail::cli {

struct ProgramResult {
  int exit_code = 0;
  std::string output;  // standard output without the newlines at its end
};

enum class Errors { show, hide };  // what the program says on standard error

// Runs `command`, found in PATH, to its end, with nothing on its standard input. not_found where there is no such
// program; limit_exceeded where it prints more than a mebibyte.
Result<ProgramResult> run_program(const std::vector<std::string>& command, Errors errors);

}  // namespace keytrail::cli
