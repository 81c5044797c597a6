// Errors that end a run: one line on standard error, and the exit code that belongs to them.
#pragma once

#include <iostream>

#include "scanner/base/result.h"
#include "scanner/cli/exit_code.h"

namespace keytrail::cli {

inline int fail(const Error& error) {
  std::cerr << "keytrail: " << error.describe() << "\n";
  switch (error.code) {
    case ErrorCode::cancelled:
      return kInterrupted;
    case ErrorCode::internal:
      return kInternal;
    default:
      return kUsage;
  }
}

}  // namespace keytrail::cli
