#include "scanner/ticket/template.h"

#include <algorithm>
#include <array>

#include "scanner/base/text.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

constexpr std::array<std::string_view, 5> kFilters = {"", "code", "block", "link", "sh"};  // in the order of Filter

}  // namespace

// Cuts a text into nodes. Open sections stand in `open` until their ends come.
struct Template::Parser {
  Template& into;
  std::string_view text;
  std::size_t at = 0;
  std::size_t line = 1;
  std::vector<std::size_t> open;

  void literal(std::string_view part) {
    line += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
    if (part.empty()) return;
    Node node;
    node.text = part;
    node.end = into.nodes_.size() + 1;
    into.nodes_.push_back(std::move(node));
  }

  Error problem(std::string message) const {
    return make_error(ErrorCode::invalid_argument, std::move(message), into.place_ + ":" + std::to_string(line));
  }

  // Everything between the braces.
  Status tag(std::string_view inside, const std::string& indent) {
    const char mark = inside.empty() ? '\0' : inside[0];
    if (mark == '!') return {};
    Node node;
    node.line = line;
    node.indent = indent;
    node.kind = mark == '#' ? Node::Kind::section : mark == '^' ? Node::Kind::inverted : Node::Kind::field;
    const bool is_field = node.kind == Node::Kind::field && mark != '/';
    node.text = trimmed(is_field ? inside : inside.substr(1));
    if (is_field) {
      const std::size_t space = node.text.find(' ');
      const auto filter = std::find(kFilters.begin(), kFilters.end(), node.text.substr(0, space));
      if (space != std::string::npos && filter != kFilters.end()) {
        node.filter = static_cast<Node::Filter>(filter - kFilters.begin());
        node.text = std::string(trimmed(std::string_view(node.text).substr(space)));
      }
    }
    if (node.text.empty() || node.text.find_first_of(" \t\n{}") != std::string::npos) {
      return problem("a tag names one field");
    }
    if (mark == '/') {
      if (open.empty() || into.nodes_[open.back()].text != node.text) {
        return problem("{{/" + node.text + "}} ends no open section");
      }
      into.nodes_[open.back()].end = into.nodes_.size();
      open.pop_back();
      return {};
    }
    if (!is_field) {
      if (open.size() == kMaxDepth) return problem("sections nest too deep");
      open.push_back(into.nodes_.size());
    }
    node.end = into.nodes_.size() + 1;
    into.nodes_.push_back(std::move(node));
    return {};
  }

  Status run() {
    while (at < text.size()) {
      const std::size_t begin = std::min(text.find("{{", at), text.size());
      const std::size_t line_start = begin == 0 ? 0 : text.rfind('\n', begin - 1) + 1;
      const std::string_view indent = text.substr(line_start, begin - line_start);
      const std::size_t close = text.find("}}", begin);
      const bool closed = close != std::string_view::npos;
      const std::string_view inside = closed ? text.substr(begin + 2, close - begin - 2) : "";
      const std::size_t after = closed ? close + 2 : text.size();
      // A tag that has its line for itself takes the line with it.
      const bool alone =
          indent.find_first_not_of(" \t") == std::string_view::npos && (after == text.size() || text[after] == '\n') &&
          !inside.empty() &&
          (std::string_view("#^/!").find(inside[0]) != std::string_view::npos || inside.starts_with("block "));
      literal(text.substr(at, begin - at - (alone ? indent.size() : 0)));
      if (begin == text.size()) break;
      if (!closed) return problem("a tag is not closed");
      if (Status done = tag(inside, alone ? std::string(indent) : ""); !done) return done;
      line += static_cast<std::size_t>(std::count(inside.begin(), inside.end(), '\n')) + (alone ? 1 : 0);
      at = after + (alone ? 1 : 0);
    }
    if (!open.empty()) {
      line = into.nodes_[open.back()].line;
      return problem("{{#" + into.nodes_[open.back()].text + "}} is not closed");
    }
    return {};
  }
};

Result<Template> Template::parse(std::string_view text, std::string_view place, Escape escape, const Value& shape,
                                 std::size_t first_line) {
  Template made;
  made.place_ = place;
  made.escape_ = escape;
  Parser parser{made, text, 0, first_line, {}};
  if (Status parsed = parser.run(); !parsed) return parsed.error();
  Scope scope = {&shape};
  if (Status checked = made.check(0, made.nodes_.size(), scope); !checked) return checked.error();
  return made;
}

