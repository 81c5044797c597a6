// The fields of a token by name: what CSV columns, JSON members, `--map` and `inventory add` call them, and each as a
// text and back. Pure.
//
// Lists are written "a; b", or as a JSON array where an item would not come back from that; maps as a JSON object.
// Dates are written "2026-01-31T12:00:00Z" and read in many forms. An empty text means "unknown".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/token.h"

namespace keytrail::inventory {

enum class Field : std::uint8_t {
  id,
  service,
  provider,
  kind,
  environment,
  purpose,
  owner,
  backup_owner,
  access,
  scopes,
  reaches_production,
  regulated,
  can_write,
  compliance,
  storage,
  approver,
  created,
  expires,
  last_rotated,
  last_used,
  rotation_days,
  state,
  dependents,
  identifiers,
  labels,
  values,  // fingerprints with their dates, as an export writes them
  // Of imports alone: no part of a token.
  value,  // in the clear: fingerprinted and forgotten
  hash,   // of the value, as a key database keeps it
  last_four,
};
inline constexpr std::size_t kTokenFields = static_cast<std::size_t>(Field::values);  // those before it
inline constexpr std::size_t kAllFields = static_cast<std::size_t>(Field::last_four) + 1;

// "last_rotated"
std::string_view field_name(Field field);
std::optional<Field> find_field(std::string_view name);
// What a header or a tag that people wrote means: "Team", "Last Rotation Date", "env". Nothing where that is not plain.
std::optional<Field> guess_field(std::string_view header);

std::string field_text(const core::Token& token, Field field);
// invalid_argument says what is wrong with the text, without repeating it. `now` is for dates such as "30d".
Status set_field(core::Token& token, Field field, std::string_view text, core::Instant now);
Status set_list(core::Token& token, Field field, std::vector<std::string> list);

// "2026-01-31", ISO 8601 with fractions, seconds or milliseconds since 1970; "30d" (that long ago). Nothing for
// "never", "N/A", "-" and the like; an error for what cannot be read or could be two dates.
Result<std::optional<core::Instant>> read_date(std::string_view text, core::Instant now);

// "prod" -> "production"; others in lower case as they are.
std::string normal_environment(std::string_view text);
// The environment that a part of a path or a name tells; empty when none does.
std::string environment_of_path(std::string_view path);

// Whether a text can be stored: valid UTF-8, no zero byte, not over 16 KiB; an id besides: no control characters, 512
// bytes.
Status check_text(std::string_view text);
Status check_id(std::string_view id);

}  // namespace keytrail::inventory
