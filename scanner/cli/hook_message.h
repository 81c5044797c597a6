// What a hook says when it stops something: what was found where, why that matters, and the ways out.
#pragma once

#include <iosfwd>

#include "scanner/cli/hook_script.h"
#include "scanner/cli/scan_run.h"

namespace keytrail::cli {

std::string what_is_stopped(HookType type);  // "commit" or "push"

struct Stopped {
  HookType type;
  const Outcome& outcome;
  int exit_code;
};

// For people who did not ask for it: short, and each line stands alone, because a server's lines come with "remote: "
// before them. Secrets are masked.
void write_hook_message(const Stopped& stopped, std::ostream& out);

// A comment that allows what `rule` finds on its line of the file at `path`, in the syntax of the file's kind; empty
// where that kind has no comments.
std::string allow_comment(const std::string& path, const std::string& rule);

}  // namespace keytrail::cli
