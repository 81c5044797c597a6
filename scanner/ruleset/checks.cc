#include "scanner/ruleset/checks.h"

#include "scanner/ruleset/checks_families.h"

namespace keytrail::ruleset {

CheckResult run_check(CheckId check, std::string_view matched, std::string_view secret, std::string_view around) {
  switch (check) {
    case CheckId::none:
      break;
    case CheckId::github_crc32:
    case CheckId::npm_crc32:
    case CheckId::gitlab_routable:
    case CheckId::grafana_crc32:
      return check_crc(check, secret);
    case CheckId::aws_key_id:
      return check_aws_key_id(secret);
    case CheckId::jwt:
      return check_jwt(secret);
    case CheckId::pem:
      return check_pem(matched.size() >= secret.size() ? matched : secret);
    case CheckId::ppk:
      return check_ppk(matched.size() >= secret.size() ? matched : secret);
    case CheckId::luhn:
      return check_luhn(secret);
    case CheckId::base64_json:
      return check_base64_json(secret);
    case CheckId::slack_parts:
      return check_slack_parts(secret);
    case CheckId::url_password:
      return check_url_password(matched, secret);
    case CheckId::basic_auth:
      return check_basic_auth(secret);
    case CheckId::issuer_checksum:
      return check_issuer_checksum(secret, around);
    case CheckId::azure_marvin:
      return check_azure_marvin(secret);
    case CheckId::issuer_parts:
      return check_issuer_parts(matched, secret);
    case CheckId::data_center:
      return check_data_center(secret);
    case CheckId::bip39:
      return check_bip39(secret);
    case CheckId::structure:
      return check_structure(matched, secret);
  }
  return {};
}

bool make_valid(CheckId check, std::string& secret, std::mt19937_64& random) {
  switch (check) {
    case CheckId::none:
      break;
    case CheckId::github_crc32:
    case CheckId::npm_crc32:
    case CheckId::gitlab_routable:
    case CheckId::grafana_crc32:
      return make_crc(check, secret, random);
    case CheckId::aws_key_id:
      return make_aws_key_id(secret, random);
    case CheckId::jwt:
      return make_jwt(secret, random);
    case CheckId::pem:
      return make_pem(secret, random);
    case CheckId::ppk:
      return make_ppk(secret, random);
    case CheckId::luhn:
      return make_luhn(secret);
    case CheckId::base64_json:
      return make_base64_json(secret, random);
    case CheckId::slack_parts:
      return make_slack_parts(secret, random);
    case CheckId::url_password:
      return make_url_password(secret, random);
    case CheckId::basic_auth:
      return make_basic_auth(secret, random);
    case CheckId::data_center:
      return make_data_center(secret, random);
    case CheckId::bip39:
      return make_bip39(secret, random);
    case CheckId::issuer_checksum:
    case CheckId::azure_marvin:
    case CheckId::issuer_parts:
    case CheckId::structure:
      break;
  }
  return false;
}

std::optional<CheckId> parse_check(std::string_view name) {
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(kLastCheck); ++i) {
    const auto check = static_cast<CheckId>(i);
    if (to_string(check) == name) return check;
  }
  return std::nullopt;
}

}  // namespace keytrail::ruleset
