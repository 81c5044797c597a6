#include "scanner/lsp/incoming.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace keytrail::lsp {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 64;

const json& member(const json& object, const char* key) {
  static const json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string text_of(const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }
bool truth_of(const json& value) { return value.is_boolean() && value.get<bool>(); }

bool holds(const json& list, const char* text) {
  return list.is_array() && std::any_of(list.begin(), list.end(), [&](const json& each) { return each == text; });
}

std::uint64_t count_of(const json& value) { return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0; }

Place place_of(const json& value) { return {count_of(member(value, "line")), count_of(member(value, "character"))}; }

Range range_of(const json& value) { return {place_of(member(value, "start")), place_of(member(value, "end"))}; }

// The id as it goes back; empty where there is none. What is no id of the protocol is told by `is_wrong`.
std::string id_of(const json& message, bool& is_wrong) {
  const auto found = message.find("id");
  if (found == message.end()) return {};
  is_wrong = !found->is_string() && !found->is_number_integer();
  return is_wrong ? "null" : found->dump(-1, ' ', true, json::error_handler_t::replace);
}

void read_folders(const json& list, std::vector<std::string>& out) {
  if (!list.is_array()) return;
  for (const json& folder : list) {
    if (std::string uri = text_of(member(folder, "uri")); !uri.empty()) out.push_back(std::move(uri));
  }
}

void read_initialize(const json& params, Incoming& out) {
  const json& abilities = member(params, "capabilities");
  const json& workspace = member(abilities, "workspace");
  const json& edit = member(workspace, "workspaceEdit");
  out.client.utf8 = holds(member(member(abilities, "general"), "positionEncodings"), "utf-8");
  out.client.document_changes = truth_of(member(edit, "documentChanges"));
  out.client.creates_files = holds(member(edit, "resourceOperations"), "create");
  out.client.shows_documents = truth_of(member(member(member(abilities, "window"), "showDocument"), "support"));
  out.client.registers_watchers = truth_of(member(member(workspace, "didChangeWatchedFiles"), "dynamicRegistration"));
  read_folders(member(params, "workspaceFolders"), out.folders);
  if (!out.folders.empty()) return;
  if (std::string root = text_of(member(params, "rootUri")); !root.empty()) out.folders.push_back(std::move(root));
}

void read_changes(const json& params, Incoming& out) {
  const json& changes = member(params, "contentChanges");
  out.bad_params = !changes.is_array();
  if (out.bad_params) return;
  for (const json& change : changes) {
    const json& text = member(change, "text");
    if (!text.is_string()) {
      out.bad_params = true;
      return;
    }
    const json& range = member(change, "range");
    out.changes.push_back({range.is_object() ? std::optional(range_of(range)) : std::nullopt, text_of(text)});
  }
}

void read_document(const json& params, Incoming& out) {
  const json& document = member(params, "textDocument");
  out.uri = text_of(member(document, "uri"));
  out.language = text_of(member(document, "languageId"));
  out.text = text_of(member(document, "text"));
  if (const json& version = member(document, "version"); version.is_number_integer()) {
    out.version = version.get<std::int64_t>();
  }
  out.bad_params = out.uri.empty();
}

void read_params(const json& params, Incoming& out) {
  if (out.method.starts_with("textDocument/")) read_document(params, out);
  if (out.method == "initialize") {
    read_initialize(params, out);
  } else if (out.method == "textDocument/didOpen") {
    out.bad_params = out.bad_params || !member(member(params, "textDocument"), "text").is_string();
  } else if (out.method == "textDocument/didChange") {
    const bool bad = out.bad_params;
    read_changes(params, out);
    out.bad_params = out.bad_params || bad;
  } else if (out.method == "textDocument/codeAction") {
    const json& range = member(params, "range");
    out.bad_params = out.bad_params || !range.is_object();
    out.range = range_of(range);
    const json& only = member(member(params, "context"), "only");
    for (const json& kind : only.is_array() ? only : json::array()) out.only.push_back(text_of(kind));
  } else if (out.method == "workspace/executeCommand") {
    out.command = text_of(member(params, "command"));
    const json& arguments = member(params, "arguments");
    for (const json& each : arguments.is_array() ? arguments : json::array()) out.arguments.push_back(text_of(each));
  } else if (out.method == "workspace/didChangeWorkspaceFolders") {
    read_folders(member(member(params, "event"), "added"), out.folders);
    read_folders(member(member(params, "event"), "removed"), out.removed);
  } else if (out.method == "$/cancelRequest") {
    bool is_wrong = false;
    if (params.is_object()) out.cancelled = id_of(params, is_wrong);
  }
}

Incoming refused(RpcError code, std::string reason, std::string id = "null") {
  Incoming out;
  out.error = code;
  out.reason = std::move(reason);
  out.id = std::move(id);
  return out;
}

}  // namespace

Incoming parse_incoming(std::string_view body) {
  bool too_deep = false;
  const auto shallow = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return depth <= kMaxDepth;
  };
  const json message = json::parse(body, shallow, false);
  if (too_deep) return refused(kInvalidRequest, "the message is nested deeper than any of the protocol");
  if (message.is_discarded()) return refused(kParseError, "the message is no JSON");
  if (!message.is_object()) return refused(kInvalidRequest, "the message is no object");
  Incoming out;
  bool is_wrong = false;
  out.id = id_of(message, is_wrong);
  const json& method = member(message, "method");
  const bool is_answer = message.contains("result") || message.contains("error");
  if (method.is_null() && is_answer) return out;
  if (is_wrong || !method.is_string() || member(message, "jsonrpc") != "2.0") {
    return refused(kInvalidRequest, "the message is no request of JSON-RPC 2.0", out.id.empty() ? "null" : out.id);
  }
  out.method = text_of(method);
  read_params(member(message, "params"), out);
  return out;
}

}  // namespace keytrail::lsp
