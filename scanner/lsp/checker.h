// What the server asks of the scanner. Implemented by cli, which knows configurations; the server knows editors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/match.h"

namespace keytrail::lsp {

// One secret in a text, without its value.
struct Issue {
  core::Span secret;
  core::Severity severity = core::Severity::medium;
  std::string rule;
  std::string name;  // of the rule
  std::string masked;
  std::string reason;  // what else is known, one sentence; may be empty
  std::string rotate;  // where or how: a URL or one sentence; may be empty
  std::string fingerprint;
};

// For one thread.
class Checker {
 public:
  Checker() = default;
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;
  virtual ~Checker() = default;

  // What a scan of `folder` would report of the file at `path` if it held `text`, by offset. Both are absolute; empty
  // where there is none. Errors are those of the configuration that holds there.
  virtual Result<std::vector<Issue>> check(const std::string& folder, const std::string& path,
                                           std::string_view text) = 0;
  // Where what is accepted for files of `folder` is written down, whether it is there or not.
  virtual std::string accepted_file(const std::string& folder, const std::string& path) = 0;
  // Files that it goes by have changed.
  virtual void reload() = 0;
};

}  // namespace keytrail::lsp
