// CSV as spreadsheets write it (RFC 4180; commas, semicolons or tabs), which may hold values: read in place in a buffer
// that is wiped. A table owns its text; cells are views of it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/base/secret_string.h"

namespace keytrail::inventory {

class CsvTable {
 public:
  // corrupt, with the line, where a quote has no end.
  static Result<CsvTable> parse(SecretString text, const std::string& name);

  // Row 0 is the header. Empty lines are no rows.
  std::size_t rows() const { return rows_.size(); }
  std::span<const std::string_view> row(std::size_t number) const;
  // Of the row's first character, from 1.
  std::size_t line(std::size_t row) const { return rows_[row].line; }

 private:
  struct Row {
    std::size_t first = 0;  // cell
    std::size_t line = 0;
  };
  SecretString text_;
  std::vector<std::string_view> cells_;
  std::vector<Row> rows_;
};

}  // namespace keytrail::inventory
