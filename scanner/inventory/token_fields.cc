#include "scanner/inventory/token_fields.h"

#include <algorithm>
#include <array>
#include <utility>

#include "scanner/base/dates.h"
#include "scanner/inventory/field_aliases.h"
#include "scanner/inventory/field_text.h"

namespace keytrail::inventory {
namespace {

constexpr std::array<std::string_view, kAllFields> kNames = {"id",
                                                             "service",
                                                             "provider",
                                                             "kind",
                                                             "environment",
                                                             "purpose",
                                                             "owner",
                                                             "backup_owner",
                                                             "access",
                                                             "scopes",
                                                             "reaches_production",
                                                             "regulated",
                                                             "can_write",
                                                             "compliance",
                                                             "storage",
                                                             "approver",
                                                             "created",
                                                             "expires",
                                                             "last_rotated",
                                                             "last_used",
                                                             "rotation_days",
                                                             "state",
                                                             "dependents",
                                                             "identifiers",
                                                             "labels",
                                                             "values",
                                                             "value",
                                                             "hash",
                                                             "last_four"};

Status wrong(const char* what) { return make_error(ErrorCode::invalid_argument, what); }

Status set_date(std::optional<core::Instant>& out, std::string_view text, core::Instant now) {
  const auto date = read_date(text, now);
  if (!date) return date.error();
  out = *date;
  return {};
}

Status set_bool(std::optional<bool>& out, std::string_view text) {
  const std::string word = plain_word(text);
  if (word.empty() || word == "unknown" || word == "na") {
    out.reset();
  } else if (word == "true" || word == "yes" || word == "y" || word == "1" || word == "x") {
    out = true;
  } else if (word == "false" || word == "no" || word == "n" || word == "0") {
    out = false;
  } else {
    return wrong("yes or no is due here");
  }
  return {};
}

Status set_days(std::optional<std::uint32_t>& out, std::string_view text) {
  const auto days = read_days(text);
  if (!days && !plain_word(text).empty())
    return wrong("a number of days is due here, such as 90, 90d, 12w or quarterly");
  out = days;
  return {};
}

Status set_state(core::TokenState& out, std::string_view text) {
  const std::string word = plain_word(text);
  constexpr std::array<std::pair<std::string_view, core::TokenState>, 14> kWords = {
      {{"", core::TokenState::active},
       {"active", core::TokenState::active},
       {"enabled", core::TokenState::active},
       {"live", core::TokenState::active},
       {"inuse", core::TokenState::active},
       {"rotating", core::TokenState::rotating},
       {"pending", core::TokenState::rotating},
       {"revoked", core::TokenState::revoked},
       {"disabled", core::TokenState::revoked},
       {"inactive", core::TokenState::revoked},
       {"deleted", core::TokenState::revoked},
       {"expired", core::TokenState::expired},
       {"compromised", core::TokenState::compromised},
       {"leaked", core::TokenState::compromised}}};
  for (const auto& [name, state] : kWords) {
    if (name != word) continue;
    out = state;
    return {};
  }
  return wrong("the state is one of active, rotating, revoked, expired, compromised");
}

std::string* text_of(core::Token& token, Field field) {
  switch (field) {
    case Field::id:
      return &token.id;
    case Field::service:
      return &token.service;
    case Field::provider:
      return &token.provider;
    case Field::kind:
      return &token.kind;
    case Field::purpose:
      return &token.purpose;
    case Field::owner:
      return &token.owner;
    case Field::backup_owner:
      return &token.backup_owner;
    case Field::compliance:
      return &token.compliance;
    case Field::storage:
      return &token.storage;
    case Field::approver:
      return &token.approver;
    default:
      return nullptr;
  }
}

std::vector<std::string>* list_of(core::Token& token, Field field) {
  if (field == Field::access) return &token.access;
  if (field == Field::scopes) return &token.scopes;
  if (field == Field::dependents) return &token.dependents;
  return nullptr;
}

std::string date_text(const std::optional<core::Instant>& date) { return date ? utc_time(*date) : std::string(); }
std::string bool_text(const std::optional<bool>& truth) { return truth ? (*truth ? "true" : "false") : ""; }

}  // namespace

std::string_view field_name(Field field) { return kNames[static_cast<std::size_t>(field)]; }

std::optional<Field> find_field(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Field>(i);
  }
  return std::nullopt;
}

std::optional<Field> guess_field(std::string_view header) {
  const std::string word = plain_word(header);
  for (const Alias& alias : kAliases) {
    if (alias.words == word) return alias.field;
  }
  // "token.owner", "example.com/owner", "backup owner (team)"
  if (const auto exact = find_field(header)) return exact;
  return std::nullopt;
}

std::string field_text(const core::Token& token, Field field) {
  core::Token& readable = const_cast<core::Token&>(token);  // NOLINT: only read
  if (const std::string* text = text_of(readable, field)) return *text;
  if (const std::vector<std::string>* list = list_of(readable, field)) return list_text(*list);
  switch (field) {
    case Field::environment:
      return token.environment;
    case Field::reaches_production:
      return bool_text(token.reaches_production);
    case Field::regulated:
      return bool_text(token.regulated);
    case Field::can_write:
      return bool_text(token.can_write);
    case Field::created:
      return date_text(token.created);
    case Field::expires:
      return date_text(token.expires);
    case Field::last_rotated:
      return date_text(token.last_rotated);
    case Field::last_used:
      return date_text(token.last_used);
    case Field::rotation_days:
      return token.rotation_days ? std::to_string(*token.rotation_days) : std::string();
    case Field::state:
      return std::string(core::to_string(token.state));
    case Field::identifiers:
      return map_text(token.identifiers);
    case Field::labels:
      return map_text(token.labels);
    default:
      return {};
  }
}

Status set_field(core::Token& token, Field field, std::string_view text, core::Instant now) {
  if (Status good = check_text(text); !good) return good;
  if (field == Field::id) {
    if (Status good = check_id(text); !good) return good;
  }
  if (std::string* out = text_of(token, field)) {
    *out = text;
    return {};
  }
  if (std::vector<std::string>* out = list_of(token, field)) {
    *out = read_list(text);
    return {};
  }
  switch (field) {
    case Field::environment:
      token.environment = normal_environment(text);
      return {};
    case Field::reaches_production:
      return set_bool(token.reaches_production, text);
    case Field::regulated:
      return set_bool(token.regulated, text);
    case Field::can_write:
      return set_bool(token.can_write, text);
    case Field::created:
      return set_date(token.created, text, now);
    case Field::expires:
      return set_date(token.expires, text, now);
    case Field::last_rotated:
      return set_date(token.last_rotated, text, now);
    case Field::last_used:
      return set_date(token.last_used, text, now);
    case Field::rotation_days:
      return set_days(token.rotation_days, text);
    case Field::state:
      return set_state(token.state, text);
    case Field::identifiers:
      return read_map(token.identifiers, text);
    case Field::labels:
      return read_map(token.labels, text);
    default:
      return wrong("this cannot be set");
  }
}

Status set_list(core::Token& token, Field field, std::vector<std::string> list) {
  for (const std::string& item : list) {
    if (Status good = check_text(item); !good) return good;
  }
  std::vector<std::string>* out = list_of(token, field);
  if (out == nullptr) return wrong("this is no list");
  *out = std::move(list);
  return {};
}

}  // namespace keytrail::inventory
