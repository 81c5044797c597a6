#include "scanner/report/uri.h"

#include <algorithm>

namespace keytrail::report {

std::string encode_path(std::string_view path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~/!$&'()*+,;=@";
  std::string out;
  out.reserve(path.size());
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kHex[byte >> 4U]);
      out.push_back(kHex[byte & 15U]);
    }
  }
  return out;
}

std::string file_uri(std::string_view absolute_path) { return "file://" + encode_path(absolute_path); }

std::string absolute_path(std::string_view root, std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  std::string joined(root);
  if (!joined.ends_with('/')) joined.push_back('/');
  return joined.append(path);
}

bool is_web_url(std::string_view text) {
  if (!text.starts_with("https://") && !text.starts_with("http://")) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '<' && c != '>' && c != '\\'; });
}

}  // namespace keytrail::report
