#include "scanner/inventory/json_reader.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace keytrail::inventory {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxNodes = std::size_t{16} << 20;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::optional<unsigned> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  unsigned number = 0;
  for (const char c : text.substr(0, 4)) {
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = static_cast<unsigned>((c | 0x20) - 'a') + 10;
    } else {
      return std::nullopt;
    }
    number = number * 16 + digit;
  }
  return number;
}

std::size_t put_utf8(char* out, unsigned code) {
  const auto byte = [](unsigned bits) { return static_cast<char>(static_cast<unsigned char>(bits)); };
  if (code < 0x80) {
    out[0] = byte(code);
    return 1;
  }
  if (code < 0x800) {
    out[0] = byte(0xC0 | code >> 6);
    out[1] = byte(0x80 | (code & 0x3F));
    return 2;
  }
  if (code < 0x10000) {
    out[0] = byte(0xE0 | code >> 12);
    out[1] = byte(0x80 | (code >> 6 & 0x3F));
    out[2] = byte(0x80 | (code & 0x3F));
    return 3;
  }
  out[0] = byte(0xF0 | code >> 18);
  out[1] = byte(0x80 | (code >> 12 & 0x3F));
  out[2] = byte(0x80 | (code >> 6 & 0x3F));
  out[3] = byte(0x80 | (code & 0x3F));
  return 4;
}

}  // namespace

// Resolved text is never longer than its escapes, so that it is written over them.
class JsonParser {
 public:
  using Kind = JsonDocument::Kind;
  using Node = JsonDocument::Node;

  JsonParser(JsonDocument& document, char* text, std::size_t size, std::size_t begin)
      : document_(document), text_(text), size_(size), at_(begin) {}

  // Everything, below node 0.
  const char* run() {
    document_.nodes_.push_back({});
    document_.nodes_[0].kind = Kind::array;
    open_.push_back({0, 0});
    while (true) {
      skip_space();
      if (at_ >= size_) return open_.size() == 1 ? nullptr : "it ends in the middle";
      if (const char* problem = one()) return problem;
    }
  }
  std::size_t place() const { return at_; }

 private:
  struct Open {
    std::uint32_t node;
    std::uint32_t last;        // child; 0: none yet
    bool wants_value = false;  // after a comma
  };

