#include "scanner/inventory/token_index.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "scanner/inventory/fingerprint.h"

namespace keytrail::inventory {
namespace {

// Identifiers that one credential alone has.
constexpr std::array<std::string_view, 5> kStrong = {"aws-key-id", "key-id", "public-key", "token-id", "jti"};
// Identifiers that several may share.
constexpr std::array<std::string_view, 3> kWeak = {"kid", "sub", "account"};
constexpr std::size_t kLastFour = 4;

std::string key_of(std::string_view name, std::string_view value) {
  std::string key(name);
  key += '\0';
  key += value;
  return key;
}

void add_field(Sha256& hash, std::string_view text) {
  hash.update(std::to_string(text.size()));
  hash.update(":");
  hash.update(text);
}

// Rules are called `provider-kind`, and a provider may be two words: "new-relic-api-key" is of "newrelic". (Their
// provider's name is not at hand while a scan runs.)
bool is_of_provider(std::string_view rule, std::string_view provider) {
  for (std::size_t dash = rule.find('-'); dash != std::string_view::npos; dash = rule.find('-', dash + 1)) {
    if (plain_provider(rule.substr(0, dash)) == provider) return true;
  }
  return false;
}

}  // namespace

std::string plain_provider(std::string_view provider) {
  std::string plain;
  for (const char c : provider) {
    if (c >= 'A' && c <= 'Z') plain += static_cast<char>(c + ('a' - 'A'));
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain += c;
  }
  return plain;
}

TokenIndex::TokenIndex(const std::vector<core::Token>& tokens, FingerprintOf fingerprint, std::string_view key_check)
    : fingerprint_(std::move(fingerprint)) {
  Sha256 hash;
  add_field(hash, key_check);
  entries_.reserve(tokens.size());
  by_fingerprint_.reserve(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const core::Token& token = tokens[i];
    add(token, static_cast<std::uint32_t>(i));
    for (const std::string* text : {&token.id, &token.kind, &token.provider}) add_field(hash, *text);
    add_field(hash, core::to_string(token.state));
    add_field(hash, std::to_string(token.values.size()));
    for (const core::TokenValue& value : token.values) {
      for (const std::string* text : {&value.scheme, &value.fingerprint, &value.last_four}) add_field(hash, *text);
      add_field(hash, std::to_string(value.length));
    }
    add_field(hash, std::to_string(token.identifiers.size()));
    for (const auto& [name, value] : token.identifiers) {
      add_field(hash, name);
      add_field(hash, value);
    }
  }
  std::sort(by_fingerprint_.begin(), by_fingerprint_.end(), [](const Known& a, const Known& b) {
    return std::tie(a.fingerprint, a.scheme, a.place.entry, a.place.value) <
           std::tie(b.fingerprint, b.scheme, b.place.entry, b.place.value);
  });
  const Sha256Digest digest = hash.digest();
  digest_ = to_hex(digest);
}

void TokenIndex::add(const core::Token& token, std::uint32_t number) {
  Entry& entry = entries_.emplace_back();
  entry.id = token.id;
  entry.rule = token.kind;
  entry.provider = plain_provider(token.provider);
  entry.in_use = token.state != core::TokenState::revoked && token.state != core::TokenState::expired;
  entry.has_fingerprint = !token.values.empty() && !token.values.front().fingerprint.empty();
  if (const auto id = token.identifiers.find("aws-key-id"); id != token.identifiers.end())
    entry.aws_key_id = id->second;
  for (std::size_t i = 0; i < token.values.size(); ++i) {
    const core::TokenValue& value = token.values[i];
    const Place place{number, static_cast<std::uint32_t>(i), value.length};
    if (const auto digest = parse_hex_digest(value.fingerprint)) {
      auto scheme = std::find(schemes_.begin(), schemes_.end(), value.scheme);
      if (scheme == schemes_.end()) scheme = schemes_.insert(schemes_.end(), value.scheme);
      by_fingerprint_.push_back({*digest, static_cast<std::uint32_t>(scheme - schemes_.begin()), place});
    } else if (value.last_four.size() == kLastFour) {
      by_last_four_[value.last_four].push_back(place);
    }
  }
  for (const auto& [name, value] : token.identifiers) by_identifier_[key_of(name, value)].push_back({number, 0, 0});
}

std::optional<core::TokenLink> TokenIndex::identify(const core::SecretView& secret) const {
  if (auto link = by_value(secret.value)) return link;
  if (auto link = by_identifier(secret)) return link;
  return by_last_four(secret);
}

std::optional<core::TokenLink> TokenIndex::by_value(std::string_view value) const {
  for (std::uint32_t scheme = 0; scheme < schemes_.size(); ++scheme) {
    const auto fingerprint = parse_hex_digest(fingerprint_(schemes_[scheme], value));
    if (!fingerprint) continue;
    const auto [begin, end] =
        std::equal_range(by_fingerprint_.begin(), by_fingerprint_.end(), Known{*fingerprint, scheme, {}},
                         [](const Known& a, const Known& b) {
                           return std::tie(a.fingerprint, a.scheme) < std::tie(b.fingerprint, b.scheme);
                         });
    if (begin == end) continue;
    // Several tokens may have had one value: one that has it now and is in use is what matters.
    const auto best = std::min_element(begin, end, [&](const Known& a, const Known& b) {
      const auto rank = [&](const Place& place) {
        const Entry& entry = entries_[place.entry];
        return std::tuple(!entry.in_use, place.value, std::string_view(entry.id));
      };
      return rank(a.place) < rank(b.place);
    });
    return core::TokenLink{entries_[best->place.entry].id, best->place.value, false, "value"};
  }
  return std::nullopt;
}

const TokenIndex::Entry* TokenIndex::only(const std::vector<Place>& places,
                                          const std::function<bool(const Entry&, const Place&)>& wanted) const {
  const Entry* found = nullptr;
  bool several = false;
  for (const Place& place : places) {
    const Entry& entry = entries_[place.entry];
    if (!wanted(entry, place) || &entry == found) continue;
    if (found == nullptr || (entry.in_use && !found->in_use)) {
      found = &entry;
      several = false;
    } else if (entry.in_use == found->in_use) {
      several = true;
    }
  }
  return several ? nullptr : found;
}

bool TokenIndex::same_kind(const Entry& entry, const core::SecretView& secret) const {
  if (!entry.rule.empty()) return entry.rule == secret.rule;
  return !entry.provider.empty() && is_of_provider(secret.rule, entry.provider);
}

std::optional<core::TokenLink> TokenIndex::by_identifier(const core::SecretView& secret) const {
  const auto join = [&](std::string_view name, std::string_view value, bool weak) -> std::optional<core::TokenLink> {
    const auto places = by_identifier_.find(key_of(name, value));
    if (places == by_identifier_.end()) return std::nullopt;
    const Entry* entry = only(places->second, [&](const Entry& candidate, const Place&) {
      if (!weak) return true;
      if (candidate.has_fingerprint) return false;
      if (name != "account") return true;
      // Another key of the same account.
      if (!candidate.aws_key_id.empty()) return false;
      return candidate.provider.empty() || is_of_provider(secret.rule, candidate.provider);
    });
    if (entry == nullptr) return std::nullopt;
    return core::TokenLink{entry->id, 0, true, std::string(name)};
  };
  // A key id is public by its nature, but what scanners find first.
  for (const std::string_view name : kStrong) {
    if (auto link = join(name, secret.value, false)) return link;
  }
  for (const bool weak : {false, true}) {
    for (const auto& [fact, value] : secret.facts) {
      // Reports write "key_id", the inventory "key-id".
      std::string name = fact;
      std::replace(name.begin(), name.end(), '_', '-');
      const bool known = weak ? std::find(kWeak.begin(), kWeak.end(), name) != kWeak.end()
                              : std::find(kStrong.begin(), kStrong.end(), name) != kStrong.end();
      if (!known || value.empty()) continue;
      if (auto link = join(name, value, weak)) return link;
    }
  }
  return std::nullopt;
}

std::optional<core::TokenLink> TokenIndex::by_last_four(const core::SecretView& secret) const {
  if (by_last_four_.empty() || secret.value.size() < 3 * kLastFour) return std::nullopt;
  const auto places = by_last_four_.find(std::string(secret.value.substr(secret.value.size() - kLastFour)));
  if (places == by_last_four_.end()) return std::nullopt;
  const Entry* entry = only(places->second, [&](const Entry& candidate, const Place& place) {
    return same_kind(candidate, secret) && (place.length == 0 || place.length == secret.value.size());
  });
  if (entry == nullptr) return std::nullopt;
  return core::TokenLink{entry->id, 0, true, "last-four"};
}

}  // namespace keytrail::inventory