const Value* Template::find(std::string_view name, const Scope& scope) {
  if (name == ".") return scope.back();
  const std::string_view first = name.substr(0, name.find('.'));
  const Value* value = nullptr;
  for (auto level = scope.rbegin(); level != scope.rend() && value == nullptr; ++level) value = (*level)->find(first);
  name.remove_prefix(first.size());
  while (value != nullptr && !name.empty()) {
    name.remove_prefix(1);
    const std::string_view part = name.substr(0, name.find('.'));
    value = value->find(part);
    name.remove_prefix(part.size());
  }
  return value;
}

Error Template::problem(const Node& node, std::string message) const {
  return make_error(ErrorCode::invalid_argument, std::move(message), place_ + ":" + std::to_string(node.line));
}

Status Template::check(std::size_t first, std::size_t last, Scope& scope) const {
  for (std::size_t i = first; i < last; i = nodes_[i].end) {
    const Node& node = nodes_[i];
    if (node.kind == Node::Kind::literal) continue;
    const Value* shape = find(node.text, scope);
    if (shape == nullptr) return problem(node, "there is no field '" + node.text + "'; docs/tickets.md lists them");
    if (node.kind == Node::Kind::field) {
      if (shape->kind() != Value::Kind::text) return problem(node, "'" + node.text + "' is no text: open a section");
      if (node.filter == Node::Filter::sh && escape_ != Escape::plain) {
        return problem(node, "sh is for plain templates alone");
      }
      continue;
    }
    // Only items and objects become the scope: {{.}} stays the item where a text is asked for within.
    const bool enters = node.kind == Node::Kind::section &&
                        (shape->kind() == Value::Kind::list || shape->kind() == Value::Kind::object);
    const Value* inner =
        shape->kind() == Value::Kind::list && enters && shape->shown() ? &shape->items().front() : shape;
    if (enters) scope.push_back(inner);
    Status checked = check(i + 1, node.end, scope);
    if (enters) scope.pop_back();
    if (!checked) return checked;
  }
  return {};
}

std::string Template::render(const Value& data) const {
  std::string out;
  Scope scope = {&data};
  render(0, nodes_.size(), scope, out);
  return out;
}

void Template::render(std::size_t first, std::size_t last, Scope& scope, std::string& out) const {
  static const Value kNothing;
  for (std::size_t i = first; i < last; i = nodes_[i].end) {
    const Node& node = nodes_[i];
    if (node.kind == Node::Kind::literal) {
      out += node.text;
      continue;
    }
    const Value* found = find(node.text, scope);
    const Value& value = found == nullptr ? kNothing : *found;
    if (node.kind == Node::Kind::field) {
      show(node, value, out);
    } else if (value.shown() != (node.kind == Node::Kind::section)) {
      continue;
    } else if (node.kind == Node::Kind::inverted || value.kind() == Value::Kind::flag ||
               value.kind() == Value::Kind::text) {
      render(i + 1, node.end, scope, out);
    } else {
      const Value* begin = value.kind() == Value::Kind::list ? value.items().data() : &value;
      const std::size_t count = value.kind() == Value::Kind::list ? value.items().size() : 1;
      for (const Value* item = begin; item != begin + count; ++item) {
        scope.push_back(item);
        render(i + 1, node.end, scope, out);
        scope.pop_back();
      }
    }
  }
}

void Template::show(const Node& node, const Value& value, std::string& out) const {
  const bool html = escape_ == Escape::html;
  const bool markdown = escape_ == Escape::markdown;
  const std::string& raw = value.text();
  switch (node.filter) {
    case Node::Filter::sh:
      out += shell_quote(raw);
      return;
    case Node::Filter::code:
      out += html ? "<code>" + escape_html(raw) + "</code>" : markdown ? code_span(raw) : one_line(raw);
      return;
    case Node::Filter::block:
      out += html ? html_block(raw) : markdown ? code_block(raw, node.indent) : raw;
      return;
    case Node::Filter::link:
      if (is_web_address(raw) && escape_ != Escape::plain) {
        out += html ? "<a href=\"" + escape_html(raw) + "\">" + escape_html(raw) + "</a>" : "<" + raw + ">";
        return;
      }
      break;
    case Node::Filter::text:
      break;
  }
  out += markdown ? escape_markdown(raw) : html ? escape_html(raw) : one_line(raw);
}

}  // namespace keytrail::ticket
