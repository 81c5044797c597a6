// The language server: any bytes, in pieces, end in framed answers, and no place is out of the text.
#include <algorithm>
#include <string>

#include "scanner/lsp/server.h"
#include "tests/fuzz/input.h"

using namespace keytrail;
using keytrail::fuzz::require;

namespace {

class EveryWord : public lsp::Checker {
 public:
  Result<std::vector<lsp::Issue>> check(const std::string&, const std::string&, std::string_view text) override {
    if (text.ends_with('!')) return make_error(ErrorCode::invalid_argument, "no");
    std::vector<lsp::Issue> issues;
    for (std::size_t at = 0; at + 4 <= text.size() && issues.size() < 8; at += 5) {
      lsp::Issue issue;
      issue.rule = "acme-key";
      issue.rotate = "https://example.org/";
      issue.secret = {at, at + 4};
      issues.push_back(issue);
    }
    return issues;
  }
  std::string accepted_file(const std::string&, const std::string&) override { return "/no/such/folder/x.toml"; }
  void reload() override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = fuzz::text_of(data, size);
  EveryWord checker;
  lsp::Server server(checker, "1", [](std::string_view message) {
    require(message.starts_with("Content-Length: "));
    lsp::FrameReader reader;
    reader.add(message);
    const auto frame = reader.next();
    require(frame && frame->error.empty() && lsp::parse_incoming(frame->body).error != lsp::kParseError);
  });
  while (!bytes.empty() && !server.exit_code()) {
    const std::size_t step = std::min<std::size_t>(bytes.size(), 1 + static_cast<std::uint8_t>(bytes.front()) * 4U);
    server.receive(bytes.substr(0, step));
    bytes.remove_prefix(step);
    server.idle();
  }
  return 0;
}
