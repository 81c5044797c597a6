// What a scan asks of the inventory: whose value is this? Handed to scan by cli, so that neither knows the other.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/match.h"
#include "scanner/core/token.h"

namespace keytrail::core {

// A matched secret, for the length of one call: nothing of it is kept.
struct SecretView {
  std::string_view value;
  std::string_view rule;  // id: "github-app-token"
  const std::vector<Fact>& facts;
};

// Answers are a function of the inventory and the secret. All members may be called by any number of threads at once.
class TokenProbe {
 public:
  TokenProbe() = default;
  TokenProbe(const TokenProbe&) = delete;
  TokenProbe& operator=(const TokenProbe&) = delete;
  virtual ~TokenProbe() = default;

  // The token that has or had this value; else the one token that it probably is; nothing for an unknown one.
  virtual std::optional<TokenLink> identify(const SecretView& secret) const = 0;

  // Names all that the answers depend on: with an equal digest, what was identified in an earlier run still holds.
  virtual std::string digest() const = 0;
};

}  // namespace keytrail::core
