// TOML -> Policy. Every key is known or refused; the first thing that is wrong is what is told.
#include "scanner/inventory/policy.h"

#include <toml++/toml.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "scanner/base/dates.h"

namespace keytrail::inventory {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};
constexpr std::int64_t kMaxDays = 36500;
constexpr std::size_t kMaxItems = 10000;

class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  const std::optional<Error>& error() const { return error_; }
  std::string place(const toml::node& node) const { return file_ + ":" + std::to_string(node.source().begin.line); }
  void refuse(const toml::node& node, const std::string& message) {
    if (!error_) error_ = make_error(ErrorCode::invalid_argument, message, place(node));
  }

  template <typename Names>
  void known_keys(const toml::table& table, const std::string& where, const Names& names) {
    for (const auto& [key, value] : table) {
      if (std::find(std::begin(names), std::end(names), key.str()) != std::end(names)) continue;
      refuse(value, "unknown key \"" + std::string(key.str()) + "\" in " + where + "; known are: " + list_of(names));
    }
  }
  void keys(const toml::table& table, const std::string& where, std::initializer_list<std::string_view> names) {
    known_keys(table, where, names);
  }

  // Calls `read` with the table under `key`, where there is one.
  void table(const toml::table& parent, std::string_view key, const std::function<void(const toml::table&)>& read) {
    const toml::node* node = parent.get(key);
    if (node == nullptr) return;
    if (const toml::table* found = node->as_table()) return read(*found);
    refuse(*node, std::string(key) + " must be a table");
  }
  void tables(const toml::table& parent, std::string_view key, const std::function<void(const toml::table&)>& read) {
    const toml::array* items = array(parent, key, "a list of tables");
    if (items == nullptr) return;
    for (const toml::node& item : *items) {
      if (const toml::table* found = item.as_table()) {
        read(*found);
      } else {
        refuse(item, std::string(key) + " must be a list of tables");
      }
    }
  }

  void text(const toml::table& parent, std::string_view key, std::string& out) {
    const toml::node* node = parent.get(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::string>();
    if (!value || value->empty()) return refuse(*node, std::string(key) + " must be a text that is not empty");
    out = *value;
  }
  void days(const toml::table& parent, std::string_view key, std::uint32_t& out, std::int64_t least = 1) {
    const toml::node* node = parent.get(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < least || *value > kMaxDays) {
      return refuse(*node, std::string(key) + " must be a whole number from " + std::to_string(least) + " to " +
                               std::to_string(kMaxDays));
    }
    out = static_cast<std::uint32_t>(*value);
  }
  void truth(const toml::table& parent, std::string_view key, std::optional<bool>& out) {
    const toml::node* node = parent.get(key);
    if (node == nullptr) return;
    out = node->value_exact<bool>();
    if (!out) refuse(*node, std::string(key) + " must be true or false");
  }
  // Replaces `out`.
  void texts(const toml::table& parent, std::string_view key, std::vector<std::string>& out) {
    const toml::array* items = array(parent, key, "a list of texts");
    if (items == nullptr) return;
    out.clear();
    for (const toml::node& item : *items) {
      const auto value = item.value_exact<std::string>();
      if (!value || value->empty()) return refuse(item, std::string(key) + " must be a list of texts, none empty");
      out.push_back(*value);
    }
  }
  const toml::array* array(const toml::table& parent, std::string_view key, const std::string& what) {
    const toml::node* node = parent.get(key);
    if (node == nullptr) return nullptr;
    const toml::array* items = node->as_array();
    if (items == nullptr || items->size() > kMaxItems) {
      refuse(*node, std::string(key) + " must be " + what + (items ? ", of at most 10000" : ""));
      return nullptr;
    }
    return items;
  }
  // Days since 1970 of a date, written as one or as a text.
  std::optional<std::int64_t> day(const toml::node& node) {
    std::optional<std::int64_t> seconds;
    if (const auto date = node.value_exact<toml::date>()) {
      const std::chrono::year_month_day parts(std::chrono::year(date->year), std::chrono::month(date->month),
                                              std::chrono::day(date->day));
      if (parts.ok()) return std::chrono::sys_days(parts).time_since_epoch().count();
    } else if (const auto written = node.value_exact<std::string>(); written && written->size() == 10) {
      seconds = parse_date(*written, DateEnd::first, 0);
    }
    if (seconds) return *seconds / kDaySeconds - (*seconds % kDaySeconds < 0 ? 1 : 0);
    refuse(node, "a date such as 2027-01-31 must stand here");
    return std::nullopt;
  }

  template <typename Names>
  static std::string list_of(const Names& names) {
    std::string list;
    for (const std::string_view name : names) list.append(list.empty() ? "" : ", ").append(name);
    return list;
  }

 private:
  std::string file_;
  std::optional<Error> error_;
};

