// The tickets of every situation against files in golden/. KEYTRAIL_RENEW_GOLDEN=1 writes them anew.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "scanner/ticket/text.h"
#include "scanner/ticket/ticket_json.h"
#include "tests/support/catch.h"
#include "tests/unit/ticket/situations.h"

namespace keytrail {
namespace {

void check_golden(const std::string& name, const std::string& now) {
  const std::string path = std::string(KEYTRAIL_GOLDEN) + "/" + name;
  if (std::getenv("KEYTRAIL_RENEW_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << now;
    return;
  }
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  std::ostringstream golden;
  golden << in.rdbuf();
  const std::vector<std::string> before = ticket::split_lines(golden.str());
  const std::vector<std::string> after = ticket::split_lines(now);
  std::size_t first = 0;
  while (first < before.size() && first < after.size() && before[first] == after[first]) ++first;
  INFO(name << " differs from line " << first + 1 << ", renew with KEYTRAIL_RENEW_GOLDEN=1\n- "
            << (first < before.size() ? before[first] : "") << "\n+ " << (first < after.size() ? after[first] : ""));
  CHECK((golden.str() == now));
}

TEST_CASE("tickets are as the golden files show them") {
  const auto composer = ticket::Composer::load("en", {});
  INFO((composer ? "" : composer.error().describe()));
  REQUIRE(composer);
  for (const test::NamedSituation& named : test::situations()) {
    DYNAMIC_SECTION(named.name) {
      const auto tickets = test::tickets_of(named);
      REQUIRE(tickets.size() == 1);
      check_golden(named.name + ".md", composer->markdown(tickets[0]));
      check_golden(named.name + ".json", ticket::to_json(tickets[0]));
    }
  }
}

TEST_CASE("a command stands within its item of the list") {
  const auto composer = ticket::Composer::load("en", {});
  REQUIRE(composer);
  std::size_t blocks = 0;
  for (const test::NamedSituation& named : test::situations()) {
    DYNAMIC_SECTION(named.name) {
      std::size_t content = 0;  // where the text of the item begins
      for (const std::string& line : ticket::split_lines(composer->markdown(test::tickets_of(named).front()))) {
        const std::size_t text = line.find_first_not_of(' ');
        if (text == 0 && line.find(". **") < 4) content = line.find("**");
        if (text == 0 && line.starts_with("- ")) content = 2;
        if (text == std::string::npos || line.compare(text, 3, "```") != 0) continue;
        ++blocks;
        INFO(line);
        CHECK(text >= content);
        CHECK(text < content + 4);
      }
      CHECK(blocks > 0);
    }
  }
}

TEST_CASE("what is written as JSON is read back the same") {
  for (const test::NamedSituation& named : test::situations()) {
    DYNAMIC_SECTION(named.name) {
      const std::string text = ticket::to_json(test::tickets_of(named).front());
      const auto read = ticket::parse_ticket(text, "t");
      REQUIRE(read);
      CHECK(ticket::to_json(*read) == text);
    }
  }
}

}  // namespace
}  // namespace keytrail
