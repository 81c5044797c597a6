#include "scanner/git/raw_objects.h"

#include <string>

#include "tests/support/catch.h"

namespace keytrail::git {
namespace {

const std::string kTree(40, 'a');
const std::string kParent(40, 'b');

TEST_CASE("identities are read with bounds") {
  struct Row {
    const char* name;
    const char* text;
    const char* who;
    std::int64_t time;
    std::int32_t offset;
  };
  const Row rows[] = {
      {"plain", "A B <a@b> 1700000000 +0130", "A B <a@b>", 1700000000, 90},
      {"west", "A <a@b> 5 -0800", "A <a@b>", 5, -480},
      {"before 1970", "A <a@b> -5 +0000", "A <a@b>", -5, 0},
      {"a bracket in the name", "A> <a@b> 7 +0000", "A> <a@b>", 7, 0},
      {"no address", "somebody", "somebody", 0, 0},
      {"no time", "A <a@b>", "A <a@b>", 0, 0},
      {"no zone", "A <a@b> 12", "A <a@b>", 12, 0},
      {"time of too many digits", "A <a@b> 99999999999999999999 +0000", "A <a@b>", 0, 0},
      {"time of letters", "A <a@b> 12x4 +0000", "A <a@b>", 0, 0},
      {"zone out of range", "A <a@b> 12 +9999", "A <a@b>", 12, 0},
      {"zone of letters", "A <a@b> 12 +0a00", "A <a@b>", 12, 0},
      {"invalid UTF-8", "\xff\xfe <a@b> 3 +0000", "\xff\xfe <a@b>", 3, 0},
      {"nothing", "", "", 0, 0},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const Identity identity = parse_identity(row.text);
      CHECK(identity.who == row.who);
      CHECK(identity.time == row.time);
      CHECK(identity.offset_minutes == row.offset);
    }
  }
}

TEST_CASE("a commit gives its tree, parents, author and message") {
  const std::string text =
      "tree " + kTree + "\nparent " + kParent + "\nparent " + kTree +
      "\nauthor A <a@b> 10 +0100\ncommitter C <c@d> 20 +0000\ngpgsig x\n author Z <z@z> 1 +0000\n" +
      "\nsubject\n\nbody\n";
  const std::optional<RawCommit> commit = parse_commit(text);
  REQUIRE(commit);
  CHECK(commit->tree.hex() == kTree);
  REQUIRE(commit->parents.size() == 2);
  CHECK(commit->parents[0].hex() == kParent);
  CHECK(commit->author.who == "A <a@b>");
  CHECK(commit->author.time == 10);
  CHECK(commit->committer.time == 20);
  CHECK(commit->message == "subject\n\nbody\n");
}

TEST_CASE("a commit is damaged where its tree or a parent is") {
  struct Row {
    const char* name;
    std::string text;
    bool good;
  };
  const Row rows[] = {
      {"no author, no message", "tree " + kTree + "\n", true},
      {"empty", "", false},
      {"no tree", "author A <a@b> 1 +0000\n\nx", false},
      {"tree of 39 digits", "tree " + kTree.substr(1) + "\n\nx", false},
      {"tree of letters that are no digits", "tree " + std::string(40, 'x') + "\n\nx", false},
      {"tree without a line feed", "tree " + kTree, false},
      {"short parent", "tree " + kTree + "\nparent 12\n\nx", false},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) { CHECK(parse_commit(row.text).has_value() == row.good); }
  }
}

TEST_CASE("a tag gives its target, tagger and message") {
  const std::string text = "object " + kTree + "\ntype commit\ntag v1\ntagger T <t@t> 30 -0030\n\nsaid\n";
  const std::optional<RawTag> tag = parse_tag(text);
  REQUIRE(tag);
  CHECK(tag->target.hex() == kTree);
  CHECK(tag->tagger.who == "T <t@t>");
  CHECK(tag->tagger.offset_minutes == -30);
  CHECK(tag->message == "said\n");
  CHECK_FALSE(parse_tag("type commit\n\nx"));
}

std::string entry(const std::string& mode, const std::string& name) {
  return mode + " " + name + std::string(1, '\0') + std::string(20, 'o');
}

TEST_CASE("a tree gives its entries by kind") {
  const std::string bytes = entry("100644", "file") + entry("120000", "link") + entry("40000", "folder") +
                            entry("040000", "old folder") + entry("160000", "module");
  TreeEntries entries(bytes);
  std::string seen;
  while (const std::optional<TreeEntry> next = entries.next()) {
    seen += std::string(next->name) + "btm"[static_cast<int>(next->kind)] + " ";
    CHECK(next->object == ObjectName::from_bytes(std::string(20, 'o').data()));
  }
  CHECK(seen == "fileb linkb foldert old foldert modulem ");
  CHECK_FALSE(entries.damaged());
}

TEST_CASE("a tree cut at any length but between entries is damaged") {
  const std::string one = entry("100644", "first");
  const std::string bytes = one + entry("40000", "second");
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    TreeEntries entries(std::string_view(bytes).substr(0, length));
    std::size_t count = 0;
    while (entries.next()) ++count;
    CHECK(count == (length == bytes.size() ? 2 : length >= one.size() ? 1 : 0));
    CHECK(entries.damaged() == (length != 0 && length != one.size() && length != bytes.size()));
  }
}

TEST_CASE("bytes that are no tree are damaged") {
  for (const std::string& bytes : {entry("", "x"), entry("100648", "x"), entry("10064400", "x"), entry("100644", "")}) {
    TreeEntries entries(bytes);
    CHECK_FALSE(entries.next());
    CHECK(entries.damaged());
  }
}

}  // namespace
}  // namespace keytrail::git
