// The world outside: terminal, clock, folders, signals. Nothing below cli/ asks for any of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "scanner/base/result.h"
#include "scanner/git/variables.h"

namespace keytrail::cli {

// The user's cache folder for this program; empty when there is no home.
std::string cache_folder();
// The user's folder for this program's settings; empty when there is no home.
std::string config_folder();
// A variable of the environment; empty when it is not set.
std::string variable(const std::string& name);
// "2026-11-20", UTC.
std::string today();
// Seconds since 1970.
std::int64_t now();
// The same for reports that have to hold a time: SOURCE_DATE_EPOCH where it is set, so that they can be made again.
std::int64_t report_time();
// Which file on this machine the program is, and when it was changed: another build has another one. Empty when that
// cannot be told.
std::string program_stamp();
std::string current_folder();
// How git, running this as its hook, says where the repository is.
git::Variables git_variables();
// Absolute, without "." and "..", symbolic links resolved.
Result<std::string> real_path(const std::string& path);

// From now on SIGINT and SIGTERM set the flag that is returned; a second one ends the program at once. SIGPIPE is
// ignored: a reader that goes away is an error of writing like any other.
const std::atomic<bool>& watch_signals();
// A core file could hold what was scanned: none is written.
void forbid_core_files();

bool is_terminal(int fd);
// Whether colours are wanted on `fd`: "always", "never", or "auto" (a terminal, and no NO_COLOR).
bool wants_colour(const std::string& choice, int fd);
unsigned terminal_width(int fd);

}  // namespace keytrail::cli
