// A table for people: heads, and cells of which each column is as wide as its widest.
//
// All cells stand one behind the other in one text, so that a list of 100,000 tokens is laid out in some milliseconds.
// What could steer a terminal is made visible. One thread.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace keytrail::report {

class TextTable {
 public:
  explicit TextTable(const std::vector<std::string_view>& heads);
  // The next cell of the row; the last one of a row begins the next.
  void cell(std::string_view text);
  // Without the heads.
  std::size_t rows() const { return cells_.size() / widths_.size() - 1; }
  // Nothing where there are no rows.
  void print(std::ostream& out) const;

 private:
  struct Cell {
    std::uint32_t bytes = 0;
    std::uint32_t width = 0;
  };
  std::string text_;
  std::vector<Cell> cells_;
  std::vector<std::size_t> widths_;
};

// Days as text. A list has few different ones.
class DayTexts {
 public:
  const std::string& of(std::int64_t instant);

 private:
  std::unordered_map<std::int64_t, std::string> known_;
};

}  // namespace keytrail::report
