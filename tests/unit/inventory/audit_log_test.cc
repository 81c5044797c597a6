#include "scanner/inventory/audit_log.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scanner/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using namespace keytrail;
using namespace keytrail::inventory;

namespace {

AuditEvent event(const std::string& token, std::int64_t time = 1'700'000'000) {
  AuditEvent made;
  made.kind = "rotate";
  made.token = token;
  made.operator_name = "ada";
  made.time = time;
  return made;
}

std::string text_of(const AuditLog& log) { return *read_file(log.path(), 1 << 24); }

void put(const AuditLog& log, const std::string& text) { REQUIRE(write_file_atomically(log.path(), text, 0600)); }

std::string problem_of(const AuditLog& log) { return log.verify()->problem; }

}  // namespace

TEST_CASE("lines are chained, numbered from one, and the file is its owner's alone") {
  const test::TemporaryFolder folder;
  const AuditLog log(folder.path("audit.jsonl"));
  REQUIRE(log.append(event("a")));
  const auto position = log.append(event("b"));
  REQUIRE(position);
  CHECK(position->sequence == 2);
  const auto check = log.verify(*position);
  REQUIRE(check);
  CHECK(check->problem.empty());
  CHECK(check->lines == 2);
  CHECK(check->last.hash == position->hash);
  struct stat info {};
  REQUIRE(::stat(log.path().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a changed, removed, added or moved line is named") {
  const test::TemporaryFolder folder;
  const AuditLog log(folder.path("audit.jsonl"));
  for (const char* token : {"one", "two", "three", "four"}) REQUIRE(log.append(event(token)));
  const std::string text = text_of(log);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    lines.push_back(text.substr(at, text.find('\n', at) + 1 - at));
  }
  REQUIRE(lines.size() == 4);
  SECTION("changed") {
    lines[1].replace(lines[1].find("\"two\""), 5, "\"owt\"");
    put(log, lines[0] + lines[1] + lines[2] + lines[3]);
    CHECK(problem_of(log).starts_with("line 3:"));
  }
  SECTION("removed") {
    put(log, lines[0] + lines[2] + lines[3]);
    CHECK(problem_of(log).starts_with("line 2:"));
  }
  SECTION("moved") {
    put(log, lines[0] + lines[2] + lines[1] + lines[3]);
    CHECK(problem_of(log).starts_with("line 2:"));
  }
  SECTION("added") {
    put(log, lines[0] + lines[1] + lines[1] + lines[2] + lines[3]);
    CHECK(problem_of(log).starts_with("line 3:"));
  }
  SECTION("the first removed") {
    put(log, lines[1] + lines[2] + lines[3]);
    CHECK(problem_of(log).starts_with("line 1:"));
  }
  SECTION("the last removed: only who remembers it can tell") {
    const auto remembered = log.verify()->last;
    put(log, lines[0] + lines[1] + lines[2]);
    CHECK(problem_of(log).empty());
    CHECK(log.verify(remembered)->problem.find("the end is missing") == 0);
  }
  SECTION("made anew with other words") {
    const auto remembered = log.verify()->last;
    put(log, "");
    for (const char* token : {"one", "other", "three", "four"}) REQUIRE(log.append(event(token)));
    CHECK(problem_of(log).empty());
    CHECK_FALSE(log.verify(remembered)->problem.empty());
  }
}

TEST_CASE("a line that a crash cut off is cut away by the next writer, at every length") {
  const test::TemporaryFolder folder;
  const AuditLog log(folder.path("audit.jsonl"));
  REQUIRE(log.append(event("one")));
  const std::string first = text_of(log);
  REQUIRE(log.append(event("two")));
  const std::string both = text_of(log);
  for (std::size_t size = first.size(); size < both.size(); ++size) {
    put(log, both.substr(0, size));
    REQUIRE(log.append(event("three")));
    const auto check = log.verify();
    REQUIRE(check);
    CHECK(check->problem.empty());
    CHECK(check->lines == 2);
  }
}

TEST_CASE("an event with the same id is written once") {
  const test::TemporaryFolder folder;
  const AuditLog log(folder.path("audit.jsonl"));
  AuditEvent once = event("one");
  once.id = "7";
  REQUIRE(log.append(once));
  REQUIRE(log.append(once));
  CHECK(log.verify()->lines == 1);
}

TEST_CASE("several processes append at once and the chain holds") {
  const test::TemporaryFolder folder;
  const AuditLog log(folder.path("audit.jsonl"));
  std::vector<pid_t> children;
  for (int child = 0; child < 4; ++child) {
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      bool good = true;
      for (int i = 0; i < 25; ++i) good = good && log.append(event("t")).has_value();
      ::_exit(good ? 0 : 1);
    }
    children.push_back(pid);
  }
  for (const pid_t pid : children) {
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    CHECK(status == 0);
  }
  const auto check = log.verify();
  CHECK(check->problem.empty());
  CHECK(check->lines == 100);
}

TEST_CASE("pruning leaves a record that the chain confirms") {
  const test::TemporaryFolder folder;
  const AuditLog log(folder.path("audit.jsonl"));
  for (int day = 0; day < 10; ++day) REQUIRE(log.append(event("t", 1'700'000'000 + day * 86400)));
  const auto remembered = log.verify()->last;
  AuditEvent who;
  who.operator_name = "ada";
  who.approver = "bob";
  const auto removed = log.prune(1'700'000'000 + 4 * 86400, who);
  REQUIRE(removed);
  CHECK(*removed == 4);
  const auto check = log.verify(remembered);
  CHECK(check->problem.empty());
  CHECK(check->last.sequence == 11);
  SECTION("and the next one too") {
    CHECK(*log.prune(1'700'000'000 + 6 * 86400, who) == 2);
    CHECK(problem_of(log).empty());
    REQUIRE(log.append(event("later")));
    CHECK(problem_of(log).empty());
  }
  SECTION("a cut that nobody signed is noticed") {
    const std::string text = text_of(log);
    const std::size_t second = text.find('\n', text.find('\n') + 1) + 1;
    put(log, text.substr(second));
    CHECK_FALSE(problem_of(log).empty());
    std::string forged = text.substr(0, text.find('\n') + 1) + text.substr(second);
    put(log, forged);
    CHECK_FALSE(problem_of(log).empty());
  }
  SECTION("the last line stays") {
    CHECK(log.prune(4'000'000'000, who));
    CHECK(log.verify()->lines >= 2);
    CHECK(problem_of(log).empty());
  }
}

TEST_CASE("control characters of names and reasons cannot act on a terminal") {
  const test::TemporaryFolder folder;
  const AuditLog log(folder.path("audit.jsonl"));
  AuditEvent hostile = event("t");
  hostile.reason = "a\nb\x1b[2Jc\xff";
  REQUIRE(log.append(hostile));
  const std::string text = text_of(log);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(problem_of(log).empty());
}
