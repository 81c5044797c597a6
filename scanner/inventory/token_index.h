// Tokens by everything that a found secret can be recognised by. Built once, then immutable: any thread.
//
// By the value first: its fingerprint under each scheme that the inventory has. Where that tells nothing, by what else
// identifies a credential; such a join is `probable`, and made only where one token alone can be meant:
//   aws-key-id, key-id, public-key, jti  the secret itself, or a fact that was read off it, is this identifier of it
//   kid, sub                             claims of a JWT
//   account                              the account that an AWS key id names, of the same provider
//   last-four                            the token's rule (or provider), the last four characters, and the length
// The last three only of tokens whose current value has no fingerprint: where it has one, it would have been the value.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/base/hash.h"
#include "scanner/core/token.h"
#include "scanner/core/token_probe.h"

namespace keytrail::inventory {

// The fingerprint of a value under a scheme, lower-case hexadecimal; empty where its key is not at hand. Called from
// any thread.
using FingerprintOf = std::function<std::string(const std::string& scheme, std::string_view value)>;

class TokenIndex : public core::TokenProbe {
 public:
  // `tokens` is read here and not kept. `key_check` names the key that fingerprints are made with; it goes into
  // digest().
  TokenIndex(const std::vector<core::Token>& tokens, FingerprintOf fingerprint, std::string_view key_check);

  std::optional<core::TokenLink> identify(const core::SecretView& secret) const override;
  std::string digest() const override { return digest_; }

 private:
  struct Entry {
    std::string id;
    std::string rule;      // its kind
    std::string provider;  // as providers are compared
    bool in_use = true;
    bool has_fingerprint = false;  // of its current value
    std::string aws_key_id;
  };
  struct Place {
    std::uint32_t entry = 0;
    std::uint32_t value = 0;
    std::uint32_t length = 0;
  };
  struct Known {
    Sha256Digest fingerprint{};
    std::uint32_t scheme = 0;  // of schemes_
    Place place;
  };
  using Places = std::unordered_map<std::string, std::vector<Place>>;

  void add(const core::Token& token, std::uint32_t number);
  std::optional<core::TokenLink> by_value(std::string_view value) const;
  std::optional<core::TokenLink> by_identifier(const core::SecretView& secret) const;
  std::optional<core::TokenLink> by_last_four(const core::SecretView& secret) const;
  bool same_kind(const Entry& entry, const core::SecretView& secret) const;
  // The one entry of `places` that `wanted` holds for; one in use goes before others. Nothing for several.
  const Entry* only(const std::vector<Place>& places,
                    const std::function<bool(const Entry&, const Place&)>& wanted) const;

  FingerprintOf fingerprint_;
  std::string digest_;
  std::vector<Entry> entries_;
  std::vector<std::string> schemes_;
  std::vector<Known> by_fingerprint_;  // sorted
  Places by_identifier_;               // name and value, a NUL between them
  Places by_last_four_;
};

// Providers as they are compared: lower case, letters and digits alone.
std::string plain_provider(std::string_view provider);

}  // namespace keytrail::inventory
