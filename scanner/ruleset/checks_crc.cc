// CRC-32 (IEEE, as zlib computes it) at the end of a token. GitHub says so itself, and that the number is in base 62:
// https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/. The others' encodings are known from
// published tokens.
#include <algorithm>
#include <charconv>
#include <utility>

#include "scanner/base/hash.h"
#include "scanner/ruleset/checks_families.h"
#include "scanner/ruleset/checks_text.h"

namespace keytrail::ruleset {
namespace {

// Where in a token its checksum stands.
struct Parts {
  std::string_view covered;   // what the checksum is over
  std::string_view checksum;  // as written, at the token's end
};

// prefix_ + body, whose last six characters are the checksum of the others. 36 characters, or 76 of GitHub's refresh
// tokens.
std::optional<Parts> base62_parts(std::string_view secret, std::string_view prefix_begin, bool long_form) {
  const std::size_t bar = secret.find('_');
  if (!secret.starts_with(prefix_begin) || bar == std::string_view::npos) return std::nullopt;
  const std::string_view body = secret.substr(bar + 1);
  if (body.size() != 36 && !(long_form && body.size() == 76)) return std::nullopt;
  return Parts{body.substr(0, body.size() - 6), body.substr(body.size() - 6)};
}

// glsa_ + 32 characters + "_" + checksum of the 37 before.
std::optional<Parts> grafana_parts(std::string_view secret) {
  if (secret.size() != 46 || !secret.starts_with("glsa_") || secret[37] != '_') return std::nullopt;
  return Parts{secret.substr(0, 37), secret.substr(38)};
}

// prefix + payload + "." + version + "." + two digits (the payload's length) + seven digits (checksum of all before);
// older ones have no version.
struct RoutableParts {
  std::size_t payload_at = 0;
  std::size_t payload_size = 0;
  std::size_t length_at = 0;
  std::size_t checksum_at = 0;
};

std::optional<RoutableParts> routable_parts(std::string_view secret) {
  constexpr std::size_t kTail = 1 + 2 + 7;
  const std::size_t hyphen = secret.find('-');
  if (secret.size() <= kTail || hyphen == std::string_view::npos) return std::nullopt;
  const std::size_t tail = secret.size() - kTail;
  std::size_t begin = hyphen + 1;
  // A runner token's prefix goes on with its type: "glrt-t1_".
  if (secret.starts_with("glrt-t") && secret.size() > begin + 3 && secret[begin + 2] == '_') begin += 3;
  const std::size_t end = secret.find('.', begin);
  if (end != tail && (end == std::string_view::npos || end + 3 != tail || secret[tail] != '.')) return std::nullopt;
  return RoutableParts{begin, end - begin, tail + 1, tail + 3};
}

// The payload is base64 of random bytes, lines such as "o:1" whose values are in base 36, and one byte: how long the
// lines are.
void read_routing(std::string_view payload, CheckResult& result) {
  constexpr std::pair<char, std::string_view> kNames[] = {
      {'c', "cell"}, {'g', "group_id"}, {'o', "org"}, {'p', "project_id"}, {'u', "user_id"}};
  const auto bytes = decode_base64(payload);
  if (!bytes || bytes->empty()) return;
  const std::size_t size = static_cast<std::uint8_t>(bytes->back());
  if (size + 1 > bytes->size()) return;
  std::string_view lines = std::string_view(*bytes).substr(bytes->size() - 1 - size, size);
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    std::uint64_t value = 0;
    const char* const end = line.data() + line.size();
    if (line.size() < 3 || line[1] != ':' || std::from_chars(line.data() + 2, end, value, 36).ptr != end) continue;
    for (const auto& [letter, name] : kNames) {
      if (letter == line[0]) add_fact(result, name, std::to_string(value));
    }
  }
}

CheckResult check_routable(std::string_view secret) {
  const auto parts = routable_parts(secret);
  if (!parts) return outcome_of(false);
  const std::string length = digits_of(parts->payload_size, kDigits36, 2);
  const std::string checksum = digits_of(crc32(secret.substr(0, parts->checksum_at)), kDigits36, 7);
  CheckResult result =
      outcome_of(secret.substr(parts->length_at, 2) == length && secret.substr(parts->checksum_at) == checksum);
  if (result.outcome == CheckOutcome::passed) {
    read_routing(secret.substr(parts->payload_at, parts->payload_size), result);
  }
  return result;
}

// GitHub's stateless installation tokens are "ghs_", an app id, "_" and a JSON Web Token: no CRC.
CheckResult check_github(std::string_view secret, const std::optional<Parts>& parts) {
  if (parts) return outcome_of(digits_of(crc32(parts->covered), kDigits62, 6) == parts->checksum);
  const std::size_t jwt = secret.find("_eyJ");
  if (secret.starts_with("ghs_") && jwt != std::string_view::npos) return check_jwt(secret.substr(jwt + 1));
  return outcome_of(false);
}

// Grafana writes the four bytes in the order of the machine: little-endian.
std::string grafana_checksum(std::string_view covered) {
  return digits_of(__builtin_bswap32(crc32(covered)), kDigits36.substr(0, 16), 8);
}

std::optional<Parts> parts_of(CheckId check, std::string_view secret) {
  if (check == CheckId::github_crc32) return base62_parts(secret, "gh", true);
  if (check == CheckId::npm_crc32) return base62_parts(secret, "npm_", false);
  return grafana_parts(secret);
}

}  // namespace

CheckResult check_crc(CheckId check, std::string_view secret) {
  if (check == CheckId::gitlab_routable) return check_routable(secret);
  const std::optional<Parts> parts = parts_of(check, secret);
  if (check == CheckId::github_crc32) return check_github(secret, parts);
  if (!parts) return outcome_of(false);
  const std::string wanted = check == CheckId::grafana_crc32 ? grafana_checksum(parts->covered)
                                                             : digits_of(crc32(parts->covered), kDigits62, 6);
  return outcome_of(wanted == parts->checksum);
}

bool make_crc(CheckId check, std::string& secret, std::mt19937_64& random) {
  if (check == CheckId::gitlab_routable) {
    const auto parts = routable_parts(secret);
    if (!parts || parts->payload_size >= std::size_t{36} * 36) return false;
    secret.replace(parts->length_at, 2, digits_of(parts->payload_size, kDigits36, 2));
    secret.resize(parts->checksum_at);
    secret += digits_of(crc32(secret), kDigits36, 7);
    return true;
  }
  const std::optional<Parts> parts = parts_of(check, secret);
  if (!parts) {
    const std::size_t jwt = secret.find("_eyJ");
    if (check != CheckId::github_crc32 || jwt == std::string::npos) return false;
    std::string token = secret.substr(jwt + 1);
    if (!make_jwt(token, random)) return false;
    secret = secret.substr(0, jwt + 1) + token;
    return true;
  }
  const std::string checksum = check == CheckId::grafana_crc32 ? grafana_checksum(parts->covered)
                                                               : digits_of(crc32(parts->covered), kDigits62, 6);
  secret.replace(secret.size() - checksum.size(), checksum.size(), checksum);
  return true;
}

}  // namespace keytrail::ruleset
