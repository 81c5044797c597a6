// Colours, links, numbers and wrapped prose of the text report. Everything that comes from outside goes through
// visible() before it comes here.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include "scanner/report/formats.h"

namespace keytrail::report {

class TextStyle {
 public:
  explicit TextStyle(const RenderOptions& options) : colour_(options.colour), width_(options.width) {}

  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }
  std::string warning(std::string_view text) const { return paint("33", text); }
  std::string good(std::string_view text) const { return paint("32", text); }
  std::string severity(core::Severity severity) const;

  // Words of `text` on lines of at most `width` columns: `first` before the first line, as many spaces before others.
  void write_wrapped(std::string_view first, std::string_view text, std::ostream& out) const;

 private:
  std::string paint(std::string_view code, std::string_view text) const;

  bool colour_;
  unsigned width_;
};

// "1,234,567"
std::string grouped(std::uint64_t number);
// "1 file", "1,234 files"
std::string counted(std::uint64_t number, std::string_view one, std::string_view many);
// "512 bytes", "12.3 MiB"
std::string human_bytes(std::uint64_t bytes);

// Everything behind the findings.
void write_text_summary(const Job& job, const TextStyle& style, std::ostream& out);

}  // namespace keytrail::report
