// The language server: what editors say in, diagnostics and fixes out (Language Server Protocol 3.17).
//
// Bytes are given to receive(); answers go through `send`, a framed message each. Texts that changed are checked in
// idle(), when nothing more waits to be read, so that who types fast is not answered for each letter. A request that is
// cancelled while it waits is answered so.
//
// Memory is bounded: a document over kMaxDocumentBytes, or over what all together may have, is not kept and not
// checked, and a diagnostic says so. Nothing is logged; no value of a secret is sent but in the edit that removes it,
// which holds what stands beside it.
//
// For one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/lsp/checker.h"
#include "scanner/lsp/document.h"
#include "scanner/lsp/frame.h"
#include "scanner/lsp/incoming.h"
#include "scanner/lsp/outgoing.h"

namespace keytrail::lsp {

inline constexpr std::size_t kMaxDocumentBytes = std::size_t{8} << 20;
inline constexpr std::size_t kMaxDocumentsBytes = std::size_t{256} << 20;
inline constexpr std::size_t kMaxIssues = 1000;  // that are sent of one document

using Send = std::function<void(std::string_view message)>;

class Server {
 public:
  // `checker` outlives this.
  Server(Checker& checker, std::string version, Send send);

  void receive(std::string_view bytes);
  void idle();
  // Whether idle() has something to do.
  bool has_due() const;
  // Once the client has said `exit`: 0 when it had asked for the shutdown before, else 1.
  std::optional<int> exit_code() const { return exit_code_; }

 private:
  struct Open {
    std::optional<Document> document;  // none: too large to be kept
    std::string language;
    std::optional<std::int64_t> version;
    std::vector<Issue> issues;
    bool due = true;
  };

  void take(Incoming message);
  void handle(const Incoming& message);
  void handle_request(const Incoming& message);
  void handle_notification(const Incoming& message);
  void cancel(const std::string& id);

  void initialize(const Incoming& message);
  void initialized();
  void change_folders(const Incoming& message);
  void open(const Incoming& message);
  void change(const Incoming& message);
  void saved(const Incoming& message);
  void close(const Incoming& message);
  void code_action(const Incoming& message);
  void execute(const Incoming& message);
  void recheck_all();

  void keep(Open& open, std::string text);
  std::size_t kept_bytes() const;
  void check(const std::string& uri, Open& open);
  std::string folder_of(const std::string& path) const;
  Range range_of(const Open& open, const core::Span& span) const;
  void add_fixes(const std::string& uri, const Open& open, const Issue& issue, std::vector<Action>& out) const;
  std::optional<Action> config_fix(const std::string& path, const Issue& issue) const;
  void say_once(int type, const std::string& text);
  void send(const std::string& body) const { send_(framed(body)); }

  Checker& checker_;
  std::string version_;
  Send send_;
  FrameReader frames_;
  std::deque<Incoming> queue_;
  enum class Phase : std::uint8_t { fresh, running, shut_down } phase_ = Phase::fresh;
  std::optional<int> exit_code_;
  ClientAbilities client_;
  PositionEncoding encoding_ = PositionEncoding::utf16;
  std::vector<std::string> folders_;       // paths of the workspace's folders
  std::map<std::string, Open> documents_;  // by URI
  std::set<std::string> said_;
  std::uint64_t requests_ = 0;  // of the server, to the client
};

// "file:///a%20b" → "/a b"; empty for what is no file here. And back.
std::string path_of(std::string_view uri);
std::string uri_of(std::string_view path);

}  // namespace keytrail::lsp
