#include "scanner/inventory/field_text.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "scanner/base/dates.h"
#include "scanner/base/text.h"
#include "scanner/inventory/token_fields.h"

namespace keytrail::inventory {
namespace {

using Json = nlohmann::json;

// Words for "there is none", in plain_word form.
bool is_nothing(std::string_view word) {
  constexpr std::array<std::string_view, 10> kWords = {"",        "never",         "na",           "none", "null",
                                                       "unknown", "noinformation", "notsupported", "no",   "nil"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

std::optional<std::int64_t> number_of(std::string_view text) {
  if (text.empty() || text.size() > 15 || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : text) number = number * 10 + (c - '0');
  return number;
}

// Seconds since 1970, or milliseconds where there are thirteen digits. A fraction is cut off.
std::optional<core::Instant> epoch_of(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point != std::string_view::npos &&
      !std::all_of(text.begin() + static_cast<std::ptrdiff_t>(point) + 1, text.end(), is_digit)) {
    return std::nullopt;
  }
  const std::string_view whole = text.substr(0, point);
  const auto number = number_of(whole);
  if (!number) return std::nullopt;
  if (whole.size() == 13) return *number / 1000;
  if (whole.size() == 9 || whole.size() == 10) return *number;
  return std::nullopt;
}

// "12:00:00.123Z" -> "12:00:00Z".
std::string without_fraction(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || point == 0 || !is_digit(text[point - 1])) return std::string(text);
  std::size_t end = point + 1;
  while (end < text.size() && is_digit(text[end])) ++end;
  return std::string(text.substr(0, point)) + std::string(text.substr(end));
}

}  // namespace

std::string plain_word(std::string_view text) {
  std::string out;
  for (const char c : lower(text.substr(0, 100))) {
    if (is_digit(c) || (c >= 'a' && c <= 'z')) out += c;
  }
  return out;
}

std::string list_text(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& item : list) text += (text.empty() ? "" : "; ") + item;
  // A reader must get back what stood there.
  if (read_list(text) == list) return text;
  return Json(list).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<std::string> read_list(std::string_view text) {
  std::vector<std::string> list;
  text = trimmed(text);
  if (text.starts_with('[')) {
    const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
    if (json.is_array() && std::all_of(json.begin(), json.end(), [](const Json& item) { return item.is_string(); })) {
      return json.get<std::vector<std::string>>();
    }
  }
  const char* separators = text.find_first_of(";\n") != std::string_view::npos ? ";\n" : ",";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (const std::string_view item = trimmed(text.substr(0, end)); !item.empty()) list.emplace_back(item);
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return list;
}

std::string map_text(const std::map<std::string, std::string>& texts) {
  return texts.empty() ? std::string() : Json(texts).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Status read_map(std::map<std::string, std::string>& out, std::string_view text) {
  std::map<std::string, std::string> texts;
  text = trimmed(text);
  const auto wrong = [] {
    return make_error(ErrorCode::invalid_argument, "a JSON object of texts, or name=text; name=text, is due here");
  };
  if (text.starts_with('{')) {
    const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
    if (!json.is_object()) return wrong();
    for (const auto& [name, value] : json.items()) {
      if (!value.is_string()) return wrong();
      texts[name] = value.get<std::string>();
    }
  } else {
    for (const std::string& item : read_list(text)) {
      const std::size_t equals = item.find('=');
      if (equals == std::string::npos || equals == 0) return wrong();
      texts[item.substr(0, equals)] = item.substr(equals + 1);
    }
  }
  out = std::move(texts);
  return {};
}

std::optional<std::uint32_t> read_days(std::string_view text) {
  const std::string word = plain_word(text);
  constexpr std::array<std::pair<std::string_view, std::uint32_t>, 8> kWords = {{{"weekly", 7},
                                                                                 {"monthly", 30},
                                                                                 {"quarterly", 90},
                                                                                 {"halfyearly", 180},
                                                                                 {"biannually", 180},
                                                                                 {"yearly", 365},
                                                                                 {"annually", 365},
                                                                                 {"daily", 1}}};
  for (const auto& [name, days] : kWords) {
    if (name == word) return days;
  }
  std::size_t digits = 0;
  while (digits < word.size() && is_digit(word[digits])) ++digits;
  const auto number = number_of(std::string_view(word).substr(0, digits));
  const std::string_view unit = std::string_view(word).substr(digits);
  if (!number || *number > 10'000'000'000) return std::nullopt;
  std::int64_t days = 0;
  if (unit.empty() || unit == "d" || unit == "day" || unit == "days") days = *number;
  if (unit == "w" || unit == "week" || unit == "weeks") days = *number * 7;
  if (unit == "m" || unit == "month" || unit == "months") days = *number * 30;
  if (unit == "y" || unit == "year" || unit == "years") days = *number * 365;
  if (unit == "s") days = *number / 86400;
  if (days < 1 || days > 36'500) return std::nullopt;
  return static_cast<std::uint32_t>(days);
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = [&](std::size_t i) {
      return i < text.size() ? static_cast<unsigned>(static_cast<unsigned char>(text[i])) : 0U;
    };
    const unsigned first = byte(at);
    if (first < 0x80) {
      ++at;
      continue;
    }
    const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4) return false;
    for (std::size_t i = 1; i <= more; ++i) {
      if ((byte(at + i) & 0xC0) != 0x80) return false;
    }
    const unsigned second = byte(at + 1);
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) || (first == 0xF0 && second < 0x90) ||
        (first == 0xF4 && second >= 0x90)) {
      return false;
    }
    at += more + 1;
  }
  return true;
}

