// JSON, written as it is said: no document in memory. Containers down to `depth` are laid out one member per line,
// deeper ones on one line, so that a diff of two reports names what changed and a big report stays small.
// What was said is in the stream when the outermost container ends, a part of it before.
//
// Strings are valid UTF-8 whatever they are given: bytes that are none become U+FFFD. Control characters, those of C1
// and the bidirectional ones too, are written as \uXXXX, so that a terminal never acts on a report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace keytrail::report {

class JsonWriter {
 public:
  explicit JsonWriter(std::ostream& out, std::size_t depth = 0) : out_(out), depth_(depth) {}
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }
  void begin_object(std::string_view name) {
    key(name);
    begin('{');
  }
  void begin_array(std::string_view name) {
    key(name);
    begin('[');
  }

  // Inside an object a key comes before each value.
  void key(std::string_view name);
  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(bool truth);
  void value(std::uint64_t number);
  void null();

  template <typename T>
  void member(std::string_view name, const T& content) {
    key(name);
    value(content);
  }
  // null for an empty text.
  void member_or_null(std::string_view name, std::string_view text);
  // An array of texts.
  void member_list(std::string_view name, const std::vector<std::string>& texts);

 private:
  void begin(char bracket);
  void end(char bracket);
  void separate();
  void break_line();
  void write_string(std::string_view text);
  // Of pieces of a few bytes a stream makes more work than of their texts.
  void pass_on();

  std::ostream& out_;
  std::size_t depth_;
  std::vector<bool> filled_;  // per open container: whether it has a member
  bool after_key_ = false;
  std::string buffer_;
};

}  // namespace keytrail::report
