// Accepting a finding in the configuration, where its line can hold no comment.
#include <unistd.h>

#include "scanner/base/file.h"
#include "scanner/lsp/fixes.h"
#include "scanner/lsp/server.h"

namespace keytrail::lsp {
namespace {

constexpr std::size_t kMaxConfigBytes = std::size_t{4} << 20;

}  // namespace

std::optional<Action> Server::config_fix(const std::string& path, const Issue& issue) const {
  const std::string file = checker_.accepted_file(folder_of(path), path);
  if (file.empty()) return std::nullopt;
  Action action;
  action.uri = uri_of(file);
  action.title = "Allow " + issue.rule + " in " + file.substr(file.rfind('/') + 1) + " (write down why)";
  std::string text;
  if (const auto open = documents_.find(action.uri); open != documents_.end() && open->second.document) {
    text = open->second.document->text();
    action.version = open->second.version;
  } else if (::access(file.c_str(), F_OK) == 0) {
    auto read = read_file(file, kMaxConfigBytes);
    if (!read) return std::nullopt;
    text = std::move(*read);
  } else if (client_.creates_files && client_.document_changes) {
    action.creates = true;
  } else {
    return std::nullopt;
  }
  action.text = allow_entry(issue, text);
  const Document document(std::move(text));
  const Place end = document.place_of(document.text().size(), encoding_);
  action.range = {end, end};
  return action;
}

}  // namespace keytrail::lsp
