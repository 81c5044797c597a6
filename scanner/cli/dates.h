// Dates as users write them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace keytrail::cli {

// Which second of a day is meant where a date has no time.
enum class DateEnd { first, last };

// Seconds since 1970 of "2026-01-31", "2026-01-31T12:00", "2026-01-31 12:00:30+01:00" (UTC where no zone is named), or
// so many days, weeks, calendar months or years before `now`: "30d", "12w", "6m", "2y". Nothing for anything else.
std::optional<std::int64_t> parse_date(std::string_view text, DateEnd end, std::int64_t now);

}  // namespace keytrail::cli
