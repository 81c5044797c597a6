#include "scanner/base/dates.h"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace keytrail {
namespace {

namespace chrono = std::chrono;

constexpr std::int64_t kDay = 86400;
constexpr std::size_t kMaxAgoDigits = 5;

// Takes things off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }
  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  // Exactly `digits` digits of a number up to `most`.
  std::optional<int> number(std::size_t digits, int most) {
    if (text_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : text_.substr(0, digits)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    if (value > most) return std::nullopt;
    text_.remove_prefix(digits);
    return value;
  }

 private:
  std::string_view text_;
};

std::int64_t seconds_of(chrono::year_month_day date) {
  return chrono::sys_days(date).time_since_epoch().count() * kDay;
}

std::optional<std::int64_t> take_day(Scanner& text) {
  const auto year = text.number(4, 9999);
  if (!year || !text.take('-')) return std::nullopt;
  const auto month = text.number(2, 12);
  if (!month || !text.take('-')) return std::nullopt;
  const auto day = text.number(2, 31);
  if (!day) return std::nullopt;
  const chrono::year_month_day date(chrono::year(*year), chrono::month(static_cast<unsigned>(*month)),
                                    chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return seconds_of(date);
}

// "12:00" or "12:00:30".
std::optional<std::int64_t> take_time(Scanner& text, DateEnd end) {
  const auto hour = text.number(2, 23);
  if (!hour || !text.take(':')) return std::nullopt;
  const auto minute = text.number(2, 59);
  if (!minute) return std::nullopt;
  std::optional<int> second = end == DateEnd::last ? 59 : 0;
  if (text.take(':')) second = text.number(2, 59);
  if (!second) return std::nullopt;
  return *hour * 3600 + *minute * 60 + *second;
}

// Seconds east of UTC: "Z", "+01:00", "+0100", "+01" or nothing.
std::optional<std::int64_t> take_zone(Scanner& text) {
  if (text.at_end() || text.take('Z')) return 0;
  text.take(' ');
  const bool west = text.take('-');
  if (!west && !text.take('+')) return std::nullopt;
  const auto hours = text.number(2, 23);
  if (!hours) return std::nullopt;
  std::optional<int> minutes = 0;
  if (!text.at_end()) {
    text.take(':');
    minutes = text.number(2, 59);
  }
  if (!minutes) return std::nullopt;
  const std::int64_t offset = *hours * 3600 + *minutes * 60;
  return west ? -offset : offset;
}

// A day within the years 1 and 9999, so that no offset leaves them.
constexpr std::int64_t kFirst = -62135596800 + kDay;
constexpr std::int64_t kLast = 253402300799 - kDay;

struct Local {
  chrono::year_month_day date;
  int second_of_day;
};

Local local_time(std::int64_t seconds) {
  const auto day = chrono::floor<chrono::days>(chrono::sys_seconds(chrono::seconds(seconds)));
  return {chrono::year_month_day(day), static_cast<int>(seconds - day.time_since_epoch().count() * kDay)};
}

std::string day_of(const Local& local) {
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(local.date.year()),
                static_cast<unsigned>(local.date.month()), static_cast<unsigned>(local.date.day()));
  return text;
}

std::string clock_of(const Local& local) {
  char text[32];
  std::snprintf(text, sizeof text, "T%02d:%02d:%02d", local.second_of_day / 3600, local.second_of_day / 60 % 60,
                local.second_of_day % 60);
  return text;
}

std::int64_t months_before(std::int64_t now, std::int64_t months) {
  const auto day = chrono::floor<chrono::days>(chrono::sys_seconds(chrono::seconds(now)));
  chrono::year_month_day date(day);
  date -= chrono::months(months);
  // There is no 31st of a shorter month.
  if (!date.ok()) date = date.year() / date.month() / chrono::last;
  return seconds_of(date) + now - day.time_since_epoch().count() * kDay;
}

std::optional<std::int64_t> parse_ago(std::string_view text, std::int64_t now) {
  if (text.size() < 2 || text.size() > kMaxAgoDigits + 1) return std::nullopt;
  Scanner digits(text);
  const auto count = digits.number(text.size() - 1, 99999);
  if (!count) return std::nullopt;
  switch (text.back()) {
    case 'd':
      return now - *count * kDay;
    case 'w':
      return now - *count * (7 * kDay);
    case 'm':
      return months_before(now, *count);
    case 'y':
      // Further back than any commit; and years of calendars end.
      return *count > 9999 ? std::nullopt : std::optional(months_before(now, std::int64_t{*count} * 12));
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::int64_t> parse_date(std::string_view text, DateEnd end, std::int64_t now) {
  if (const auto ago = parse_ago(text, now)) return ago;
  Scanner scanner(text);
  const auto day = take_day(scanner);
  if (!day) return std::nullopt;
  if (scanner.at_end()) return *day + (end == DateEnd::last ? kDay - 1 : 0);
  if (!scanner.take('T') && !scanner.take(' ')) return std::nullopt;
  const auto time = take_time(scanner, end);
  if (!time) return std::nullopt;
  const auto zone = take_zone(scanner);
  if (!zone || !scanner.at_end()) return std::nullopt;
  return *day + *time - *zone;
}

std::string iso8601(std::int64_t seconds, std::int32_t offset_minutes) {
  if (seconds < kFirst || seconds > kLast) return {};
  const std::int32_t offset = offset_minutes > -1440 && offset_minutes < 1440 ? offset_minutes : 0;
  const Local local = local_time(seconds + std::int64_t{offset} * 60);
  const int distance = std::abs(offset);
  char zone[32];
  std::snprintf(zone, sizeof zone, "%c%02d:%02d", offset < 0 ? '-' : '+', distance / 60, distance % 60);
  return day_of(local) + clock_of(local) + zone;
}

std::string utc_time(std::int64_t seconds) {
  if (seconds < kFirst || seconds > kLast) return {};
  const Local local = local_time(seconds);
  return day_of(local) + clock_of(local) + "Z";
}

std::string utc_day(std::int64_t seconds) {
  return seconds < kFirst || seconds > kLast ? std::string() : day_of(local_time(seconds));
}

}  // namespace keytrail
