// The encoding of a text, and UTF-16 as UTF-8. Offsets change, lines and columns in code points do not, so places in
// the text that was scanned are places in the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace keytrail::engine {

enum class Encoding : std::uint8_t {
  bytes,  // UTF-8, or any encoding that contains ASCII
  utf16_little,
  utf16_big,
  binary,
};

// From the first bytes of a blob: a byte order mark; else the zero bytes of mostly-ASCII UTF-16; else any zero byte is
// binary.
Encoding detect_encoding(std::string_view head);
inline constexpr std::size_t kEncodingHeadBytes = 8000;

// Appends `text` as UTF-8; a byte order mark is dropped, half a surrogate pair becomes U+FFFD. A last odd byte is left
// out.
void append_utf8(std::string_view utf16, bool big_endian, std::string& out);

}  // namespace keytrail::engine
