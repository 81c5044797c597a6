// Dates as users write and read them: UTC where no zone is named, so that no daylight saving shifts one. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keytrail {

// Which second of a day is meant where a date has no time.
enum class DateEnd { first, last };

// Seconds since 1970 of "2026-01-31", "2026-01-31T12:00", "2026-01-31 12:00:30+01:00" (UTC where no zone is named), or
// so many days, weeks, calendar months or years before `now`: "30d", "12w", "6m", "2y". Nothing for anything else.
std::optional<std::int64_t> parse_date(std::string_view text, DateEnd end, std::int64_t now);

// "2024-03-01T12:00:00+01:00", the clock of that offset. Empty for a time outside the years 1 to 9999, which only a
// made commit has; an offset of a day or more counts as none.
std::string iso8601(std::int64_t seconds, std::int32_t offset_minutes);
// "2024-03-01T11:00:00Z" and "2024-03-01"; empty where iso8601 is.
std::string utc_time(std::int64_t seconds);
std::string utc_day(std::int64_t seconds);

}  // namespace keytrail
