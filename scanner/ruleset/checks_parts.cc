// What can be read off a token without asking its issuer: whose it is, when it was made, where it counts. By the
// token's prefix; a token that does not decode is none the worse for it, for what is known are observed forms.
#include <algorithm>
#include <charconv>
#include <cstdint>

#include "scanner/base/text.h"
#include "scanner/ruleset/checks_families.h"
#include "scanner/ruleset/checks_text.h"

namespace keytrail::ruleset {
namespace {

bool is_number(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

std::uint64_t number_of(std::string_view text, int base = 10) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

std::string date_of(std::uint64_t seconds) {
  return seconds == 0 ? std::string() : iso_date(static_cast<double>(seconds));
}

// `text` up to the first `end`, or nothing.
std::string_view before(std::string_view text, std::string_view end) {
  const std::size_t at = text.find(end);
  return at == std::string_view::npos ? std::string_view() : text.substr(0, at);
}

// What stands between `begin` and one of `ends`, or the end of the text.
std::string_view between(std::string_view text, std::string_view begin, std::string_view ends) {
  const std::size_t at = text.find(begin);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + begin.size());
  return text.substr(0, text.find_first_of(ends));
}

// A macaroon: version 2, then fields of (type, length, bytes); the second one is the token's id.
void read_pypi(std::string_view secret, CheckResult& result) {
  std::string_view body = secret.substr(5);
  const auto bytes = decode_base64(body.substr(0, body.size() / 4 * 4));
  if (!bytes || bytes->size() < 4 || (*bytes)[0] != 2 || (*bytes)[1] != 1) return;
  const auto size = static_cast<std::uint8_t>((*bytes)[2]);
  const std::size_t second = 3U + size;
  if (bytes->size() < second + 2 || (*bytes)[second] != 2) return;
  const auto id_size = static_cast<std::uint8_t>((*bytes)[second + 1]);
  if (bytes->size() < second + 2 + id_size || id_size != 36) return;
  add_fact(result, "issuer", std::string_view(*bytes).substr(3, size));
  add_fact(result, "token_id", std::string_view(*bytes).substr(second + 2, id_size));
}

void read_discord(std::string_view secret, CheckResult& result) {
  const std::string_view first = before(secret, ".");
  const std::string_view second = before(secret.substr(std::min(secret.size(), first.size() + 1)), ".");
  const auto user = decode_base64(first);
  if (!user || !is_number(*user)) return;
  add_fact(result, "user_id", *user);
  const auto time = decode_base64(second);
  if (!time || time->size() != 4) return;
  std::uint64_t seconds = 0;
  for (const char c : *time) seconds = seconds << 8U | static_cast<std::uint8_t>(c);
  // Older tokens count from 2011.
  constexpr std::uint64_t kEpoch = 1'293'840'000;
  if (seconds < 1'000'000'000) seconds += kEpoch;
  add_fact(result, "created", date_of(seconds));
}

void read_bedrock(std::string_view secret, CheckResult& result) {
  std::string_view body = secret.substr(4);
  body = body.substr(0, std::min(body.find('='), body.size()));
  const auto text = decode_base64(body.substr(0, body.size() / 4 * 4));
  if (!text) return;
  const std::string_view account = between(*text, "-at-", ":");
  if (account.size() == 12 && is_number(account)) add_fact(result, "account", account);
}

void read_bedrock_url(std::string_view secret, CheckResult& result) {
  std::string_view body = secret.substr(std::string_view("bedrock-api-key-").size());
  body = body.substr(0, body.find_first_of("=%"));
  const auto text = decode_base64(body.substr(0, body.size() / 4 * 4));
  if (!text) return;
  std::string_view credential = between(*text, "X-Amz-Credential=", "&");
  std::string plain;
  for (std::size_t i = 0; i < credential.size(); ++i) {
    const bool slash = lower(credential.substr(i, 3)) == "%2f";
    plain += slash ? '/' : credential[i];
    i += slash ? 2 : 0;
  }
  add_fact(result, "key_id", before(plain, "/"));
  const std::string_view rest = std::string_view(plain).substr(std::min(plain.size(), plain.find('/') + 1));
  add_fact(result, "date", before(rest, "/"));
  add_fact(result, "region", before(rest.substr(std::min(rest.size(), rest.find('/') + 1)), "/"));
  add_fact(result, "lifetime_seconds", between(*text, "X-Amz-Expires=", "&"));
}

void read_jfrog(std::string_view secret, CheckResult& result) {
  const auto text = decode_base64(secret.substr(0, secret.size() / 4 * 4));
  if (!text || !text->starts_with("reftkn:01:")) return;
  const std::string_view seconds = between(*text, "reftkn:01:", ":");
  if (is_number(seconds)) add_fact(result, "exp", date_of(number_of(seconds)));
}

void read_sas(std::string_view matched, CheckResult& result) {
  add_fact(result, "exp", between(matched, "se=", "&\"' "));
  add_fact(result, "permissions", between(matched, "sp=", "&\"' "));
}

// The part of a token that its issuer calls its id, and shows in lists.
void read_public_part(std::string_view name, std::string_view part, std::size_t size, CheckResult& result) {
  if (part.size() == size) add_fact(result, name, part);
}

void read_parts(std::string_view matched, std::string_view value, CheckResult& result) {
  if (value.starts_with("pypi-")) return read_pypi(value, result);
  if (value.starts_with("ABSK")) return read_bedrock(value, result);
  if (value.starts_with("bedrock-api-key-")) return read_bedrock_url(value, result);
  if (value.starts_with("cmVmdGtu")) return read_jfrog(value, result);
  if (value.starts_with("SG.")) return read_public_part("key_id", before(value.substr(3), "."), 22, result);
  if (value.starts_with("pat") && value.size() == 82) {
    return read_public_part("token_id", before(value, "."), 17, result);
  }
  if (value.starts_with("dt0")) {
    return read_public_part("token_id", before(value.substr(std::min<std::size_t>(7, value.size())), "."), 24, result);
  }
  if (value.starts_with("PMAK-")) return add_fact(result, "created", date_of(number_of(value.substr(5, 8), 16)));
  if (matched.find("sig=") != std::string_view::npos) return read_sas(matched, result);
  if (const std::size_t colon = value.find(':'); colon != std::string_view::npos && is_number(value.substr(0, colon))) {
    return add_fact(result, "bot_id", value.substr(0, colon));
  }
  if (const std::size_t us = value.find("-us"); us == 32) return add_fact(result, "data_centre", value.substr(33));
  read_discord(value, result);
}

}  // namespace

CheckResult check_issuer_parts(std::string_view matched, std::string_view secret) {
  CheckResult result;
  read_public_parts(matched, secret, result);
  if (result.facts.empty()) read_parts(matched, secret, result);
  if (result.facts.empty()) read_json_parts(secret, result);
  result.outcome = result.facts.empty() ? CheckOutcome::unknown : CheckOutcome::passed;
  return result;
}

// Base64 of twelve digits, ":" and 20 bytes: https://confluence.atlassian.com/enterprise (tokens of the Data Center).
CheckResult check_data_center(std::string_view secret) {
  if (secret.starts_with("BBDC-")) secret.remove_prefix(5);
  const auto bytes = decode_base64(secret);
  if (!bytes || bytes->size() != 33 || (*bytes)[12] != ':') return outcome_of(false);
  const std::string_view id = std::string_view(*bytes).substr(0, 12);
  if (!is_number(id)) return outcome_of(false);
  CheckResult result;
  add_fact(result, "token_id", id);
  return result;
}

bool make_data_center(std::string& secret, std::mt19937_64& random) {
  const std::string prefix = secret.starts_with("BBDC-") ? "BBDC-" : "";
  std::string bytes = random_text("123456789", 12, random) + ":";
  for (int i = 0; i < 20; ++i) bytes += static_cast<char>(random() & 0xFFU);
  secret = prefix + encode_base64(bytes, false);
  return true;
}

}  // namespace keytrail::ruleset
