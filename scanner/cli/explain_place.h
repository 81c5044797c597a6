// What `--explain` names: a file, a member of an archive, a text of a history, and a line of it.
#pragma once

#include <cstdint>
#include <string>

#include "scanner/base/result.h"

namespace keytrail::cli {

// A place as users give it and reports write it: "src/a.env:12", "src/a.env", "-:3" for standard input; with a history
// "COMMIT:src/a.env:12".
struct ExplainPlace {
  std::string file;
  std::uint64_t line = 0;  // 0: every line
};
ExplainPlace parse_explain_place(const std::string& text);

// "dist/a.zip!/b/c.env" as the archive "dist/a.zip" and "!/b/c.env"; without a member the second is empty.
struct MemberPath {
  std::string archive;
  std::string member;
};
MemberPath split_member(const std::string& path);

// "COMMIT:FILE": the path that globs and allow entries are compared with is the file's.
std::string path_in_history(const std::string& name);

// The text at a place as rules see it: a member of an archive where the path names one, UTF-16 as UTF-8.
// `place` is for errors.
Result<std::string> explained_text(std::string bytes, const std::string& member, const std::string& place);

// The bytes of a file, "-" for standard input, as rules see them; "FILE!/MEMBER" for a member of an archive.
Result<std::string> read_explained_text(const std::string& file);
// The same of a text of the repository at `repository`: see git/named_text.h, and "COMMIT:FILE!/MEMBER".
Result<std::string> read_explained_history(const std::string& repository, const std::string& name);

}  // namespace keytrail::cli
