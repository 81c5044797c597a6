#include <algorithm>

#include "scanner/base/text.h"
#include "scanner/lsp/server.h"

namespace keytrail::lsp {
namespace {

unsigned digit_of(char c) { return static_cast<unsigned>(is_digit(c) ? c - '0' : lower(c) - 'a' + 10); }

}  // namespace

std::string path_of(std::string_view uri) {
  constexpr std::string_view kScheme = "file://";
  if (!uri.starts_with(kScheme)) return {};
  uri.remove_prefix(kScheme.size());
  if (uri.starts_with("localhost/")) uri.remove_prefix(9);
  if (!uri.starts_with('/')) return {};
  uri = uri.substr(0, uri.find_first_of("?#"));
  std::string path;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] == '%' && i + 2 < uri.size() && is_hex(uri[i + 1]) && is_hex(uri[i + 2])) {
      path += static_cast<char>(digit_of(uri[i + 1]) << 4U | digit_of(uri[i + 2]));
      i += 2;
    } else {
      path += uri[i];
    }
  }
  if (path.find('\0') != std::string::npos) return {};
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

std::string uri_of(std::string_view path) {
  std::string uri = "file://";
  for (const char c : path) {
    if (is_alnum(c) || std::string_view("/-._~").find(c) != std::string_view::npos) {
      uri += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      uri += '%';
      uri += "0123456789ABCDEF"[byte >> 4U];
      uri += "0123456789ABCDEF"[byte & 15U];
    }
  }
  return uri;
}

}  // namespace keytrail::lsp