Result<std::optional<core::Instant>> read_date(std::string_view text, core::Instant now) {
  text = trimmed(text);
  const auto none = std::optional<core::Instant>();
  if (is_nothing(plain_word(text))) return none;
  if (const auto epoch = epoch_of(text)) return std::optional<core::Instant>(*epoch);
  if (const auto date = parse_date(without_fraction(text), DateEnd::first, now))
    return std::optional<core::Instant>(*date);
  if (text.find('/') != std::string_view::npos || text.find('.') != std::string_view::npos) {
    return make_error(ErrorCode::invalid_argument, "day and month could be meant either way: write 2026-01-31");
  }
  return make_error(ErrorCode::invalid_argument, "this is no date: write 2026-01-31");
}

std::string normal_environment(std::string_view text) {
  std::string word = lower(trimmed(text));
  constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kNames = {{{"prod", "production"},
                                                                                     {"prd", "production"},
                                                                                     {"live", "production"},
                                                                                     {"stage", "staging"},
                                                                                     {"stg", "staging"},
                                                                                     {"preprod", "staging"},
                                                                                     {"pre-production", "staging"},
                                                                                     {"dev", "development"},
                                                                                     {"devel", "development"},
                                                                                     {"local", "development"},
                                                                                     {"testing", "test"},
                                                                                     {"qa", "test"},
                                                                                     {"uat", "test"},
                                                                                     {"docs", "documentation"}}};
  for (const auto& [name, meaning] : kNames) {
    if (name == word) return std::string(meaning);
  }
  return word;
}

std::string environment_of_path(std::string_view path) {
  constexpr std::array<std::string_view, 5> kKnown = {"production", "staging", "development", "test", "sandbox"};
  while (!path.empty()) {
    const std::size_t end = std::min(path.find_first_of("/-_.:"), path.size());
    std::string name = normal_environment(path.substr(0, end));
    if (std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end()) return name;
    path.remove_prefix(std::min(path.size(), end + 1));
  }
  return {};
}

Status check_text(std::string_view text) {
  const auto refuse = [](const char* why) { return make_error(ErrorCode::invalid_argument, why); };
  if (text.size() > 16384) return refuse("the text is longer than 16 KiB");
  if (text.find('\0') != std::string_view::npos) return refuse("the text holds a zero byte");
  if (!is_utf8(text)) return refuse("the text is not UTF-8");
  return {};
}

Status check_id(std::string_view id) {
  const auto refuse = [](const char* why) { return make_error(ErrorCode::invalid_argument, why); };
  if (id.empty()) return refuse("an id is due here");
  if (id.size() > 512) return refuse("an id has at most 512 bytes");
  if (std::any_of(id.begin(), id.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; })) {
    return refuse("an id holds no control characters");
  }
  if (id.front() == ' ' || id.back() == ' ') return refuse("an id begins and ends with no space");
  return check_text(id);
}

}  // namespace keytrail::inventory
