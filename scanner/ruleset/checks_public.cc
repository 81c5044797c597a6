// Public parts of tokens and of the URLs that they stand in: ids that the issuer shows in its lists, regions, dates.
#include <algorithm>
#include <cstdint>

#include "scanner/ruleset/checks_families.h"
#include "scanner/ruleset/checks_text.h"

namespace keytrail::ruleset {
namespace {

constexpr std::string_view kDigits10 = "0123456789";
constexpr std::string_view kUpper36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

// What stands behind `begin`, up to `end`: a public id where it is of `least` to `most` of `alphabet`.
struct PublicPart {
  std::string_view begin;
  std::string_view end;
  std::string_view alphabet;
  std::size_t least;
  std::size_t most;
  std::string_view name;
};

// Of the token itself, which begins so.
constexpr PublicPart kInToken[] = {
    {"tskey-api-", "-", kDigits62, 4, 24, "key_id"},
    {"tskey-auth-", "-", kDigits62, 4, 24, "key_id"},
    {"tskey-client-", "-", kDigits62, 4, 24, "key_id"},
    {"tskey-scim-", "-", kDigits62, 4, 24, "key_id"},
    {"tskey-webhook-", "-", kDigits62, 4, 24, "key_id"},
    {"pat-", "-", kDigits36, 3, 4, "region"},
    {"A3-", "-", kUpper36, 6, 6, "account"},
    {"access_token$production$", "$", kDigits36, 16, 16, "account"},
    {"access_token$sandbox$", "$", kDigits36, 16, 16, "account"},
    {"00D", "!", kDigits62, 12, 15, "org"},
};

// Of the URL that it stands in.
constexpr PublicPart kInUrl[] = {
    {"hooks.slack.com/services/", "/", kUpper36, 8, 12, "team_id"},
    {"hooks.slack.com/workflows/", "/", kUpper36, 8, 12, "team_id"},
    {"hooks.slack.com/triggers/", "/", kUpper36, 8, 12, "team_id"},
    {"/api/webhooks/", "/", kDigits10, 17, 20, "webhook_id"},
};

std::string_view part_behind(std::string_view text, std::size_t at, const PublicPart& part) {
  text.remove_prefix(std::min(text.size(), at + part.begin.size()));
  const std::size_t end = text.find(part.end);
  if (end == std::string_view::npos || end < part.least || end > part.most) return {};
  const std::string_view value = text.substr(0, end);
  return value.find_first_not_of(part.alphabet) == std::string_view::npos ? value : std::string_view();
}

// A ULID: ten characters of Crockford's base 32 are milliseconds since 1970.
void add_ulid_date(std::string_view ulid, CheckResult& result) {
  constexpr std::string_view kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  if (ulid.size() < 10) return;
  std::uint64_t milliseconds = 0;
  for (const char c : ulid.substr(0, 10)) {
    const std::size_t digit = kLetters.find(c);
    if (digit == std::string_view::npos) return;
    milliseconds = milliseconds << 5U | digit;
  }
  add_fact(result, "created", iso_date(static_cast<double>(milliseconds) / 1000));
}

// Keys of the long form name their account behind a 5.
void add_stripe_account(std::string_view key, CheckResult& result) {
  constexpr std::size_t kLong = 90;
  constexpr std::size_t kBegin = std::string_view("sk_live_5").size();
  if (key.size() < kLong || key[kBegin - 1] != '5' || key[kBegin] != '1') return;
  add_fact(result, "account", "acct_" + std::string(key.substr(kBegin, 16)));
}

}  // namespace

void read_public_parts(std::string_view matched, std::string_view secret, CheckResult& result) {
  for (const PublicPart& part : kInToken) {
    if (secret.starts_with(part.begin)) add_fact(result, part.name, part_behind(secret, 0, part));
  }
  for (const PublicPart& part : kInUrl) {
    const std::size_t at = matched.find(part.begin);
    if (at != std::string_view::npos) add_fact(result, part.name, part_behind(matched, at, part));
  }
  if (secret.starts_with("PMAT-")) add_ulid_date(secret.substr(5), result);
  for (const std::string_view begin : {"sk_live_", "sk_test_", "rk_live_", "rk_test_"}) {
    if (secret.starts_with(begin)) add_stripe_account(secret, result);
  }
}

}  // namespace keytrail::ruleset
