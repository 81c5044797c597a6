#include "scanner/cli/scheme_keys.h"

#include <cstdlib>
#include <utility>

#include "scanner/base/hash.h"
#include "scanner/base/text.h"
#include "scanner/cli/environment.h"

namespace keytrail::cli {
namespace {

// Nothing where neither variable is set.
Result<std::optional<SecretString>> read_key(const std::string& scheme) {
  const std::string name = scheme_key_variable(scheme);
  const char* text = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
  if (text != nullptr && *text != '\0') return std::optional<SecretString>(SecretString(text));
  const std::string file = variable(name + "_FILE");
  if (file.empty()) return std::optional<SecretString>();
  auto key = inventory::read_key_file(file);
  if (!key) return key.error();
  key->trim_line_end();
  if (key->size() == 0) return make_error(ErrorCode::invalid_argument, "the key file is empty", file);
  return std::optional<SecretString>(std::move(*key));
}

}  // namespace

std::string scheme_key_variable(const std::string& scheme) {
  std::string name = "KEYTRAIL_SCHEME_KEY_";
  for (const char c : scheme)
    name += is_alnum(c) ? (is_upper(c) || is_digit(c) ? c : static_cast<char>(c & ~0x20)) : '_';
  return name;
}

Result<SchemeKeys> SchemeKeys::load(const std::vector<inventory::HashScheme>& schemes,
                                    const inventory::Fingerprinter* own) {
  SchemeKeys keys;
  keys.own_ = own;
  for (const inventory::HashScheme& scheme : schemes) {
    const bool keyed = scheme.algorithm == inventory::HashScheme::Algorithm::hmac_sha256;
    Result<std::optional<SecretString>> key = std::optional<SecretString>();
    if (keyed) key = read_key(scheme.name);
    if (!key) return key.error();
    const bool retired = !scheme.retired_key_check.empty();
    bool usable = !keyed || *key || own != nullptr;
    if (retired && *key) {
      const auto old = inventory::Fingerprinter::make(SecretString((*key)->view()));
      usable = old && old->key_check() == scheme.retired_key_check;
    } else if (retired) {
      usable = own != nullptr && own->key_check() == scheme.retired_key_check;
    }
    if (usable) {
      keys.schemes_.push_back({scheme.name, keyed, std::move(*key)});
    } else {
      keys.notes_.push_back("inventory: values under the scheme " + scheme.name +
                            " are not compared: " + scheme_key_variable(scheme.name) + " does not hold its key");
    }
  }
  return keys;
}

std::string SchemeKeys::fingerprint(std::string_view scheme, std::string_view value) const {
  if (scheme.empty() || scheme == inventory::kOwnScheme) {
    return own_ != nullptr ? inventory::to_hex(own_->fingerprint(value)) : std::string();
  }
  for (const Scheme& known : schemes_) {
    if (known.name != scheme) continue;
    if (!known.keyed) return inventory::to_hex(sha256(value));
    return inventory::to_hex(known.key ? hmac_sha256(known.key->view(), value) : own_->fingerprint(value));
  }
  return {};
}

}  // namespace keytrail::cli
