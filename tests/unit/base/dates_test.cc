#include "scanner/base/dates.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include "tests/support/catch.h"

namespace keytrail {
namespace {

TEST_CASE("dates are the author's own clock") {
  struct Row {
    std::int64_t seconds;
    std::int32_t offset;
    const char* want;
  };
  const Row rows[] = {
      {0, 0, "1970-01-01T00:00:00+00:00"},
      {-1, 0, "1969-12-31T23:59:59+00:00"},
      {951'782'400, 0, "2000-02-29T00:00:00+00:00"},
      {1'700'000'000, 330, "2023-11-15T03:43:20+05:30"},
      {1'700'000'000, -720, "2023-11-14T10:13:20-12:00"},
      {1'700'000'000, 1440, "2023-11-14T22:13:20+00:00"},
      {-62'135'510'400, -1439, "0001-01-01T00:01:00-23:59"},
      {253'402'214'399, 1439, "9999-12-31T23:58:59+23:59"},
      {253'402'300'800, 0, ""},
      {INT64_MAX, INT32_MAX, ""},
      {INT64_MIN, INT32_MIN, ""},
  };
  for (const Row& row : rows) CHECK(iso8601(row.seconds, row.offset) == row.want);
}

TEST_CASE("a date names a second of UTC") {
  struct Row {
    std::string_view text;
    DateEnd end;
    std::optional<std::int64_t> want;
  };
  constexpr std::int64_t kNow = 1'709'208'000;  // 2024-02-29T12:00:00Z
  const Row rows[] = {
      {"2024-02-29", DateEnd::first, 1'709'164'800},
      {"2024-02-29", DateEnd::last, 1'709'251'199},
      {"2024-02-29T12:00+01:00", DateEnd::first, 1'709'204'400},
      {"2024-02-29 12:00:30Z", DateEnd::first, 1'709'208'030},
      {"2023-02-29", DateEnd::first, std::nullopt},
      {"2024-02-29T24:00", DateEnd::first, std::nullopt},
      {"1d", DateEnd::first, kNow - 86400},
      {"1y", DateEnd::first, 1'677'585'600},  // the 28th: 2023 has no 29th
      {"d", DateEnd::first, std::nullopt},
      {"", DateEnd::first, std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(parse_date(row.text, row.end, kNow) == row.want);
  }
  CHECK(utc_time(kNow) == "2024-02-29T12:00:00Z");
  CHECK(utc_day(kNow) == "2024-02-29");
  CHECK(utc_day(INT64_MAX).empty());
}

}  // namespace
}  // namespace keytrail
