// Text that people read: escaping for the places where it stands, times, and what keeps values out of it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/token.h"

namespace keytrail::ticket {

// One line: control characters, line ends and characters that turn the direction of text become spaces; bytes that are
// no UTF-8 become U+FFFD.
std::string one_line(std::string_view text);

std::string escape_markdown(std::string_view text);  // of one_line
std::string escape_html(std::string_view text);      // of one_line
// As one word of a POSIX shell.
std::string shell_quote(std::string_view text);
// A code span whose fence is longer than any run of backticks within.
std::string code_span(std::string_view text);
// Lines as a code block, in Markdown fenced by more backticks than any line has; empty of no text.
std::string code_block(std::string_view text, std::string_view indent);
std::string html_block(std::string_view text);
// An http(s) address that ends no link early.
bool is_web_address(std::string_view text);

// "2026-11-20 19:30 UTC", "2026-11-20".
std::string time_text(core::Instant instant);
std::string day_text(core::Instant instant);
// "5 minutes", "1 hour", "24 hours", "7 days".
std::string span_text(std::int64_t seconds);

// Fields of an inventory are written by people, and people paste values where none belong. Masks every run of token
// characters that is long and mixed enough to be a value; words, dates, names and ids of an organisation stay. Of a
// `path` the parts between slashes are looked at one by one. `keep_uuid`: of fields that hold ids.
enum class Scrub { text, path, keep_uuid };
std::string scrubbed(std::string_view text, Scrub how = Scrub::text);

std::vector<std::string> split_lines(std::string_view text);

}  // namespace keytrail::ticket
