#include "scanner/scan/suppression.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "scanner/base/glob.h"
#include "scanner/base/text.h"

namespace keytrail::scan {
namespace {

constexpr std::string_view kHeader =
    "# keytrail baseline 1: accepted findings, one a line, sorted. Fields are separated by tabs:\n"
    "# fingerprint\trule\tpath\towner\treason\texpires\n";

bool is_fingerprint(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// A field in which tabs, line ends and backslashes are escaped, and back.
std::string escape_field(std::string_view field) {
  std::string text;
  for (const char c : field) {
    switch (c) {
      case '\t':
        text += "\\t";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\r':
        text += "\\r";
        break;
      case '\\':
        text += "\\\\";
        break;
      default:
        text += c;
    }
  }
  return text;
}

std::string unescape_field(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      text += field[i];
      continue;
    }
    const char c = field[++i];
    text += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
  }
  return text;
}

Result<BaselineEntry> parse_line(std::string_view line, const std::string& place) {
  std::vector<std::string> fields;
  while (true) {
    const std::size_t tab = line.find('\t');
    fields.push_back(unescape_field(line.substr(0, tab)));
    if (tab == std::string_view::npos) break;
    line.remove_prefix(tab + 1);
  }
  if (fields.size() < 3 || fields.size() > 6) {
    return make_error(
        ErrorCode::invalid_argument,
        "expected three to six fields separated by tabs (fingerprint, rule, path, owner, reason, expires)", place);
  }
  fields.resize(6);
  if (!is_fingerprint(fields[0])) {
    return make_error(ErrorCode::invalid_argument, "the first field is not a fingerprint of 32 hexadecimal digits",
                      place);
  }
  if (!fields[5].empty() && !is_date(fields[5])) {
    return make_error(ErrorCode::invalid_argument, "the last field is not a date such as 2027-01-31", place);
  }
  return BaselineEntry{fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], 0};
}

}  // namespace

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [text](std::size_t from, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(from, count)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

Result<std::vector<BaselineEntry>> parse_baseline(std::string_view text, const std::string& file_name) {
  std::vector<BaselineEntry> entries;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    auto entry = parse_line(line, file_name + ":" + std::to_string(number));
    if (!entry) return entry.error();
    entry->line = number;
    entries.push_back(std::move(*entry));
  }
  return entries;
}

std::string format_baseline(std::vector<BaselineEntry> entries) {
  const auto key = [](const BaselineEntry& e) { return std::tie(e.rule, e.path, e.fingerprint); };
  std::sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  std::string text(kHeader);
  for (const BaselineEntry& e : entries) {
    text += e.fingerprint + '\t' + escape_field(e.rule) + '\t' + escape_field(e.path) + '\t' + escape_field(e.owner) +
            '\t' + escape_field(e.reason) + '\t' + e.expires + '\n';
  }
  return text;
}

Suppressions::Suppressions(std::vector<AllowEntry> allow, std::vector<BaselineEntry> baseline, std::string today)
    : today_(std::move(today)) {
  for (AllowEntry& entry : allow) allow_.push_back({std::move(entry), false});
  for (BaselineEntry& entry : baseline) baseline_.push_back({std::move(entry), false});
  std::stable_sort(baseline_.begin(), baseline_.end(),
                   [](const auto& a, const auto& b) { return a.entry.fingerprint < b.entry.fingerprint; });
}

bool Suppressions::is_past(std::string_view date) const {
  const std::string_view day = date.substr(0, 10);
  return is_date(day) && day < today_;
}

std::optional<core::Suppression> Suppressions::find(std::string_view rule, std::string_view fingerprint,
                                                    std::string_view path) {
  for (auto& [entry, used] : allow_) {
    if (expired(entry.expires)) continue;
    if (!entry.rules.empty() && !contains(entry.rules, rule)) continue;
    if (!entry.fingerprints.empty() && !contains(entry.fingerprints, fingerprint)) continue;
    const auto fits = [path](const std::string& glob) { return glob_matches(glob, path); };
    if (!entry.paths.empty() && std::none_of(entry.paths.begin(), entry.paths.end(), fits)) continue;
    used = true;
    return core::Suppression{core::Suppression::Kind::configuration, entry.reason, {}};
  }
  auto at = std::lower_bound(baseline_.begin(), baseline_.end(), fingerprint,
                             [](const auto& b, std::string_view wanted) { return b.entry.fingerprint < wanted; });
  for (; at != baseline_.end() && at->entry.fingerprint == fingerprint; ++at) {
    if (expired(at->entry.expires)) continue;
    at->used = true;
    return core::Suppression{core::Suppression::Kind::baseline, at->entry.reason, at->entry.owner};
  }
  return std::nullopt;
}

std::vector<std::string> Suppressions::notes(bool whole) const {
  std::vector<std::string> notes;
  for (const auto& [entry, used] : allow_) {
    if (expired(entry.expires)) {
      notes.push_back(entry.source + ": this allow entry expired on " + entry.expires + " and counts no more");
    } else if (whole && !used) {
      notes.push_back(entry.source + ": this allow entry suppressed nothing; remove it if it is stale");
    }
  }
  for (const auto& [entry, used] : baseline_) {
    const std::string place =
        "baseline line " + std::to_string(entry.line) + " (" + entry.rule + ", " + entry.path + ")";
    if (expired(entry.expires)) {
      notes.push_back(place + " expired on " + entry.expires + " and counts no more");
    } else if (whole && !used) {
      notes.push_back(place + " was not found any more; remove it");
    }
  }
  return notes;
}

}  // namespace keytrail::scan
