#include "scanner/lsp/server.h"

#include <algorithm>
#include <utility>

#include "scanner/base/text.h"

namespace keytrail::lsp {
namespace {

bool is_below(const std::string& path, const std::string& folder) {
  return folder == "/" || path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

// Files that a check goes by.
bool is_setting(const std::string& path) {
  const std::string_view name = base_name(path);
  return name.starts_with(".keytrail") || name.starts_with(".gitleaks") || name == ".gitignore" ||
         name.ends_with(".toml") || path.find("/.keytrail/") != std::string::npos;
}

}  // namespace

Server::Server(Checker& checker, std::string version, Send send)
    : checker_(checker), version_(std::move(version)), send_(std::move(send)) {}

void Server::receive(std::string_view bytes) {
  frames_.add(bytes);
  while (auto frame = frames_.next()) {
    if (!frame->error.empty()) {
      send(error_result("null", kParseError, frame->error));
    } else {
      take(parse_incoming(frame->body));
    }
  }
  while (!queue_.empty() && !exit_code_) {
    const Incoming message = std::move(queue_.front());
    queue_.pop_front();
    handle(message);
  }
}

void Server::take(Incoming message) {
  if (message.error != 0) {
    send(error_result(message.id, message.error, message.reason));
  } else if (message.method == "$/cancelRequest") {
    cancel(message.cancelled);
  } else {
    queue_.push_back(std::move(message));
  }
}

void Server::cancel(const std::string& id) {
  const auto waits = std::find_if(queue_.begin(), queue_.end(),
                                  [&](const Incoming& each) { return !each.id.empty() && each.id == id; });
  if (waits == queue_.end()) return;
  queue_.erase(waits);
  send(error_result(id, kRequestCancelled, "cancelled"));
}

void Server::handle(const Incoming& message) {
  if (message.method.empty()) return;
  if (message.id.empty()) {
    handle_notification(message);
  } else {
    handle_request(message);
  }
}

void Server::handle_request(const Incoming& message) {
  if (phase_ == Phase::fresh && message.method != "initialize") {
    return send(error_result(message.id, kServerNotInitialized, "initialize comes first"));
  }
  if (phase_ == Phase::shut_down || (phase_ == Phase::running && message.method == "initialize")) {
    return send(error_result(message.id, kInvalidRequest, "not now"));
  }
  if (message.bad_params) return send(error_result(message.id, kInvalidParams, "wrong parameters"));
  if (message.method == "initialize") return initialize(message);
  if (message.method == "textDocument/codeAction") return code_action(message);
  if (message.method == "workspace/executeCommand") return execute(message);
  if (message.method == "shutdown") {
    phase_ = Phase::shut_down;
    return send(empty_result(message.id));
  }
  send(error_result(message.id, kMethodNotFound, "there is no such method"));
}

void Server::handle_notification(const Incoming& message) {
  if (message.method == "exit") {
    exit_code_ = phase_ == Phase::shut_down ? 0 : 1;
    return;
  }
  if (phase_ != Phase::running || message.bad_params) return;
  if (message.method == "initialized") return initialized();
  if (message.method == "textDocument/didOpen") return open(message);
  if (message.method == "textDocument/didChange") return change(message);
  if (message.method == "textDocument/didSave") return saved(message);
  if (message.method == "textDocument/didClose") return close(message);
  if (message.method == "workspace/didChangeWorkspaceFolders") return change_folders(message);
  if (message.method == "workspace/didChangeWatchedFiles" || message.method == "workspace/didChangeConfiguration") {
    recheck_all();
  }
}

void Server::initialize(const Incoming& message) {
  phase_ = Phase::running;
  client_ = message.client;
  encoding_ = client_.utf8 ? PositionEncoding::utf8 : PositionEncoding::utf16;
  change_folders(message);
  send(initialize_result(message.id, version_, client_));
}

void Server::initialized() {
  if (client_.registers_watchers) send(watchers_registration(++requests_));
}

void Server::change_folders(const Incoming& message) {
  for (const std::string& uri : message.removed) std::erase(folders_, path_of(uri));
  for (const std::string& uri : message.folders) {
    const std::string path = path_of(uri);
    if (!path.empty() && !contains(folders_, path)) folders_.push_back(path);
  }
  recheck_all();
}

void Server::recheck_all() {
  checker_.reload();
  said_.clear();
  for (auto& [uri, open] : documents_) open.due = true;
}

std::size_t Server::kept_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [uri, open] : documents_) bytes += open.document ? open.document->text().size() : 0;
  return bytes;
}

void Server::keep(Open& open, std::string text) {
  open.document.reset();
  if (text.size() <= kMaxDocumentBytes && kept_bytes() + text.size() <= kMaxDocumentsBytes) {
    open.document.emplace(std::move(text));
  }
}

void Server::open(const Incoming& message) {
  Open& open = documents_[message.uri];
  open.language = message.language;
  open.version = message.version;
  open.due = true;
  keep(open, message.text);
}

