// Templates without logic, after the manner of Mustache: what is shown follows from the data alone.
//
//   {{name}}            the field, escaped for the template's kind; {{a.b}} a member; {{.}} the item of a list of texts
//   {{#name}}…{{/name}} once for each item of a list or for an object, which {{.}} and its members are then; once for
//                      a text or flag that is there
//   {{^name}}…{{/name}} when there is none
//   {{code name}}       as a code span; {{block name}}, alone on its line, as a code block with the line's indentation
//   {{link name}}       an http(s) address as a link; anything else as text
//   {{sh name}}         as one word for a shell; only in plain templates
//   {{! remark}}
//
// A line that holds nothing but a section's tag, its end or a remark leaves no line. A field is looked up in the
// innermost object first. A template is checked against the shape of its data when it is loaded (a Value with one item
// in each list): a field that the data never has is an error with file and line. Nothing is read or run; templates nest
// to kMaxDepth, so that rendering ends in bounded stack. Immutable; one for all threads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ticket/value.h"

namespace keytrail::ticket {

enum class Escape { plain, markdown, html };

class Template {
 public:
  static constexpr std::size_t kMaxDepth = 32;

  // `place` names the source in errors; `first_line` is the number of its first line.
  static Result<Template> parse(std::string_view text, std::string_view place, Escape escape, const Value& shape,
                                std::size_t first_line = 1);
  std::string render(const Value& data) const;

 private:
  struct Node {
    enum class Kind { literal, field, section, inverted } kind = Kind::literal;
    enum class Filter { text, code, block, link, sh } filter = Filter::text;
    std::string text;     // the literal, or the field's name
    std::string indent;   // of a block
    std::size_t end = 0;  // of a section: the node behind its last
    std::size_t line = 0;
  };
  struct Parser;
  using Scope = std::vector<const Value*>;

  static const Value* find(std::string_view name, const Scope& scope);
  Error problem(const Node& node, std::string message) const;
  Status check(std::size_t first, std::size_t last, Scope& scope) const;
  void render(std::size_t first, std::size_t last, Scope& scope, std::string& out) const;
  void show(const Node& node, const Value& value, std::string& out) const;

  std::string place_;
  Escape escape_ = Escape::plain;
  std::vector<Node> nodes_;
};

}  // namespace keytrail::ticket
