#include "scanner/report/formats.h"

#include <cstdio>
#include <cstdlib>

namespace keytrail::report {
namespace {

struct Date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

// Howard Hinnant's civil_from_days: the proleptic Gregorian calendar without the C library's locale and time zone.
Date date_of(std::int64_t days_since_1970) {
  const std::int64_t shifted = days_since_1970 + 719468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(shifted - era * 146097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

}  // namespace

std::string rule_name(const ruleset::RuleSet& rules, std::string_view id) {
  const ruleset::Rule* rule = rules.find(id);
  return rule != nullptr && !rule->name.empty() ? rule->name : std::string(id);
}

std::string rule_provider(const ruleset::RuleSet& rules, std::string_view id) {
  const ruleset::Rule* rule = rules.find(id);
  return rule != nullptr ? rule->provider : std::string();
}

std::string iso8601(std::int64_t seconds, std::int32_t offset_minutes) {
  constexpr std::int64_t kDay = 86400;
  constexpr std::int64_t kFirst =
      -62135596800 + kDay;  // a day within the years 1 and 9999, so that no offset leaves them
  constexpr std::int64_t kLast = 253402300799 - kDay;
  if (seconds < kFirst || seconds > kLast) return {};
  const std::int32_t offset = offset_minutes > -1440 && offset_minutes < 1440 ? offset_minutes : 0;
  const std::int64_t local = seconds + std::int64_t{offset} * 60;
  const std::int64_t days = (local >= 0 ? local : local - (kDay - 1)) / kDay;
  const auto second_of_day = static_cast<int>(local - days * kDay);
  const Date date = date_of(days);
  const int distance = std::abs(offset);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d%c%02d:%02d", static_cast<int>(date.year), date.month,
                date.day, second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60, offset < 0 ? '-' : '+',
                distance / 60, distance % 60);
  return text;
}

std::string commit_of(const core::Occurrence& occurrence) {
  if (occurrence.kind == core::BlobKind::commit_message && occurrence.object) return occurrence.object->hex();
  return occurrence.home && occurrence.home->has_commit() ? occurrence.home->commit.hex() : std::string();
}

std::string blob_of(const core::Occurrence& occurrence) {
  const bool is_blob = occurrence.kind == core::BlobKind::git_blob && occurrence.object;
  return is_blob ? occurrence.object->hex() : std::string();
}

const std::vector<core::Occurrence>& occurrences_of(const core::Finding& finding) {
  static const std::vector<core::Occurrence> nowhere(1);
  return finding.occurrences.empty() ? nowhere : finding.occurrences;
}

std::string author_date(const core::Occurrence& occurrence) {
  const auto& home = occurrence.home;
  const bool known = home && (home->has_commit() || !home->author.empty());
  return known ? iso8601(home->author_time, home->author_offset_minutes) : std::string();
}

std::string commit_date(const core::Occurrence& occurrence) {
  const auto& home = occurrence.home;
  return home && home->committed_apart() ? iso8601(home->commit_time, home->commit_offset_minutes) : std::string();
}

std::string committer_of(const core::Occurrence& occurrence) {
  return occurrence.home && occurrence.home->committed_apart() ? occurrence.home->committer : std::string();
}

const core::Reach& reach_of(const core::Occurrence& occurrence) {
  static const core::Reach nothing;
  return occurrence.home && occurrence.home->reach ? *occurrence.home->reach : nothing;
}

bool in_history(const core::Occurrence& occurrence) { return occurrence.object || occurrence.home; }

}  // namespace keytrail::report
