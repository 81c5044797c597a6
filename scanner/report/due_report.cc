#include <algorithm>
#include <array>
#include <ostream>
#include <tuple>

#include "scanner/base/dates.h"
#include "scanner/base/hash.h"
#include "scanner/report/inventory_report.h"
#include "scanner/report/json_writer.h"
#include "scanner/report/text_table.h"
#include "scanner/report/token_report.h"
#include "scanner/report/unicode.h"

namespace keytrail::report {
namespace {

using core::Instant;

constexpr Instant kDay = 86400;
constexpr Instant kEventSeconds = 900;
constexpr std::size_t kFoldBytes = 75;

bool in_use(const core::Token& token) {
  return token.state != core::TokenState::revoked && token.state != core::TokenState::expired;
}

const core::Verdict* exception_of(const core::TokenStatus& status, core::VerdictKind a, core::VerdictKind b) {
  for (const core::Verdict& verdict : status.verdicts) {
    if ((verdict.kind == a || verdict.kind == b) && !verdict.exception.empty()) return &verdict;
  }
  return nullptr;
}

// The next thing that must be done to it.
DueItem next_of(const core::TokenStatus& status) {
  DueItem item;
  item.token = status.token.id;
  item.service = status.token.service;
  item.environment = status.token.environment;
  item.owner = status.token.owner;
  item.status = &status;
  item.action = "rotate";
  item.when = status.rotate_by;
  using enum core::VerdictKind;
  if (const core::Verdict* waits = exception_of(status, never_rotated, rotation_overdue)) {
    item.when = waits->due;
    item.exception = waits->exception;
  }
  const auto& expires = status.token.expires;
  if (!expires || (item.when && *item.when <= *expires)) return item;
  if (!item.when && !status.rotate_by && item.exception.empty()) return item;  // no date is worse than any
  item.action = "replace";
  item.when = expires;
  item.exception.clear();
  if (const core::Verdict* waits = exception_of(status, expiring, expired_active)) {
    item.when = waits->due;
    item.exception = waits->exception;
  }
  return item;
}

std::string days_text(const DueItem& item, Instant now) {
  if (!item.when) return "no date is known";
  const Instant days = (item.overdue ? now - *item.when : *item.when - now) / kDay;
  const std::string count = std::to_string(days) + (days == 1 ? " day" : " days");
  return item.overdue ? count + " overdue" : "in " + count;
}

std::string_view owner_text(std::string_view owner) { return owner.empty() ? "(nobody)" : owner; }

constexpr std::array<std::string_view, 7> kHeads = {"DUE",     "WHEN",        "ACTION", "TOKEN",
                                                    "SERVICE", "ENVIRONMENT", "OWNER"};

// Calls `put` for each cell of the item's row.
template <typename Put>
void each_cell(const DueItem& item, Instant now, DayTexts& days, const Put& put) {
  put(item.when ? std::string_view(days.of(*item.when)) : std::string_view("now"));
  const std::string state = days_text(item, now);
  put(item.exception.empty() ? state : state + ", " + item.exception);
  for (const std::string_view text : {item.action, item.token, item.service, item.environment}) put(text);
  put(owner_text(item.owner));
}

std::size_t count_overdue(const DueReport& report) {
  return static_cast<std::size_t>(
      std::count_if(report.items.begin(), report.items.end(), [](const DueItem& item) { return item.overdue; }));
}

// One line of a calendar: text escaped, cut at 75 bytes between characters, CRLF.
class CalendarLines {
 public:
  explicit CalendarLines(std::ostream& out) : out_(out) {}

  void line(std::string_view content) {
    std::size_t room = kFoldBytes;
    while (content.size() > room) {
      std::size_t cut = room;
      while (cut > 1 && (static_cast<unsigned char>(content[cut]) & 0xC0U) == 0x80U) --cut;
      out_ << content.substr(0, cut) << "\r\n ";
      content.remove_prefix(cut);
      room = kFoldBytes - 1;
    }
    out_ << content << "\r\n";
  }
  void text(std::string_view name, std::string_view content) {
    std::string escaped(name);
    escaped += ':';
    for (const char c : visible(content)) {
      if (c == '\\' || c == ';' || c == ',') escaped += '\\';
      escaped += c;
    }
    line(escaped);
  }
  void time(std::string_view name, Instant at) {
    std::string compact(name);
    compact += ':';
    for (const char c : utc_time(at)) {
      if (c != '-' && c != ':') compact += c;
    }
    line(compact);
  }

