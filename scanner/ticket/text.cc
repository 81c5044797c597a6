#include "scanner/ticket/text.h"

#include <algorithm>
#include <array>

#include "scanner/base/dates.h"
#include "scanner/base/text.h"
#include "scanner/core/masked.h"

namespace keytrail::ticket {
namespace {

// Bytes of the UTF-8 character at `at`; 0 when there is none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  std::size_t length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : 0;
  if (first >= 0xf0 && first < 0xf5) length = 4;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
  }
  if (length > 2) {
    const unsigned char second = byte(at + 1);
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) || (first == 0xf0 && second < 0x90) ||
        (first == 0xf4 && second >= 0x90)) {
      return 0;
    }
  }
  return length;
}

// Line and paragraph separators, marks and embeddings that turn the direction, and invisible characters.
bool is_hidden(std::string_view character) {
  if (character.size() == 2) return character[0] == '\xc2' && static_cast<unsigned char>(character[1]) < 0xa0;
  if (character == "\xef\xbb\xbf") return true;
  if (character.size() != 3 || character[0] != '\xe2') return false;
  const auto second = static_cast<unsigned char>(character[1]);
  const auto third = static_cast<unsigned char>(character[2]);
  return (second == 0x80 && ((third >= 0x8b && third <= 0x8f) || (third >= 0xa8 && third <= 0xae))) ||
         (second == 0x81 && third >= 0xa0 && third <= 0xaf);
}

bool is_token_character(char c, Scrub how) {
  return is_alnum(c) || c == '-' || c == '_' || c == '+' || c == '=' || c == '~' || (c == '/' && how != Scrub::path);
}

bool is_uuid(std::string_view run) {
  constexpr std::array<std::size_t, 4> kHyphens = {8, 13, 18, 23};
  if (run.size() != 36) return false;
  for (std::size_t i = 0; i < run.size(); ++i) {
    const bool hyphen = std::find(kHyphens.begin(), kHyphens.end(), i) != kHyphens.end();
    const bool hexadecimal = is_digit(run[i]) || (run[i] >= 'a' && run[i] <= 'f') || (run[i] >= 'A' && run[i] <= 'F');
    if (hyphen ? run[i] != '-' : !hexadecimal) return false;
  }
  return true;
}

// How often the class (digit, lower, upper) of neighbours changes: words and names keep theirs, made values do not.
bool looks_made(std::string_view run) {
  constexpr std::size_t kShortest = 20;
  if (run.size() < kShortest) return false;
  std::size_t changes = 0;
  std::size_t digits = 0;
  int before = -1;
  for (const char c : run) {
    if (!is_alnum(c)) continue;
    const int kind = is_digit(c) ? 0 : (c >= 'a' ? 1 : 2);
    digits += kind == 0 ? 1 : 0;
    changes += before >= 0 && kind != before ? 1 : 0;
    before = kind;
  }
  return digits >= 2 && changes * 5 >= run.size();
}

}  // namespace

std::string one_line(std::string_view text) {
  // Most texts are plain.
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7f; };
  if (std::all_of(text.begin(), text.end(), plain)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    if (length == 0) {
      out += "\xef\xbf\xbd";
      ++i;
      continue;
    }
    const std::string_view character = text.substr(i, length);
    const auto byte = static_cast<unsigned char>(character[0]);
    if (byte < 0x20 || byte == 0x7f || is_hidden(character)) {
      out += ' ';
    } else {
      out += character;
    }
    i += length;
  }
  return out;
}

std::string escape_markdown(std::string_view text) {
  const std::string line = one_line(text);
  std::string out;
  out.reserve(line.size() + 8);
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    // Within a word an underscore is no mark, and identifiers are full of them; a hash is one at the start alone, an
    // ampersand before a name and a semicolon: addresses stay whole.
    const bool inner = c == '_' && i > 0 && i + 1 < line.size() && is_alnum(line[i - 1]) && is_alnum(line[i + 1]);
    const bool harmless = inner || (c == '#' && i > 0) || (c == '&' && line.find(';', i) == std::string::npos);
    if (std::string_view("\\`*_[]<>|#~&").find(c) != std::string_view::npos && !harmless) out += '\\';
    out += c;
  }
  return out;
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : one_line(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string shell_quote(std::string_view text) {
  std::string line = one_line(text);
  const auto plain = [](char c) {
    return is_alnum(c) || std::string_view("_-./:@%+=,").find(c) != std::string_view::npos;
  };
  if (!line.empty() && line[0] != '-' && std::all_of(line.begin(), line.end(), plain)) return line;
  std::string out = "'";
  for (const char c : line) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

namespace {

// One more backtick than the longest run of them, `least` at the least.
std::string fence_for(std::string_view text, std::size_t least) {
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    least = std::max(least, run + 1);
  }
  return std::string(least, '`');
}

}  // namespace

std::string code_span(std::string_view text) {
  const std::string line = one_line(text);
  const std::string fence = fence_for(line, 1);
  const std::string space = fence.size() > 1 ? " " : "";
  return fence + space + line + space + fence;
}

std::string code_block(std::string_view text, std::string_view indent) {
  if (text.empty()) return {};
  const std::string fence = std::string(indent) + fence_for(text, 3);
  std::string out = fence + "sh\n";
  for (const std::string& line : split_lines(text)) out += std::string(indent) + one_line(line) + "\n";
  return out + fence + "\n";
}

std::string html_block(std::string_view text) {
  if (text.empty()) return {};
  std::string out = "<pre>";
  for (const std::string& line : split_lines(text)) out += escape_html(line) + "\n";
  return out + "</pre>\n";
}

bool is_web_address(std::string_view text) {
  return (text.starts_with("https://") || text.starts_with("http://")) &&
         text.find_first_of(" <>\"'`\\\n\r\t()[]") == std::string_view::npos;
}

std::string time_text(core::Instant instant) {
  const std::string text = utc_time(instant);  // 2024-03-01T11:00:00Z
  return text.size() < 16 ? text : text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

std::string day_text(core::Instant instant) { return utc_day(instant); }

std::string span_text(std::int64_t seconds) {
  const auto counted = [](std::int64_t count, std::string_view unit) {
    return std::to_string(count) + " " + std::string(unit) + (count == 1 ? "" : "s");
  };
  if (seconds < 3600) return counted(std::max<std::int64_t>(1, seconds / 60), "minute");
  if (seconds <= std::int64_t{48} * 3600) return counted(seconds / 3600, "hour");
  return counted(seconds / 86400, "day");
}

std::string scrubbed(std::string_view text, Scrub how) {
  const std::string line = one_line(text);
  std::string out;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t end = i;
    while (end < line.size() && is_token_character(line[end], how)) ++end;
    const std::string_view run = std::string_view(line).substr(i, end - i);
    const bool keep = how == Scrub::keep_uuid && is_uuid(run);
    out += !keep && looks_made(run) ? core::mask(run, 0) : std::string(run);
    if (end < line.size()) out += line[end++];
    i = end;
  }
  return out;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace keytrail::ticket
