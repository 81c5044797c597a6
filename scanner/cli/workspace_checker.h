// What a scan of a folder says of one file's text: for editors, which ask it for every change.
//
// Rules, configuration, suppressions, ignore rules and inventory of a folder are set up as `keytrail scan FOLDER` sets
// them up, once, and kept until reload(). What cannot be set up is an error until then.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/cli/arguments.h"
#include "scanner/lsp/checker.h"

namespace keytrail::cli {

class WorkspaceChecker : public lsp::Checker {
 public:
  // `arguments`: what the command line says for all folders.
  explicit WorkspaceChecker(ScanArguments arguments);
  ~WorkspaceChecker() override;

  Result<std::vector<lsp::Issue>> check(const std::string& folder, const std::string& path,
                                        std::string_view text) override;
  std::string accepted_file(const std::string& folder, const std::string& path) override;
  void reload() override;

 private:
  struct Workspace;
  using Made = Result<std::unique_ptr<Workspace>>;
  Made& workspace_of(const std::string& folder, const std::string& path);

  ScanArguments arguments_;
  std::map<std::string, Made> workspaces_;  // by folder
};

}  // namespace keytrail::cli
