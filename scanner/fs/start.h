// What the user asked to be scanned: the given paths, checked, with the names they get in the report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"

namespace keytrail::fs {

struct Start {
  std::string given;  // opens it, for a file
  bool is_folder = false;
  bool is_special = false;  // a socket or a device: not read
  bool is_pipe = false;     // read: `<(command)` of a shell is one
  bool is_symlink = false;
  std::string absolute;  // without symlinks; of a folder with '/' at its end. Empty where a file has no such name
  std::string reported;  // of a folder empty or with '/' at its end: the prefix of what is below it
};

// In the order given, what is given twice once. The error of the first that cannot be opened.
Result<std::vector<Start>> resolve_starts(const std::vector<std::string>& paths, const std::string& root);

// The name of `given` in a report: relative to `root` (absolute) where it is below, "" for the root itself; else as it
// was given, without "./" and doubled slashes.
std::string reported_path(const std::string& given, const std::string& root);

}  // namespace keytrail::fs