 private:
  std::ostream& out_;
};

void write_event(const DueItem& item, Instant now, CalendarLines& lines) {
  const core::Token& token = item.status->token;
  const Instant when = item.when.value_or(now);
  const std::string title = (item.action == "rotate" ? "Rotate " : "Replace ") + token.id +
                            (token.service.empty() ? "" : " (" + token.service + ")");
  lines.line("BEGIN:VEVENT");
  // Of the token and what is to be done: another date moves the event and makes no second one.
  const Sha256Digest digest = sha256(std::string(item.action) + '\0' + token.id);
  lines.line("UID:" + to_hex(digest.data(), 16) + "@keytrail.inventory");
  lines.time("DTSTAMP", now);
  lines.time("DTSTART", when);
  lines.time("DTEND", when + kEventSeconds);
  lines.text("SUMMARY", title);
  std::string why = "Owner: " + std::string(owner_text(token.owner)) + ". Environment: " + token.environment +
                    ". Risk: " + std::string(core::to_string(item.status->tier)) + " (" + item.status->tier_rule + ").";
  for (const core::Verdict& verdict : item.status->verdicts)
    why += " " + verdict_title(verdict) + ": " + verdict.reason + ".";
  lines.text("DESCRIPTION", why);
  lines.line("CATEGORIES:KEYTRAIL");
  lines.line("TRANSP:TRANSPARENT");
  lines.line("BEGIN:VALARM");
  lines.line("ACTION:DISPLAY");
  lines.text("DESCRIPTION", title);
  lines.line("TRIGGER:-P7D");
  lines.line("END:VALARM");
  lines.line("END:VEVENT");
}

}  // namespace

std::optional<DueItem> due_item(const core::TokenStatus& status, Instant now, Instant until) {
  if (!in_use(status.token)) return std::nullopt;
  DueItem item = next_of(status);
  if (item.when && *item.when > until) return std::nullopt;
  item.overdue = !item.when || *item.when < now;
  return item;
}

void sort_due(std::vector<DueItem>& items) {
  // Items are large: their places are sorted.
  struct Key {
    Instant when;
    std::string_view token;
    std::size_t place;
  };
  std::vector<Key> keys;
  keys.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) keys.push_back({items[i].when.value_or(INT64_MIN), items[i].token, i});
  std::sort(keys.begin(), keys.end(),
            [](const Key& a, const Key& b) { return std::tie(a.when, a.token) < std::tie(b.when, b.token); });
  std::vector<DueItem> sorted;
  sorted.reserve(items.size());
  for (const Key& key : keys) sorted.push_back(std::move(items[key.place]));
  items = std::move(sorted);
}

std::vector<DueItem> due_items(const std::vector<core::TokenStatus>& tokens, Instant now, Instant until) {
  std::vector<DueItem> items;
  for (const core::TokenStatus& status : tokens) {
    if (auto item = due_item(status, now, until)) items.push_back(std::move(*item));
  }
  sort_due(items);
  return items;
}

void write_due_text(const DueReport& report, std::ostream& out) {
  TextTable table({kHeads.begin(), kHeads.end()});
  DayTexts days;
  for (const DueItem& item : report.items) {
    each_cell(item, report.now, days, [&](std::string_view cell) { table.cell(cell); });
  }
  table.print(out);
  out << (report.items.empty() ? "" : "\n") << grouped(report.items.size()) << " due until " << utc_day(report.until)
      << ", " << grouped(count_overdue(report)) << " of them overdue (as of " << utc_time(report.now) << ")\n";
}

void write_due_json(const DueReport& report, std::ostream& out) {
  constexpr std::size_t kDepth = 3;
  JsonWriter json(out, kDepth);
  json.begin_object();
  json.member("schema_version", std::uint64_t{1});
  json.member_or_null("inventory", report.inventory);
  json.member("policy", report.policy);
  json.member("now", utc_time(report.now));
  json.member("until", utc_time(report.until));
  json.member("overdue", std::uint64_t{count_overdue(report)});
  json.begin_array("due");
  for (const DueItem& item : report.items) {
    json.begin_object();
    json.member_or_null("when", item.when ? utc_time(*item.when) : std::string());
    json.member("action", item.action);
    json.member("overdue", item.overdue);
    json.member_or_null("exception", item.exception);
    json.begin_object("token");
    write_token_members(*item.status, json);
    json.end_object();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  out << '\n';
}

void write_due_markdown(const DueReport& report, std::ostream& out) {
  out << "# Tokens due until " << utc_day(report.until) << "\n\n"
      << grouped(report.items.size()) << " due, " << grouped(count_overdue(report)) << " of them overdue, as of "
      << utc_time(report.now) << ".\n";
  if (report.items.empty()) return;
  out << "\n| due | when | action | token | service | environment | owner |\n| --- | --- | --- | --- | --- | --- | --- "
         "|\n";
  DayTexts days;
  for (const DueItem& item : report.items) {
    out << '|';
    each_cell(item, report.now, days, [&](std::string_view cell) { out << ' ' << markdown_cell(cell) << " |"; });
    out << '\n';
  }
}

void write_due_calendar(const DueReport& report, std::ostream& out) {
  CalendarLines lines(out);
  lines.line("BEGIN:VCALENDAR");
  lines.line("VERSION:2.0");
  lines.line("PRODID:-//keytrail//inventory//EN");
  lines.line("CALSCALE:GREGORIAN");
  lines.line("METHOD:PUBLISH");
  for (const DueItem& item : report.items) write_event(item, report.now, lines);
  lines.line("END:VCALENDAR");
}

}  // namespace keytrail::report
