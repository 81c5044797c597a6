#include "scanner/git/mailmap.h"

#include <random>

#include "tests/support/catch.h"
#include "tests/unit/git/git_folder.h"

namespace keytrail::git {
namespace {

using test::GitFolder;

TEST_CASE("each form of line gives the name and address that git gives") {
  struct Row {
    const char* name;
    const char* map;
    const char* who;
    const char* want;
  };
  constexpr Row kRows[] = {
      {"a name", "Ann New <a@x>", "Old <a@x>", "Ann New <a@x>"},
      {"an address", "<new@x> <a@x>", "Old <a@x>", "Old <new@x>"},
      {"both", "Ann <new@x> <a@x>", "Old <a@x>", "Ann <new@x>"},
      {"both by old name", "Ann <new@x> Old <a@x>", "Old <a@x>", "Ann <new@x>"},
      {"another old name stays", "Ann <new@x> Old <a@x>", "Other <a@x>", "Other <a@x>"},
      {"case does not matter", "Ann <new@x> OLD <A@X>", "oLd <a@x>", "Ann <new@x>"},
      {"spaces do not matter", " \t Ann  B \t<new@x>  Old \t <a@x> # more", "Old <a@x>", "Ann  B <new@x>"},
      {"a comment", "# Ann <a@x>", "Old <a@x>", "Old <a@x>"},
      {"a later line counts", "One <a@x>\nTwo <a@x>", "Old <a@x>", "Two <a@x>"},
      {"a later line adds", "One <a@x>\n<b@x> <a@x>", "Old <a@x>", "One <b@x>"},
      {"the old name goes before", "Any <a@x>\nAnn <n@x> Old <a@x>", "Old <a@x>", "Ann <n@x>"},
      {"else whatever the name", "Any <a@x>\nAnn <n@x> Old <a@x>", "Else <a@x>", "Any <a@x>"},
      {"damaged lines are passed over", "Ann <a@x\n<\n>\nAnn <>\n\n\nBea <b@x>", "Old <b@x>", "Bea <b@x>"},
      {"an empty old address", "Ann <n@x> <>", "Old <>", "Ann <n@x>"},
      {"what is no person stays", "Ann <a@x>", "no address", "no address"},
      {"no line feed at the end", "X <x@x>\r\nAnn <a@x>\r", "Old <a@x>", "Ann <a@x>"},
  };
  for (const Row& row : kRows) {
    DYNAMIC_SECTION(row.name) {
      Mailmap mailmap;
      mailmap.add(row.map);
      CHECK(mailmap.apply(row.who) == row.want);
    }
  }
}

TEST_CASE("random mailmaps say what git check-mailmap says") {
  const char* const kPieces[] = {"Ann", " ",  "<", ">",     "a@x",   "B@X",   "Bea",
                                 "#",   "\t", "é", "<a@x>", "<b@x>", "<c@x>", " Ann <a@x>"};
  const char* const kPeople[] = {"Ann <a@x>", "Bea <b@x>", "<c@x>", "Ann <b@x>", "bea <A@X>"};
  std::mt19937 random(7);
  GitFolder folder;
  for (int round = 0; round < 40; ++round) {
    std::string text;
    for (int line = 0; line < 6; ++line) {
      for (unsigned piece = random() % 8; piece > 0; --piece) text += kPieces[random() % std::size(kPieces)];
      text += '\n';
    }
    folder.write(".mailmap", text);
    Mailmap mailmap;
    mailmap.add(text);
    std::string asked;
    std::string told;
    for (const char* who : kPeople) {
      asked += " '" + std::string(who) + "'";
      told += (told.empty() ? "" : "\n") + mailmap.apply(who);
    }
    INFO(text);
    CHECK(told == folder.git("check-mailmap" + asked));
  }
}

TEST_CASE("the mailmap is read from the work tree, from HEAD, and from where the configuration says") {
  GitFolder folder;
  folder.write(".mailmap", "Committed <a@x>\n");
  folder.commit("first");
  const auto shown = [](const std::string& path) { return Mailmap::read(*Repository::open(path)).apply("Old <a@x>"); };
  CHECK(shown(folder.repo()) == "Committed <a@x>");
  folder.git("clone -q --bare . ../bare");
  CHECK(shown(folder.path("bare")) == "Committed <a@x>");
  folder.write(".mailmap", "Edited <a@x>\n");
  CHECK(shown(folder.repo()) == "Edited <a@x>");
  folder.git("config mailmap.blob HEAD:.mailmap");
  CHECK(shown(folder.repo()) == "Committed <a@x>");
  folder.write("more", "Configured <a@x>\n");
  folder.git("config mailmap.file more");
  CHECK(shown(folder.repo()) == "Configured <a@x>");
  folder.git("config mailmap.file nowhere");
  folder.git("config mailmap.blob nothing:at-all");
  CHECK(shown(folder.repo()) == "Edited <a@x>");
  // git follows no link in a work tree, and nothing waits for a pipe.
  folder.shell("cd repo && rm .mailmap && ln -s more .mailmap && mkfifo pipe && git config mailmap.file pipe");
  folder.git("config --unset mailmap.blob");
  CHECK(shown(folder.repo()) == "Committed <a@x>");
}

TEST_CASE("homes have the names of the mailmap") {
  GitFolder folder;
  folder.write(".mailmap", "Ann Proper <ann@example.com> <ann@example.org>\nCy Proper <cy@example.org>\n");
  const std::string first = folder.commit("first");
  const core::Homes homes = test::Swept(folder.repo()).locate({first});
  const core::Home& home = homes.begin()->second.at(0);
  CHECK(home.author == "Ann Proper <ann@example.com>");
  CHECK(home.committer == "Cy Proper <cy@example.org>");
}

}  // namespace
}  // namespace keytrail::git
