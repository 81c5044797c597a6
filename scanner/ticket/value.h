// What a template shows: a text, a flag, a list or an object of these. A plain tree; nothing is shared.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keytrail::ticket {

class Value {
 public:
  using List = std::vector<Value>;
  using Object = std::map<std::string, Value, std::less<>>;
  enum class Kind { text, flag, list, object };

  Value() = default;
  Value(std::string text) : text_(std::move(text)) {}  // NOLINT: a text is a value
  Value(std::string_view text) : text_(text) {}        // NOLINT
  Value(const char* text) : text_(text) {}             // NOLINT
  static Value flag(bool on);
  static Value list(List items = {});
  static Value texts(const std::vector<std::string>& texts);
  static Value object(Object members = {});

  Kind kind() const { return kind_; }
  const std::string& text() const { return text_; }
  const List& items() const { return items_; }
  const Object& members() const { return members_; }
  // Of an object; null when it has no such member.
  const Value* find(std::string_view name) const;
  void set(std::string name, Value value) { members_[std::move(name)] = std::move(value); }
  void add(Value value) { items_.push_back(std::move(value)); }
  // What a section is shown for: a text or list that is not empty, a flag that is on, every object.
  bool shown() const;

 private:
  Kind kind_ = Kind::text;
  bool on_ = false;
  std::string text_;
  List items_;
  Object members_;
};

}  // namespace keytrail::ticket