void read_rule(Reader& reader, const toml::table& table, std::vector<TierRule>& rules) {
  reader.keys(table, "a rule of a tier",
              {"name", "reaches_production", "regulated", "can_write", "shared", "privileged", "environment",
               "not_environment", "provider", "service", "scope"});
  TierRule rule;
  reader.text(table, "name", rule.name);
  reader.truth(table, "reaches_production", rule.reaches_production);
  reader.truth(table, "regulated", rule.regulated);
  reader.truth(table, "can_write", rule.can_write);
  reader.truth(table, "shared", rule.shared);
  reader.truth(table, "privileged", rule.privileged);
  reader.texts(table, "environment", rule.environments);
  reader.texts(table, "not_environment", rule.not_environments);
  reader.texts(table, "provider", rule.providers);
  reader.texts(table, "service", rule.services);
  reader.texts(table, "scope", rule.scopes);
  if (rule.name.empty()) reader.refuse(table, "a rule of a tier needs a name: the reason that reports give");
  if (table.size() < 2) reader.refuse(table, "a rule of a tier needs a condition beside its name");
  rules.push_back(std::move(rule));
}

std::optional<core::Tier> tier_named(std::string_view name) {
  for (const core::Tier tier : {core::Tier::low, core::Tier::medium, core::Tier::high}) {
    if (core::to_string(tier) == name) return tier;
  }
  return std::nullopt;
}

void read_tiers(Reader& reader, const toml::table& table, Policy& policy) {
  reader.keys(table, "[tier]", {"high", "medium", "low", "default"});
  std::string fallback;
  reader.text(table, "default", fallback);
  if (const auto tier = tier_named(fallback)) {
    policy.default_tier = *tier;
  } else if (!fallback.empty()) {
    reader.refuse(*table.get("default"), "default must be high, medium or low");
  }
  for (const core::Tier tier : {core::Tier::high, core::Tier::medium, core::Tier::low}) {
    const std::string name(core::to_string(tier));
    TierPolicy& out = policy.tiers[static_cast<std::size_t>(tier)];
    reader.table(table, name, [&](const toml::table& found) {
      reader.keys(found, "[tier." + name + "]", {"rotate_days", "max_lifetime_days", "rules"});
      reader.days(found, "rotate_days", out.rotate_days);
      reader.days(found, "max_lifetime_days", out.max_lifetime_days);
      if (found.contains("rules")) out.rules.clear();
      reader.tables(found, "rules", [&](const toml::table& rule) { read_rule(reader, rule, out.rules); });
      if (out.rotate_days > out.max_lifetime_days) {
        reader.refuse(found, "rotate_days of [tier." + name + "] is more than max_lifetime_days; lower it");
      }
    });
  }
}

void read_priorities(Reader& reader, const toml::table& table, Policy& policy) {
  reader.known_keys(table, "[priority]", priority_names());
  for (const auto& [key, node] : table) {
    const auto value = node.value_exact<std::string>();
    bool known = false;
    for (const core::Priority priority :
         {core::Priority::p0, core::Priority::p1, core::Priority::p2, core::Priority::p3}) {
      if (!value || core::to_string(priority) != *value) continue;
      policy.priorities.insert_or_assign(std::string(key.str()), priority);
      known = true;
    }
    if (!known) reader.refuse(node, std::string(key.str()) + " must be \"P0\", \"P1\", \"P2\" or \"P3\"");
  }
}

// "5m", "1h", "24h", "2d".
std::optional<Response> response_of(std::string_view text) {
  if (text == "next-business-day") return Response{0, true};
  if (text.size() < 2 || text.size() > 6) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  const char unit = text.back();
  if (number == 0 || (unit != 'm' && unit != 'h' && unit != 'd')) return std::nullopt;
  return Response{number * (unit == 'm' ? 60 : unit == 'h' ? 3600 : kDaySeconds), false};
}

void read_responses(Reader& reader, const toml::table& table, Policy& policy) {
  reader.keys(table, "[response]", {"P0", "P1", "P2", "P3"});
  for (const auto& [key, node] : table) {
    const auto value = node.value_exact<std::string>();
    const auto response = value ? response_of(*value) : std::nullopt;
    if (!response) {
      reader.refuse(
          node, std::string(key.str()) + " must be a time such as \"5m\", \"24h\", \"2d\" or \"next-business-day\"");
    } else if (key.str().size() == 2 && key.str()[1] >= '0' && key.str()[1] <= '3') {
      policy.responses[static_cast<std::size_t>(key.str()[1] - '0')] = *response;
    }
  }
}

void read_calendar(Reader& reader, const toml::table& table, Policy& policy) {
  reader.keys(table, "[calendar]", {"working_days", "holidays"});
  std::vector<std::string> names;
  reader.texts(table, "working_days", names);
  if (const toml::node* node = table.get("working_days")) {
    policy.working_days.fill(false);
    for (const std::string& name : names) {
      const auto day = std::find(kDays.begin(), kDays.end(), name);
      if (day == kDays.end()) return reader.refuse(*node, "working_days must be of " + Reader::list_of(kDays));
      policy.working_days[static_cast<std::size_t>(day - kDays.begin())] = true;
    }
    if (names.empty()) reader.refuse(*node, "working_days must name one day at least");
  }
  if (const toml::array* days = reader.array(table, "holidays", "a list of dates")) {
    policy.holidays.clear();
    for (const toml::node& item : *days) {
      if (const auto day = reader.day(item)) policy.holidays.push_back(*day);
    }
    std::sort(policy.holidays.begin(), policy.holidays.end());
  }
}

