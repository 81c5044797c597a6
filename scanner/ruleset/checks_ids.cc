// Identifiers with an inner structure: AWS key ids, numbers with a Luhn digit, the parts of Slack tokens.
#include <algorithm>
#include <vector>

#include "scanner/ruleset/checks_families.h"
#include "scanner/ruleset/checks_text.h"

namespace keytrail::ruleset {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kAwsPrefix = 4;  // AKIA, ASIA
constexpr std::size_t kAwsBody = 16;
constexpr std::uint64_t kMaxAwsAccount = 999'999'999'999;

// Key ids of today hold the account's number behind their first bit, 40 bits of it; see
// https://medium.com/@TalBeerySec/a-short-note-on-aws-key-id-f88cc4317489.
std::uint64_t aws_account(std::string_view body) {
  std::uint64_t bits = 0;
  for (const char c : body.substr(0, 10)) bits = bits << 5U | kBase32.find(c);  // 50 bits
  return bits >> 2U >> 7U & 0xFFFFFFFFFFU;
}

// The ids that were given out before the scheme.
bool is_old_aws_body(std::string_view body) { return body[0] == 'I' || body[0] == 'J'; }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

bool is_number(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

// A team's or user's number, as opposed to a version.
constexpr std::size_t kSlackIdDigits = 8;
bool is_slack_id(std::string_view part) { return part.size() >= kSlackIdDigits && is_number(part); }

// 000000000000, 123456789012: numbers of documentation.
bool is_made_up(std::string_view number) {
  return number.find_first_not_of(number.front()) == std::string_view::npos || number.starts_with("123456789");
}

int luhn_sum(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (std::size_t i = digits.size(); i-- > 0;) {
    if (digits[i] == ' ' || digits[i] == '-') continue;
    int value = digits[i] - '0';
    if (twice) value = value > 4 ? 2 * value - 9 : 2 * value;
    sum += value;
    twice = !twice;
  }
  return sum;
}

// Digits in groups: shorter ones pass by chance or are all zero.
bool is_luhn_number(std::string_view text) {
  const auto digits = std::count_if(text.begin(), text.end(), is_digit);
  return digits >= 8 && text.find_first_not_of("0123456789 -") == std::string_view::npos &&
         text.find_first_of("123456789") != std::string_view::npos;
}

}  // namespace

CheckResult check_aws_key_id(std::string_view secret) {
  if (secret.size() != kAwsPrefix + kAwsBody) return outcome_of(false);
  const std::string_view body = secret.substr(kAwsPrefix);
  if (body.find_first_not_of(kBase32) != std::string_view::npos) return outcome_of(false);
  CheckResult result;
  if (is_old_aws_body(body)) return result;
  const std::uint64_t account = aws_account(body);
  if (account > kMaxAwsAccount) return outcome_of(false);
  add_fact(result, "account", digits_of(account, "0123456789", 12));
  return result;
}

bool make_aws_key_id(std::string& secret, std::mt19937_64& random) {
  if (secret.size() != kAwsPrefix + kAwsBody) return false;
  for (std::size_t i = kAwsPrefix; i < secret.size(); ++i) {
    if (kBase32.find(secret[i]) == std::string_view::npos) secret[i] = kBase32[random() % kBase32.size()];
  }
  // Q to 5 give numbers of twelve digits and are none of the old scheme.
  secret[kAwsPrefix] = kBase32[16 + random() % 14];
  return check_aws_key_id(secret).outcome == CheckOutcome::passed;
}

CheckResult check_luhn(std::string_view secret) {
  return outcome_of(is_luhn_number(secret) && luhn_sum(secret) % 10 == 0);
}

bool make_luhn(std::string& secret) {
  if (!is_luhn_number(secret)) return false;
  const std::size_t last = secret.find_last_of("0123456789");
  secret[last] = '0';
  secret[last] = static_cast<char>('0' + (10 - luhn_sum(secret) % 10) % 10);
  return true;
}

CheckResult check_slack_parts(std::string_view secret) {
  const std::vector<std::string_view> parts = split(secret, '-');
  // Refresh and cookie tokens have no numbers in the clear.
  if (secret.starts_with("xoxe") || secret.starts_with("xoxd"))
    return outcome_of(parts.size() > 1 && parts.back().size() >= 20);
  if (parts.size() < 3 || parts.back().size() < 16) return outcome_of(false);
  CheckResult result;
  std::vector<std::string_view> ids;
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    if (!is_slack_id(parts[i])) continue;
    if (is_made_up(parts[i])) return outcome_of(false);
    ids.push_back(parts[i]);
  }
  if (ids.empty()) return outcome_of(false);
  // The workspace and who the token belongs to there; an app's token names the app.
  if (secret.starts_with("xapp-")) {
    if (parts.size() == 5) add_fact(result, "app_id", parts[2]);
  } else if (ids.size() >= 2) {
    add_fact(result, "team_id", ids[0]);
    add_fact(result, "user_id", ids[1]);
  }
  return result;
}

bool make_slack_parts(std::string& secret, std::mt19937_64& random) {
  std::size_t begin = 0;
  const std::string before = secret;
  for (const std::string_view part : split(before, '-')) {
    if (begin != 0 && begin + part.size() < before.size() && is_slack_id(part)) {
      std::string number = random_text("0123456789", part.size(), random);
      number.front() = "3456789"[random() % 7];
      number.back() = number.front() == '4' ? '5' : '4';
      secret.replace(begin, part.size(), number);
    }
    begin += part.size() + 1;
  }
  return check_slack_parts(secret).outcome == CheckOutcome::passed;
}

}  // namespace keytrail::ruleset
