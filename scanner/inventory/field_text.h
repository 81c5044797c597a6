// Texts of single fields: words, lists, maps, periods. Used by token_fields.cc and the readers of listings. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"

namespace keytrail::inventory {

// Lower case, letters and digits alone: "Last Rotated (date)" -> "lastrotateddate".
std::string plain_word(std::string_view text);

std::string list_text(const std::vector<std::string>& list);
// "a; b", "a, b", one a line, or a JSON array.
std::vector<std::string> read_list(std::string_view text);
std::string map_text(const std::map<std::string, std::string>& texts);
// A JSON object of texts, or "a=b; c=d".
Status read_map(std::map<std::string, std::string>& out, std::string_view text);

// Days of "90", "90 days", "12w", "3 months", "1y", "quarterly", "2592000s"; 1 to 36,500.
std::optional<std::uint32_t> read_days(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace keytrail::inventory
