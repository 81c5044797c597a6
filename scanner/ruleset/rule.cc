#include "scanner/ruleset/rule.h"

#include <algorithm>
#include <limits>

namespace keytrail::ruleset {
namespace {

std::uint64_t longest(const std::vector<std::string>& words) {
  std::uint64_t size = 0;
  for (const std::string& word : words) size = std::max<std::uint64_t>(size, word.size());
  return size;
}

}  // namespace

std::uint32_t Rule::window() const {
  const std::uint64_t word = longest(context);
  std::uint64_t reach = 0;
  for (const Anchor& anchor : anchors) {
    std::uint64_t here = max_width;
    if (anchor.place == AnchorPlace::context) {
      here += context_distance + std::max<std::uint64_t>(word, anchor.max_width);
    } else {
      here += anchor.max_before;
      if (anchor.is_pattern) here += anchor.max_width;
      if (!context.empty()) here += context_distance + word;
    }
    reach = std::max(reach, here);
  }
  std::uint64_t companion = 0;
  for (const Companion& other : companions) companion = std::max<std::uint64_t>(companion, other.within);
  const std::uint64_t total = reach + block_bytes + companion + kLineContext;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(total, std::numeric_limits<std::uint32_t>::max()));
}

std::string_view to_string(RuleKind kind) {
  switch (kind) {
    case RuleKind::block:
      return "block";
    case RuleKind::token:
      return "token";
    case RuleKind::context:
      return "context";
    case RuleKind::password:
      return "password";
    case RuleKind::generic:
      return "generic";
  }
  return "unknown";
}

std::string_view to_string(Category category) {
  switch (category) {
    case Category::provider_token:
      return "provider-token";
    case Category::private_key:
      return "private-key";
    case Category::connection_string:
      return "connection-string";
    case Category::password:
      return "password";
    case Category::header:
      return "header";
    case Category::generic:
      return "generic";
  }
  return "unknown";
}

std::string_view to_string(CheckId check) {
  switch (check) {
    case CheckId::none:
      return "none";
    case CheckId::github_crc32:
      return "github-crc32";
    case CheckId::npm_crc32:
      return "npm-crc32";
    case CheckId::aws_key_id:
      return "aws-key-id";
    case CheckId::jwt:
      return "jwt";
    case CheckId::pem:
      return "pem";
    case CheckId::ppk:
      return "ppk";
    case CheckId::luhn:
      return "luhn";
    case CheckId::gitlab_routable:
      return "gitlab-routable";
    case CheckId::grafana_crc32:
      return "grafana-crc32";
    case CheckId::base64_json:
      return "base64-json";
    case CheckId::slack_parts:
      return "slack-parts";
    case CheckId::url_password:
      return "url-password";
    case CheckId::basic_auth:
      return "basic-auth";
    case CheckId::issuer_checksum:
      return "issuer-checksum";
    case CheckId::azure_marvin:
      return "azure-marvin";
    case CheckId::issuer_parts:
      return "issuer-parts";
    case CheckId::data_center:
      return "data-center";
    case CheckId::bip39:
      return "bip39";
    case CheckId::structure:
      return "structure";
  }
  return "unknown";
}

}  // namespace keytrail::ruleset
