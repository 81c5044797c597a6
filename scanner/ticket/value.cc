#include "scanner/ticket/value.h"

namespace keytrail::ticket {

Value Value::flag(bool on) {
  Value value;
  value.kind_ = Kind::flag;
  value.on_ = on;
  return value;
}

Value Value::list(List items) {
  Value value;
  value.kind_ = Kind::list;
  value.items_ = std::move(items);
  return value;
}

Value Value::texts(const std::vector<std::string>& texts) {
  Value value = list();
  for (const std::string& text : texts) value.add(text);
  return value;
}

Value Value::object(Object members) {
  Value value;
  value.kind_ = Kind::object;
  value.members_ = std::move(members);
  return value;
}

const Value* Value::find(std::string_view name) const {
  const auto found = members_.find(name);
  return found == members_.end() ? nullptr : &found->second;
}

bool Value::shown() const {
  switch (kind_) {
    case Kind::flag:
      return on_;
    case Kind::text:
      return !text_.empty();
    case Kind::list:
      return !items_.empty();
    case Kind::object:
      break;
  }
  return true;
}

}  // namespace keytrail::ticket
