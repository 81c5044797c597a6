#include "scanner/core/masked.h"

#include <algorithm>

namespace keytrail::core {

std::string mask(std::string_view secret, std::size_t public_prefix) {
  const std::size_t prefix = std::min(public_prefix, secret.size());
  const std::string_view body = secret.substr(prefix);
  std::size_t shown = body.size() < 12 ? 0 : std::min<std::size_t>(4, (body.size() - 8) / 4);
  const std::string_view tail = body.substr(body.size() - shown);
  // Only plain characters are shown: a tail with a line end or half a code point helps nobody.
  if (std::any_of(tail.begin(), tail.end(), [](char c) { return c <= ' ' || c > '~'; })) shown = 0;
  return std::string(secret.substr(0, prefix)) + "****" + std::string(body.substr(body.size() - shown));
}

}  // namespace keytrail::core
