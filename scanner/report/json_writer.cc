#include "scanner/report/json_writer.h"

#include <algorithm>
#include <cstdio>
#include <ostream>

#include "scanner/report/unicode.h"

namespace keytrail::report {
namespace {

bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

void append_unit(std::uint32_t unit, std::string& out) {
  char text[8];
  std::snprintf(text, sizeof text, "\\u%04x", unit & 0xFFFFU);
  out += text;
}

void append_escape(std::uint32_t c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      if (c >= 0x10000) {
        append_unit(0xD800U + ((c - 0x10000U) >> 10U), out);
        append_unit(0xDC00U + ((c - 0x10000U) & 0x3FFU), out);
      } else {
        append_unit(c, out);
      }
  }
}

}  // namespace

void JsonWriter::key(std::string_view name) {
  separate();
  write_string(name);
  buffer_ += ": ";
  after_key_ = true;
}

void JsonWriter::value(std::string_view text) {
  separate();
  write_string(text);
  pass_on();
}

void JsonWriter::value(bool truth) {
  separate();
  buffer_ += truth ? "true" : "false";
  pass_on();
}

void JsonWriter::value(std::uint64_t number) {
  separate();
  buffer_ += std::to_string(number);
  pass_on();
}

void JsonWriter::null() {
  separate();
  buffer_ += "null";
  pass_on();
}

void JsonWriter::member_or_null(std::string_view name, std::string_view text) {
  key(name);
  if (text.empty()) {
    null();
  } else {
    value(text);
  }
}

void JsonWriter::member_list(std::string_view name, const std::vector<std::string>& texts) {
  begin_array(name);
  for (const std::string& text : texts) value(text);
  end_array();
}

void JsonWriter::begin(char bracket) {
  separate();
  buffer_ += bracket;
  filled_.push_back(false);
}

void JsonWriter::end(char bracket) {
  const bool had_members = filled_.back();
  const bool laid_out = filled_.size() <= depth_;
  filled_.pop_back();
  if (had_members && laid_out) break_line();
  buffer_ += bracket;
  pass_on();
}

void JsonWriter::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (filled_.empty()) return;
  const bool laid_out = filled_.size() <= depth_;
  if (filled_.back()) buffer_ += laid_out ? "," : ", ";
  filled_.back() = true;
  if (laid_out) break_line();
}

void JsonWriter::break_line() {
  buffer_ += '\n';
  buffer_.append(2 * filled_.size(), ' ');
}

void JsonWriter::write_string(std::string_view text) {
  buffer_ += '"';
  while (!text.empty()) {
    // Most text is nothing but plain characters.
    const std::size_t run =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_plain) - text.begin());
    buffer_.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) break;
    const CodePoint c = decode_utf8(text);
    if (!c.valid) {
      append_utf8(0xFFFD, buffer_);
    } else if (c.value == '"' || c.value == '\\' || is_control(c.value)) {
      append_escape(c.value, buffer_);
    } else {
      buffer_.append(text.substr(0, c.bytes));
    }
    text.remove_prefix(c.bytes);
  }
  buffer_ += '"';
}

void JsonWriter::pass_on() {
  constexpr std::size_t kEnough = std::size_t{64} << 10U;
  if (!filled_.empty() && buffer_.size() < kEnough) return;
  out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  buffer_.clear();
}

}  // namespace keytrail::report