  void skip_space() {
    while (at_ < size_ && is_space(text_[at_])) ++at_;
  }
  bool take(char c) {
    if (at_ >= size_ || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool in_object() const { return document_.nodes_[open_.back().node].kind == Kind::object; }

  // A value with its key and the comma behind it, or the end of a container.
  const char* one() {
    if (open_.size() > 1 && (text_[at_] == '}' || text_[at_] == ']')) return close();
    if (open_.size() > 1 && open_.back().last != 0 && !open_.back().wants_value) return "a comma is missing";
    Node node;
    if (in_object()) {
      if (const char* problem = key(node)) return problem;
    }
    open_.back().wants_value = false;
    const char* problem = value(node);
    return problem != nullptr ? problem : comma();
  }

  const char* comma() {
    // A container was opened: its own members come first.
    if (opened_) {
      opened_ = false;
      return nullptr;
    }
    if (open_.size() == 1) return nullptr;
    skip_space();
    if (take(',')) open_.back().wants_value = true;
    return nullptr;
  }

  const char* key(Node& node) {
    if (!take('"')) return "a name in quotes is due here";
    if (const char* problem = string(node.key, node.key_size)) return problem;
    skip_space();
    if (!take(':')) return "a colon is missing";
    skip_space();
    return at_ < size_ ? nullptr : "it ends in the middle";
  }

  const char* value(Node& node) {
    const std::size_t begin = at_;
    node.begin = static_cast<std::uint32_t>(begin);
    if (take('{')) return open(node, Kind::object);
    if (take('[')) return open(node, Kind::array);
    if (take('"')) {
      node.kind = Kind::string;
      if (const char* problem = string(node.begin, node.size)) return problem;
      return add(node);
    }
    while (at_ < size_ && (std::string_view("+-.").find(text_[at_]) != std::string_view::npos || is_word(text_[at_]))) {
      ++at_;
    }
    node.size = static_cast<std::uint32_t>(at_ - begin);
    const std::string_view word(text_ + begin, node.size);
    if (word == "true") {
      node.kind = Kind::literal_true;
    } else if (word == "false") {
      node.kind = Kind::literal_false;
    } else if (word == "null") {
      node.kind = Kind::literal_null;
    } else if (!word.empty() && (word.front() == '-' || (word.front() >= '0' && word.front() <= '9'))) {
      node.kind = Kind::number;
    } else {
      at_ = begin;
      return "no JSON value begins like this";
    }
    return add(node);
  }

  static bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  const char* add(const Node& node) {
    std::vector<Node>& nodes = document_.nodes_;
    if (nodes.size() >= kMaxNodes) return "it holds more than 16 million values";
    const auto place = static_cast<std::uint32_t>(nodes.size());
    nodes.push_back(node);
    Open& parent = open_.back();
    (parent.last == 0 ? nodes[parent.node].first : nodes[parent.last].next) = place;
    parent.last = place;
    return nullptr;
  }

  const char* open(Node& node, Kind kind) {
    if (open_.size() > kMaxDepth) return "it is nested deeper than 64 levels";
    node.kind = kind;
    if (const char* problem = add(node)) return problem;
    open_.push_back({open_.back().last, 0});
    opened_ = true;
    return nullptr;
  }

  const char* close() {
    if ((text_[at_] == '}') != in_object()) return "a bracket of the other kind is due here";
    if (open_.back().wants_value) return "a value is missing after the comma";
    ++at_;
    open_.pop_back();
    opened_ = false;
    return comma();
  }

  // Behind the opening quote.
  const char* string(std::uint32_t& begin, std::uint32_t& size) {
    begin = static_cast<std::uint32_t>(at_);
    std::size_t out = at_;
    while (at_ < size_ && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) return "a control character stands in a string";
      if (text_[at_] != '\\') {
        text_[out++] = text_[at_++];
        continue;
      }
      if (const char* problem = escape(out)) return problem;
    }
    if (!take('"')) return "a string has no end";
    size = static_cast<std::uint32_t>(out) - begin;
    return nullptr;
  }

  const char* escape(std::size_t& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = at_ + 1 < size_ ? text_[at_ + 1] : '\0';
    if (const std::size_t found = kLetters.find(letter); found != std::string_view::npos && letter != '\0') {
      text_[out++] = kMeanings[found];
      at_ += 2;
      return nullptr;
    }
    const auto first = letter == 'u' ? hex4({text_ + at_ + 2, size_ - at_ - 2}) : std::nullopt;
    if (!first) return "an escape in a string is wrong";
    at_ += 6;
    unsigned code = *first;
    if (code >= 0xD800 && code < 0xE000) {
      const bool pair = code < 0xDC00 && at_ + 6 <= size_ && text_[at_] == '\\' && text_[at_ + 1] == 'u';
      const auto second = pair ? hex4({text_ + at_ + 2, 4}) : std::nullopt;
      if (second && *second >= 0xDC00 && *second < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (*second - 0xDC00);
        at_ += 6;
      } else {
        code = 0xFFFD;
      }
    }
    out += put_utf8(text_ + out, code);
    return nullptr;
  }

  JsonDocument& document_;
  char* text_;
  std::size_t size_;
  std::size_t at_;
  std::vector<Open> open_;
  bool opened_ = false;
};

Result<JsonDocument> JsonDocument::parse(SecretString text, const std::string& name) {
  if (text.size() >= std::numeric_limits<std::uint32_t>::max() / 2) {
    return make_error(ErrorCode::limit_exceeded, "it is larger than 2 GiB", name);
  }
  JsonDocument document;
  const std::string_view bytes = text.view();
  document.lines_.push_back(0);
  for (std::size_t at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    document.lines_.push_back(static_cast<std::uint32_t>(at + 1));
  }
  document.text_ = std::move(text);
  const std::size_t begin = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  JsonParser parser(document, document.text_.data(), document.text_.size(), begin);
  if (const char* problem = parser.run()) {
    document.nodes_[0].begin = static_cast<std::uint32_t>(parser.place());
    const JsonView place = document.root();
    return make_error(
        ErrorCode::corrupt,
        "line " + std::to_string(place.line()) + ", column " + std::to_string(place.column()) + ": " + problem, name);
  }
  std::vector<Node>& nodes = document.nodes_;
  // One document is itself, not an array of one; pages are one listing.
  const std::uint32_t first = nodes[0].first;
  if (first == 0) return make_error(ErrorCode::corrupt, "it is empty", name);
  if (nodes[first].next == 0) {
    nodes[0] = nodes[first];
    return document;
  }
  bool all_arrays = true;
  for (std::uint32_t page = first; page != 0; page = nodes[page].next) all_arrays &= nodes[page].kind == Kind::array;
  if (all_arrays) {
    std::uint32_t last = 0;
    for (std::uint32_t page = first; page != 0; page = nodes[page].next) {
      if (nodes[page].first == 0) continue;
      (last == 0 ? nodes[0].first : nodes[last].next) = nodes[page].first;
      for (last = nodes[page].first; nodes[last].next != 0;) last = nodes[last].next;
    }
    if (last == 0) nodes[0].first = 0;
  }
  return document;
}

bool JsonView::is_object() const { return exists() && document_->nodes_[node_].kind == JsonDocument::Kind::object; }
bool JsonView::is_array() const { return exists() && document_->nodes_[node_].kind == JsonDocument::Kind::array; }
bool JsonView::is_string() const { return exists() && document_->nodes_[node_].kind == JsonDocument::Kind::string; }
bool JsonView::is_number() const { return exists() && document_->nodes_[node_].kind == JsonDocument::Kind::number; }
bool JsonView::is_null() const { return exists() && document_->nodes_[node_].kind == JsonDocument::Kind::literal_null; }
bool JsonView::is_true() const { return exists() && document_->nodes_[node_].kind == JsonDocument::Kind::literal_true; }
bool JsonView::is_false() const {
  return exists() && document_->nodes_[node_].kind == JsonDocument::Kind::literal_false;
}

std::string_view JsonView::text() const {
  if (!exists() || is_object() || is_array() || is_null()) return {};
  const JsonDocument::Node& node = document_->nodes_[node_];
  return document_->slice(node.begin, node.size);
}

std::string_view JsonView::key() const {
  if (!exists()) return {};
  const JsonDocument::Node& node = document_->nodes_[node_];
  return document_->slice(node.key, node.key_size);
}

JsonView JsonView::operator[](std::string_view name) const {
  if (!is_object()) return {};
  for (JsonView member = first(); member.exists(); member = member.next()) {
    if (member.key() == name) return member;
  }
  return {};
}

JsonView JsonView::first() const {
  if (!exists() || document_->nodes_[node_].first == 0) return {};
  return {document_, document_->nodes_[node_].first};
}

JsonView JsonView::next() const {
  if (!exists() || document_->nodes_[node_].next == 0) return {};
  return {document_, document_->nodes_[node_].next};
}

std::size_t JsonView::line() const {
  if (!exists()) return 0;
  const std::vector<std::uint32_t>& lines = document_->lines_;
  return static_cast<std::size_t>(std::upper_bound(lines.begin(), lines.end(), document_->nodes_[node_].begin) -
                                  lines.begin());
}

std::size_t JsonView::column() const {
  return exists() ? document_->nodes_[node_].begin - document_->lines_[line() - 1] + 1 : 0;
}

}  // namespace keytrail::inventory
