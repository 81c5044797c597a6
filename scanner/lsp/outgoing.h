// What the server says, as the JSON of one message each. No value of a secret goes in: an Issue has none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/lsp/checker.h"
#include "scanner/lsp/fixes.h"
#include "scanner/lsp/incoming.h"

namespace keytrail::lsp {

inline constexpr std::string_view kOpenPage = "keytrail.openRotationPage";

// An issue where the client sees it.
struct Placed {
  const Issue* issue = nullptr;
  Range range;
};

// One thing that the client offers to do.
struct Action {
  std::string title;
  Placed issue;
  // An edit of a document; its version where it has one, and whether the file has to be made first.
  std::string uri;
  Range range;
  std::string text;
  std::optional<std::int64_t> version;
  bool creates = false;
  bool is_preferred = false;
  // Or a page to be opened.
  std::string page;
};

std::string initialize_result(std::string_view id, std::string_view version, const ClientAbilities& client);
std::string empty_result(std::string_view id);
std::string error_result(std::string_view id, int code, std::string_view message);
std::string code_actions(std::string_view id, const std::vector<Action>& actions, const ClientAbilities& client);

std::string diagnostics(const std::string& uri, std::optional<std::int64_t> version, const std::vector<Placed>& issues);
// `type` as in the protocol: 1 error, 2 warning, 3 information.
std::string shown_message(int type, std::string_view text);
std::string watchers_registration(std::uint64_t id);
std::string page_request(std::uint64_t id, const std::string& url);

bool is_page(std::string_view rotate);

}  // namespace keytrail::lsp