void read_exception(Reader& reader, const toml::table& table, Policy& policy) {
  reader.keys(table, "[[exception]]", {"tokens", "verdicts", "approver", "reason", "until"});
  PolicyException exception;
  exception.source = reader.place(table);
  reader.texts(table, "tokens", exception.tokens);
  reader.text(table, "approver", exception.approver);
  reader.text(table, "reason", exception.reason);
  std::vector<std::string> verdicts;
  reader.texts(table, "verdicts", verdicts);
  for (const std::string& name : verdicts) {
    const auto kind = core::parse_verdict_kind(name);
    if (!kind) return reader.refuse(*table.get("verdicts"), "unknown verdict \"" + name + "\" in [[exception]]");
    if (*kind <= core::VerdictKind::untracked) {
      return reader.refuse(*table.get("verdicts"), "no exception covers \"" + name +
                                                       "\": only rotation or revocation ends a leak; take it out");
    }
    exception.verdicts.push_back(*kind);
  }
  const toml::node* until = table.get("until");
  const auto day = until != nullptr ? reader.day(*until) : std::nullopt;
  if (day) exception.until = (*day + 1) * kDaySeconds - 1;
  if (exception.tokens.empty() || exception.verdicts.empty() || exception.approver.empty() || until == nullptr) {
    return reader.refuse(table, "an [[exception]] needs tokens, verdicts, approver and until");
  }
  policy.exceptions.push_back(std::move(exception));
}

void read_fields(Reader& reader, const toml::table& table, Policy& policy) {
  reader.keys(table, "[required]", {"fields"});
  reader.texts(table, "fields", policy.required_fields);
  for (const std::string& name : policy.required_fields) {
    const auto& known = field_names();
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    if (const toml::node* node = table.get("fields")) {
      reader.refuse(*node, "unknown field \"" + name + "\"; known are: " + Reader::list_of(known));
    }
  }
}

void read_document(Reader& reader, const toml::table& document, Policy& policy) {
  reader.keys(document, "the policy",
              {"tier", "environments", "warnings", "sharing", "scopes", "storage", "required", "priority", "response",
               "calendar", "exception"});
  reader.table(document, "tier", [&](const toml::table& table) { read_tiers(reader, table, policy); });
  reader.table(document, "environments", [&](const toml::table& table) {
    reader.keys(table, "[environments]", {"production"});
    reader.texts(table, "production", policy.production_environments);
  });
  reader.table(document, "warnings", [&](const toml::table& table) {
    reader.keys(table, "[warnings]", {"expiring_days", "unused_days"});
    reader.days(table, "expiring_days", policy.expiring_days);
    reader.days(table, "unused_days", policy.unused_days);
  });
  reader.table(document, "sharing", [&](const toml::table& table) {
    reader.keys(table, "[sharing]", {"max_access", "groups"});
    reader.days(table, "max_access", policy.max_access);
    reader.texts(table, "groups", policy.group_marks);
  });
  reader.table(document, "scopes", [&](const toml::table& table) {
    reader.keys(table, "[scopes]", {"privileged", "over_privileged"});
    reader.texts(table, "privileged", policy.privileged_scopes);
    reader.texts(table, "over_privileged", policy.wide_scopes);
  });
  reader.table(document, "storage", [&](const toml::table& table) {
    reader.keys(table, "[storage]", {"secret_stores"});
    reader.texts(table, "secret_stores", policy.secret_stores);
  });
  reader.table(document, "required", [&](const toml::table& table) { read_fields(reader, table, policy); });
  reader.table(document, "priority", [&](const toml::table& table) { read_priorities(reader, table, policy); });
  reader.table(document, "response", [&](const toml::table& table) { read_responses(reader, table, policy); });
  reader.table(document, "calendar", [&](const toml::table& table) { read_calendar(reader, table, policy); });
  reader.tables(document, "exception", [&](const toml::table& table) { read_exception(reader, table, policy); });
}

Result<Policy> read_policy(std::string_view text, const std::string& file, Policy policy) {
  policy.source = file;
  Reader reader(file);
  try {
    const toml::table document = toml::parse(text);
    read_document(reader, document, policy);
  } catch (const toml::parse_error& error) {
    return make_error(ErrorCode::invalid_argument, std::string(error.description()),
                      file + ":" + std::to_string(error.source().begin.line));
  }
  if (reader.error()) return *reader.error();
  return policy;
}

}  // namespace

Result<Policy> parse_policy(std::string_view toml, const std::string& file) {
  return read_policy(toml, file, default_policy());
}

Policy default_policy() {
  auto policy = read_policy(default_policy_text(), "built-in policy", Policy());
  return policy ? std::move(*policy) : Policy();
}

}  // namespace keytrail::inventory
