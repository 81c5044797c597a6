// The checks by family, for checks.cc alone. Each family has a function that checks and one that makes a generated
// secret pass, with the meaning that checks.h gives them.
#pragma once

#include <random>
#include <string>
#include <string_view>

#include "scanner/ruleset/checks.h"

namespace keytrail::ruleset {

// checks_crc.cc: github_crc32, npm_crc32, gitlab_routable, grafana_crc32.
CheckResult check_crc(CheckId check, std::string_view secret);
bool make_crc(CheckId check, std::string& secret, std::mt19937_64& random);

// checks_ids.cc
CheckResult check_aws_key_id(std::string_view secret);
bool make_aws_key_id(std::string& secret, std::mt19937_64& random);
CheckResult check_luhn(std::string_view secret);
bool make_luhn(std::string& secret);
CheckResult check_slack_parts(std::string_view secret);
bool make_slack_parts(std::string& secret, std::mt19937_64& random);

// checks_json.cc
CheckResult check_jwt(std::string_view secret);
bool make_jwt(std::string& secret, std::mt19937_64& random);
CheckResult check_base64_json(std::string_view secret);
bool make_base64_json(std::string& secret, std::mt19937_64& random);

// Adds what a JSON object in base64 says of its token, under names that are known to hold nothing secret.
void read_json_parts(std::string_view secret, CheckResult& result);

// checks_issuer.cc, checks_marvin.cc. Nothing is made: a mismatch is no failure.
CheckResult check_issuer_checksum(std::string_view secret, std::string_view around);
CheckResult check_azure_marvin(std::string_view secret);

// checks_public.cc. Adds what stands in the clear in a token or in its URL.
void read_public_parts(std::string_view matched, std::string_view secret, CheckResult& result);

// checks_parts.cc
CheckResult check_issuer_parts(std::string_view matched, std::string_view secret);
CheckResult check_data_center(std::string_view secret);
bool make_data_center(std::string& secret, std::mt19937_64& random);

// checks_bip39.cc
CheckResult check_bip39(std::string_view secret);
bool make_bip39(std::string& secret, std::mt19937_64& random);

// checks_structure.cc. Nothing is made: a mismatch drops nothing.
CheckResult check_structure(std::string_view matched, std::string_view secret);

// checks_block.cc. `text` begins with the block's header and goes on at least to its end.
CheckResult check_pem(std::string_view text);
bool make_pem(std::string& text, std::mt19937_64& random);
CheckResult check_ppk(std::string_view text);
bool make_ppk(std::string& text, std::mt19937_64& random);

// checks_password.cc
CheckResult check_url_password(std::string_view matched, std::string_view secret);
bool make_url_password(std::string& secret, std::mt19937_64& random);
CheckResult check_basic_auth(std::string_view secret);
bool make_basic_auth(std::string& secret, std::mt19937_64& random);

}  // namespace keytrail::ruleset
