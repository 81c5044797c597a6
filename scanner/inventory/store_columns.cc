// Lists and maps in one column: JSON, as other programs that open the store can read it.
#include <nlohmann/json.hpp>

#include "scanner/inventory/store_state.h"

namespace keytrail::inventory {
namespace {

using Json = nlohmann::json;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// A list of texts without escapes, as to_column() writes most; false: it is something else.
bool read_plain_list(std::string_view column, std::vector<std::string>& list) {
  if (column.size() < 2 || column.front() != '[' || column.back() != ']') return false;
  column = column.substr(1, column.size() - 2);
  while (true) {
    if (column.empty() || column.front() != '"') return false;
    const std::size_t end = column.find_first_of("\"\\", 1);
    if (end == std::string_view::npos || column[end] == '\\') return false;
    list.emplace_back(column.substr(1, end - 1));
    column.remove_prefix(end + 1);
    if (column.empty()) return true;
    if (column.front() != ',') return false;
    column.remove_prefix(1);
  }
}

}  // namespace

std::string to_column(const std::vector<std::string>& list) { return list.empty() ? std::string() : dump(Json(list)); }

std::string to_column(const std::map<std::string, std::string>& texts) {
  return texts.empty() ? std::string() : dump(Json(texts));
}

std::vector<std::string> list_of_column(std::string_view column) {
  std::vector<std::string> list;
  if (column.empty() || read_plain_list(column, list)) return list;
  list.clear();
  const Json json = Json::parse(column.begin(), column.end(), nullptr, false);
  if (!json.is_array()) return list;
  for (const Json& item : json) {
    if (item.is_string()) list.push_back(item.get<std::string>());
  }
  return list;
}

std::map<std::string, std::string> map_of_column(std::string_view column) {
  std::map<std::string, std::string> texts;
  if (column.empty()) return texts;
  const Json json = Json::parse(column.begin(), column.end(), nullptr, false);
  if (!json.is_object()) return texts;
  for (const auto& [name, value] : json.items()) {
    if (value.is_string()) texts[name] = value.get<std::string>();
  }
  return texts;
}

}  // namespace keytrail::inventory
