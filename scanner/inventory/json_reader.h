// JSON of listings, which may hold values: read in place in a buffer that is wiped, with the line of everything.
//
// A document owns its text and its nodes; a JsonView is a place in it and lives as long. Several documents one behind
// the other (JSON Lines, or the pages of a listing) are one array, of the pages' items where all of them are arrays.
// Input is hostile: depth, nodes and bytes are bounded, nothing recurses. RFC 8259.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/base/secret_string.h"

namespace keytrail::inventory {

class JsonDocument;

class JsonView {
 public:
  JsonView() = default;
  // What is not there is no value: every question to it has an empty answer.
  bool exists() const { return document_ != nullptr; }
  bool is_object() const;
  bool is_array() const;
  bool is_string() const;
  bool is_number() const;
  bool is_null() const;
  bool is_true() const;
  bool is_false() const;
  // Of strings, numbers and literals; a string's escapes are resolved. Empty for null, arrays and objects.
  std::string_view text() const;
  // The name it has in its object.
  std::string_view key() const;
  JsonView operator[](std::string_view name) const;
  bool has(std::string_view name) const { return (*this)[name].exists(); }
  // The members or items: for (JsonView item = array.first(); item.exists(); item = item.next()).
  JsonView first() const;
  JsonView next() const;
  std::size_t line() const;
  std::size_t column() const;

 private:
  friend class JsonDocument;
  JsonView(const JsonDocument* document, std::uint32_t node) : document_(document), node_(node) {}
  const JsonDocument* document_ = nullptr;
  std::uint32_t node_ = 0;
};

class JsonDocument {
 public:
  // corrupt, with line and column, where the text is no JSON.
  static Result<JsonDocument> parse(SecretString text, const std::string& name);
  JsonView root() const { return {this, 0}; }

 private:
  friend class JsonView;
  friend class JsonParser;
  enum class Kind : std::uint8_t { object, array, string, number, literal_true, literal_false, literal_null };
  struct Node {
    std::uint32_t key = 0, key_size = 0;  // places in the text
    std::uint32_t begin = 0, size = 0;    // of what text() gives; for others where they begin
    std::uint32_t first = 0, next = 0;    // nodes; 0: none (the root is nobody's child)
    Kind kind = Kind::literal_null;
  };
  std::string_view slice(std::uint32_t begin, std::uint32_t size) const { return text_.view().substr(begin, size); }
  SecretString text_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> lines_;  // where each begins
};

}  // namespace keytrail::inventory
