// What a client says: one message of JSON-RPC 2.0 as plain data, those parameters that the server uses with it.
//
// Hostile JSON is an error with the code that JSON-RPC has for it; parameters of a wrong type are as if they were not
// there, and `bad_params` says so. What nests deeper than any message of the protocol is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/lsp/document.h"

namespace keytrail::lsp {

enum RpcError : int {
  kParseError = -32700,
  kInvalidRequest = -32600,
  kMethodNotFound = -32601,
  kInvalidParams = -32602,
  kServerNotInitialized = -32002,
  kRequestCancelled = -32800,
};

struct Range {
  Place begin;
  Place end;
};

// A change of a text: of a part, or of all of it where there is no range.
struct Change {
  std::optional<Range> range;
  std::string text;
};

// What of the client's abilities matters.
struct ClientAbilities {
  bool utf8 = false;                // general.positionEncodings
  bool document_changes = false;    // workspace.workspaceEdit.documentChanges
  bool creates_files = false;       // workspace.workspaceEdit.resourceOperations
  bool shows_documents = false;     // window.showDocument.support
  bool registers_watchers = false;  // workspace.didChangeWatchedFiles.dynamicRegistration
};

struct Incoming {
  int error = 0;  // an RpcError; then nothing but `id` and `reason` counts
  std::string reason;

  std::string id;      // as JSON; empty: a notification
  std::string method;  // empty: an answer to the server, which waits for none
  bool bad_params = false;

  ClientAbilities client;            // initialize
  std::vector<std::string> folders;  // URIs: of initialize; those that came, of didChangeWorkspaceFolders
  std::vector<std::string> removed;  // those that went
  std::string uri;                   // of the document
  std::string language;              // didOpen
  std::string text;                  // didOpen
  std::optional<std::int64_t> version;
  std::vector<Change> changes;         // didChange
  Range range;                         // codeAction
  std::vector<std::string> only;       // codeAction: kinds; empty: any
  std::string command;                 // executeCommand
  std::vector<std::string> arguments;  // executeCommand: those that are texts
  std::string cancelled;               // $/cancelRequest: an id, as JSON
};

Incoming parse_incoming(std::string_view body);

}  // namespace keytrail::lsp
