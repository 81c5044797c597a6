#include "scanner/lsp/outgoing.h"

#include <nlohmann/json.hpp>

namespace keytrail::lsp {
namespace {

using nlohmann::ordered_json;

std::string written(const ordered_json& message) {
  return message.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// Ids come from the client as JSON and go back as they came.
ordered_json result_of(std::string_view id, ordered_json result) {
  return {{"jsonrpc", "2.0"}, {"id", ordered_json::parse(id, nullptr, false)}, {"result", std::move(result)}};
}

ordered_json notification(std::string_view method, ordered_json params) {
  return {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
}

ordered_json request(std::uint64_t id, std::string_view method, ordered_json params) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}};
}

ordered_json json_of(const Range& range) {
  const auto place = [](const Place& at) { return ordered_json{{"line", at.line}, {"character", at.character}}; };
  return {{"start", place(range.begin)}, {"end", place(range.end)}};
}

// DiagnosticSeverity of the protocol.
int level_of(core::Severity severity) {
  switch (severity) {
    case core::Severity::critical:
    case core::Severity::high:
      return 1;
    case core::Severity::medium:
      return 2;
    case core::Severity::low:
      return 3;
    case core::Severity::info:
      break;
  }
  return 4;
}

ordered_json diagnostic_of(const Placed& placed) {
  const Issue& issue = *placed.issue;
  std::string message = (issue.name.empty() ? issue.rule : issue.name) + ": " + issue.masked;
  if (!issue.reason.empty()) message += "\n" + issue.reason;
  const bool page = is_page(issue.rotate);
  if (!page && !issue.rotate.empty()) message += "\n" + issue.rotate;
  ordered_json json = {{"range", json_of(placed.range)}, {"severity", level_of(issue.severity)}, {"code", issue.rule}};
  if (page) json["codeDescription"] = {{"href", issue.rotate}};
  json["source"] = "keytrail";
  json["message"] = message;
  json["data"] = {{"fingerprint", issue.fingerprint}};
  return json;
}

ordered_json edit_of(const Action& action, const ClientAbilities& client) {
  const ordered_json edits = ordered_json::array({{{"range", json_of(action.range)}, {"newText", action.text}}});
  if (!client.document_changes) return {{"changes", {{action.uri, edits}}}};
  ordered_json changes = ordered_json::array();
  if (action.creates) changes.push_back({{"kind", "create"}, {"uri", action.uri}});
  ordered_json document = {{"uri", action.uri}, {"version", nullptr}};
  if (action.version) document["version"] = *action.version;
  changes.push_back({{"textDocument", document}, {"edits", edits}});
  return {{"documentChanges", changes}};
}

}  // namespace

bool is_page(std::string_view rotate) {
  return rotate.starts_with("https://") && rotate.find_first_of(" \t\r\n\"<>") == std::string_view::npos;
}

std::string initialize_result(std::string_view id, std::string_view version, const ClientAbilities& client) {
  ordered_json abilities = {
      {"positionEncoding", client.utf8 ? "utf-8" : "utf-16"},
      {"textDocumentSync", {{"openClose", true}, {"change", 2}, {"save", {{"includeText", false}}}}},
      {"codeActionProvider", {{"codeActionKinds", ordered_json::array({"quickfix"})}}},
      {"executeCommandProvider", {{"commands", ordered_json::array({kOpenPage})}}},
      {"workspace", {{"workspaceFolders", {{"supported", true}, {"changeNotifications", true}}}}},
  };
  return written(result_of(
      id, {{"capabilities", std::move(abilities)}, {"serverInfo", {{"name", "keytrail"}, {"version", version}}}}));
}

std::string empty_result(std::string_view id) { return written(result_of(id, nullptr)); }

std::string error_result(std::string_view id, int code, std::string_view message) {
  return written({{"jsonrpc", "2.0"},
                  {"id", ordered_json::parse(id, nullptr, false)},
                  {"error", {{"code", code}, {"message", message}}}});
}

std::string code_actions(std::string_view id, const std::vector<Action>& actions, const ClientAbilities& client) {
  ordered_json list = ordered_json::array();
  for (const Action& action : actions) {
    ordered_json json = {{"title", action.title},
                         {"kind", "quickfix"},
                         {"diagnostics", ordered_json::array({diagnostic_of(action.issue)})}};
    if (action.is_preferred) json["isPreferred"] = true;
    if (action.page.empty()) {
      json["edit"] = edit_of(action, client);
    } else {
      json["command"] = {
          {"title", action.title}, {"command", kOpenPage}, {"arguments", ordered_json::array({action.page})}};
    }
    list.push_back(std::move(json));
  }
  return written(result_of(id, std::move(list)));
}

std::string diagnostics(const std::string& uri, std::optional<std::int64_t> version,
                        const std::vector<Placed>& issues) {
  ordered_json list = ordered_json::array();
  for (const Placed& issue : issues) list.push_back(diagnostic_of(issue));
  ordered_json params = {{"uri", uri}};
  if (version) params["version"] = *version;
  params["diagnostics"] = std::move(list);
  return written(notification("textDocument/publishDiagnostics", std::move(params)));
}

std::string shown_message(int type, std::string_view text) {
  return written(notification("window/showMessage", {{"type", type}, {"message", text}}));
}

std::string watchers_registration(std::uint64_t id) {
  ordered_json watchers = ordered_json::array();
  for (const char* glob : {"**/.keytrail*", "**/.keytrail/**", "**/.gitignore", "**/.gitleaks*", "**/*.toml"}) {
    watchers.push_back({{"globPattern", glob}});
  }
  ordered_json registration = {{"id", "keytrail-files"},
                               {"method", "workspace/didChangeWatchedFiles"},
                               {"registerOptions", {{"watchers", std::move(watchers)}}}};
  return written(
      request(id, "client/registerCapability", {{"registrations", ordered_json::array({std::move(registration)})}}));
}

std::string page_request(std::uint64_t id, const std::string& url) {
  return written(request(id, "window/showDocument", {{"uri", url}, {"external", true}}));
}

}  // namespace keytrail::lsp
