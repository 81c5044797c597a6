// A regular expression that somebody outside wrote, looked for anywhere in a text: path and text conditions of other
// scanners' files. RE2, linear time; compiled at once and shared by all threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "scanner/base/result.h"

namespace re2 {
class RE2;
}

namespace keytrail::engine {

class TextPattern {
 public:
  // The syntax of Go's regexp, which is RE2's; "(?<name>…)" as well. Bytes, but code points where the pattern names
  // some that need it. What RE2 refuses is invalid_argument.
  static Result<TextPattern> compile(std::string_view pattern);
  TextPattern(TextPattern&&) noexcept;
  TextPattern& operator=(TextPattern&&) noexcept;
  ~TextPattern();

  // Whether something of `text` matches; the empty match is none, as for who wrote it.
  bool found_in(std::string_view text) const;
  const std::string& text() const { return text_; }

 private:
  TextPattern(std::string text, std::unique_ptr<re2::RE2> compiled);

  std::string text_;
  std::unique_ptr<re2::RE2> compiled_;
};

}  // namespace keytrail::engine
