// What the program says to scripts.
#pragma once

namespace keytrail::cli {

enum ExitCode : int {
  kClean = 0,
  kFindings = 1,    // at or above --fail-on
  kUsage = 2,       // wrong arguments, configuration or rules
  kIncomplete = 3,  // nothing blocking was found, but not everything was seen
  kInternal = 4,    // a defect, or an exhausted system
  kInterrupted = 130,
};

}  // namespace keytrail::cli
