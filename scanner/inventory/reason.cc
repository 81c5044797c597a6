#include "scanner/inventory/reason.h"

#include <algorithm>
#include <array>
#include <utility>

#include "scanner/base/dates.h"

namespace keytrail::inventory {
namespace {

constexpr core::Instant kDay = 86400;

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kNames = {{
    {"aws", "AWS"},
    {"github", "GitHub"},
    {"gitlab", "GitLab"},
    {"gcp", "Google Cloud"},
    {"openai", "OpenAI"},
    {"sendgrid", "SendGrid"},
    {"newrelic", "New Relic"},
    {"digitalocean", "DigitalOcean"},
    {"pagerduty", "PagerDuty"},
    {"npm", "npm"},
    {"pypi", "PyPI"},
    {"jwt", "JWT"},
}};

}  // namespace

std::string provider_name(const std::string& provider) {
  if (provider.empty() || provider == "own") return {};
  for (const auto& [id, name] : kNames) {
    if (id == provider) return std::string(name);
  }
  std::string name = provider;
  if (name.front() >= 'a' && name.front() <= 'z') name.front() = static_cast<char>(name.front() - ('a' - 'A'));
  return name;
}

std::string subject_of(const core::Token& token) {
  const std::string provider = provider_name(token.provider);
  std::string kind = token.environment.empty() ? "" : token.environment + " ";
  kind += provider.empty() ? "token" : provider + " token";
  if (token.service.empty()) return "the " + kind + " " + token.id;
  return token.service + "'s " + kind;
}

std::string days_between(core::Instant from, core::Instant to) {
  const core::Instant days = std::max<core::Instant>(0, to - from) / kDay;
  return std::to_string(days) + (days == 1 ? " day" : " days");
}

std::string history_of(const core::Token& token, core::Instant now) {
  std::string text = token.owner.empty() ? ", without an owner" : ", owner " + token.owner;
  if (!token.created) {
    text += ", created nobody knows when";
  } else if (*token.created > now) {
    text += ", to be created on " + utc_day(*token.created);
  } else {
    text += ", created " + days_between(*token.created, now) + " ago";
  }
  return text + (token.last_rotated ? ", last rotated on " + utc_day(*token.last_rotated) : ", never rotated");
}

std::string join_in_words(const std::string& joined_by) {
  if (joined_by == "last-four") return "its kind and last four characters";
  if (joined_by == "account") return "its account";
  if (joined_by == "aws-key-id") return "its AWS key id";
  if (joined_by == "public-key") return "its public key";
  if (joined_by == "kid" || joined_by == "sub") return "the " + joined_by + " claim of a JWT";
  return "its " + joined_by;
}

}  // namespace keytrail::inventory