void Server::change(const Incoming& message) {
  const auto found = documents_.find(message.uri);
  if (found == documents_.end()) return;
  Open& open = found->second;
  open.version = message.version;
  open.due = true;
  for (const Change& change : message.changes) {
    if (!change.range) {
      keep(open, change.text);
    } else if (open.document && open.document->text().size() + change.text.size() > 2 * kMaxDocumentBytes) {
      open.document.reset();
    } else if (open.document) {
      open.document->replace(change.range->begin, change.range->end, encoding_, change.text);
    }
  }
  if (open.document && (open.document->text().size() > kMaxDocumentBytes || kept_bytes() > kMaxDocumentsBytes)) {
    open.document.reset();
  }
}

void Server::saved(const Incoming& message) {
  if (is_setting(path_of(message.uri))) return recheck_all();
  if (const auto found = documents_.find(message.uri); found != documents_.end()) found->second.due = true;
}

void Server::close(const Incoming& message) {
  if (documents_.erase(message.uri) > 0) send(diagnostics(message.uri, std::nullopt, {}));
}

bool Server::has_due() const {
  return std::any_of(documents_.begin(), documents_.end(), [](const auto& each) { return each.second.due; });
}

void Server::idle() {
  if (phase_ != Phase::running) return;
  for (auto& [uri, open] : documents_) {
    if (open.due) check(uri, open);
  }
}

// The innermost folder of the workspace that holds it.
std::string Server::folder_of(const std::string& path) const {
  std::string best;
  for (const std::string& folder : folders_) {
    if (is_below(path, folder) && folder.size() > best.size()) best = folder;
  }
  return best.empty() && path.empty() && !folders_.empty() ? folders_.front() : best;
}

Range Server::range_of(const Open& open, const core::Span& span) const {
  return {open.document->place_of(span.begin, encoding_), open.document->place_of(span.end, encoding_)};
}

void Server::check(const std::string& uri, Open& open) {
  open.due = false;
  open.issues.clear();
  if (!open.document) {
    Issue issue;
    issue.severity = core::Severity::low;
    issue.rule = "too-large";
    issue.name = "Not checked";
    issue.masked = "too large for a language server; keytrail scan looks at files of any size";
    return send(diagnostics(uri, open.version, {{&issue, {}}}));
  }
  const std::string path = path_of(uri);
  auto issues = checker_.check(folder_of(path), path, open.document->text());
  if (!issues) {
    say_once(1, "keytrail: " + issues.error().describe());
    return send(diagnostics(uri, open.version, {}));
  }
  open.issues = std::move(*issues);
  if (open.issues.size() > kMaxIssues) open.issues.resize(kMaxIssues);
  std::vector<Placed> placed;
  placed.reserve(open.issues.size());
  for (const Issue& issue : open.issues) placed.push_back({&issue, range_of(open, issue.secret)});
  send(diagnostics(uri, open.version, placed));
}

void Server::code_action(const Incoming& message) {
  const auto found = documents_.find(message.uri);
  const bool wanted = message.only.empty() || contains(message.only, "quickfix") || contains(message.only, "");
  if (found == documents_.end() || !wanted) return send(code_actions(message.id, {}, client_));
  Open& open = found->second;
  if (open.due) check(found->first, open);
  std::vector<Action> actions;
  if (open.document) {
    const std::size_t begin = open.document->offset_of(message.range.begin, encoding_);
    const std::size_t end = open.document->offset_of(message.range.end, encoding_);
    for (const Issue& issue : open.issues) {
      if (issue.secret.begin <= end && begin <= issue.secret.end) add_fixes(found->first, open, issue, actions);
    }
  }
  send(code_actions(message.id, actions, client_));
}

void Server::add_fixes(const std::string& uri, const Open& open, const Issue& issue, std::vector<Action>& out) const {
  const std::string path = path_of(uri);
  const Language language = language_of(open.language, path);
  const Placed placed{&issue, range_of(open, issue.secret)};
  const auto add = [&](const Fix& fix, bool is_preferred) {
    Action action;
    action.title = fix.title;
    action.uri = uri;
    action.range = range_of(open, fix.span);
    action.text = fix.text;
    action.version = open.version;
    action.is_preferred = is_preferred;
    action.issue = placed;
    out.push_back(std::move(action));
  };
  if (const auto fix = environment_fix(*open.document, issue, language)) add(*fix, true);
  if (client_.shows_documents && is_page(issue.rotate)) {
    Action action;
    action.title = "Open the page where it is rotated";
    action.page = issue.rotate;
    action.issue = placed;
    out.push_back(std::move(action));
  }
  if (const auto fix = allow_fix(*open.document, issue, language)) {
    add(*fix, false);
  } else if (auto action = config_fix(path, issue)) {
    action->issue = placed;
    out.push_back(std::move(*action));
  }
}

void Server::execute(const Incoming& message) {
  if (message.command != kOpenPage || message.arguments.size() != 1 || !is_page(message.arguments.front())) {
    return send(error_result(message.id, kInvalidParams, "there is no such command"));
  }
  if (client_.shows_documents) send(page_request(++requests_, message.arguments.front()));
  send(empty_result(message.id));
}

void Server::say_once(int type, const std::string& text) {
  if (said_.insert(text).second) send(shown_message(type, text));
}

}  // namespace keytrail::lsp
