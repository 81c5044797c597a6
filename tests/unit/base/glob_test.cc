#include "scanner/base/glob.h"

#include <string>

#include "tests/support/catch.h"

using keytrail::glob_matches;

TEST_CASE("path patterns match as in .gitignore") {
  struct Row {
    const char* pattern;
    const char* path;
    bool want;
  };
  static constexpr Row kRows[] = {
      {"*.o", "a.o", true},
      {"*.o", "dir/a.o", true},
      {"*.o", "a.oo", false},
      {"/a.o", "a.o", true},
      {"/a.o", "dir/a.o", false},
      {"build", "build/x/y.c", true},
      {"build/", "src/build/y.c", true},
      {"build", "builder/y.c", false},
      {"src/*.c", "src/a.c", true},
      {"src/*.c", "src/sub/a.c", false},
      {"src/**/a.c", "src/a.c", true},
      {"src/**/a.c", "src/x/y/a.c", true},
      {"src/**", "src/x/y/a.c", true},
      {"**/test/*.py", "a/b/test/x.py", true},
      {"**/test/*.py", "test/x.py", true},
      {"**/test/*.py", "attest/x.py", false},
      {"a?c", "abc", true},
      {"a?c", "a/c", false},
      {"[a-c]x", "bx", true},
      {"[!a-c]x", "bx", false},
      {"[!a-c]x", "dx", true},
      {"[]]x", "]x", true},
      {"[x", "[x", true},
      {"\\*x", "*x", true},
      {"\\*x", "ax", false},
      {"*", "anything/below", true},
      {"", "a", false},
      {"/", "a", true},
      {"a*b*c", "axxbyyc", true},
      {"a*b*c", "axxbyy", false},
      {"docs/*.md", "docs/a.md/x", true},
      {"**", "a/b", true},
      {"a/**/b/**/c", "a/1/b/2/3/c", true},
      {"a/**/b/**/c", "a/1/2/c", false},
  };
  for (const Row& row : kRows) {
    DYNAMIC_SECTION(row.pattern << " on " << row.path) { CHECK(glob_matches(row.pattern, row.path) == row.want); }
  }
}

TEST_CASE("many stars cost no more than pattern times path") {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  pattern += "b";
  CHECK(!glob_matches(pattern, std::string(5000, 'a')));
}
