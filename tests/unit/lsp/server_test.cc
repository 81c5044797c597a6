#include "scanner/lsp/server.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

using namespace keytrail;
using namespace keytrail::lsp;

namespace {

// Takes each "VALUE" for a secret, and counts how often it is asked.
class WordChecker : public Checker {
 public:
  Result<std::vector<Issue>> check(const std::string& folder, const std::string& path, std::string_view text) override {
    asked.push_back(folder + "|" + path);
    std::vector<Issue> issues;
    for (std::size_t at = text.find("VALUE"); at != std::string_view::npos; at = text.find("VALUE", at + 1)) {
      Issue issue;
      issue.rule = "acme";
      issue.masked = "****";
      issue.secret = {at, at + 5};
      issues.push_back(issue);
    }
    return issues;
  }
  std::string accepted_file(const std::string&, const std::string&) override { return {}; }
  void reload() override { ++reloads; }

  std::vector<std::string> asked;
  int reloads = 0;
};

struct Session {
  WordChecker checker;
  std::vector<std::string> said;
  Server server{checker, "1", [this](std::string_view message) { said.emplace_back(message); }};

  void say(const std::string& body) { server.receive(framed(body)); }
  void start() {
    say(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{},"workspaceFolders":[)"
        R"({"uri":"file:///w","name":"w"},{"uri":"file:///w/in%20ner","name":"i"}]}})");
  }
  void open(const std::string& uri, const std::string& text) {
    say(R"({"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":")" + uri +
        R"(","languageId":"python","version":1,"text":")" + text + R"("}}})");
  }
};

}  // namespace

TEST_CASE("nothing is checked before the client has said all that it has to say") {
  Session session;
  session.start();
  session.open("file:///w/a.py", "VALUE");
  CHECK(session.checker.asked.empty());
  CHECK(session.server.has_due());
  session.server.idle();
  CHECK_FALSE(session.server.has_due());
  CHECK(session.checker.asked == std::vector<std::string>{"/w|/w/a.py"});
  CHECK(session.said.back().find("\"code\":\"acme\"") != std::string::npos);
}

TEST_CASE("a file belongs to the innermost folder that holds it") {
  Session session;
  session.start();
  for (const char* uri : {"file:///w/in%20ner/a", "file:///wide/a", "untitled:1"}) session.open(uri, "");
  session.server.idle();
  CHECK(session.checker.asked == std::vector<std::string>{"/w/in ner|/w/in ner/a", "|/wide/a", "/w|"});
}

TEST_CASE("a message of the client that is only odd breaks nothing") {
  Session session;
  session.say(R"({"jsonrpc":"2.0","method":"textDocument/didOpen","params":{}})");
  session.start();
  session.say(R"({"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":{"uri":"file:///x"}}})");
  session.say(R"({"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///x"},)"
              R"("contentChanges":[{"text":"x"}]}})");
  session.say(R"({"jsonrpc":"2.0","id":5,"result":{}})");
  session.say(R"({"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":99}})");
  CHECK(session.said.size() == 1);
  CHECK_FALSE(session.server.exit_code());
  session.say(R"({"jsonrpc":"2.0","method":"exit"})");
  CHECK(session.server.exit_code() == 1);
}

TEST_CASE("a URI of a file is its path, and back") {
  CHECK(path_of("file:///a%20b/%C3%A9") == "/a b/\xC3\xA9");
  CHECK(path_of("file://localhost/a/") == "/a");
  CHECK(path_of("file://other/a").empty());
  CHECK(path_of("http://x/a").empty());
  CHECK(path_of("file:///a%00b").empty());
  CHECK(path_of("file:///a%zz") == "/a%zz");
  CHECK(uri_of("/a b/\xC3\xA9") == "file:///a%20b/%C3%A9");
}
