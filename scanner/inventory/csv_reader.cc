#include "scanner/inventory/csv_reader.h"

#include <algorithm>
#include <array>

namespace keytrail::inventory {
namespace {

constexpr std::size_t kMaxCells = std::size_t{64} << 20;

// What the header has most of, outside of quotes.
char find_separator(std::string_view text) {
  std::array<std::pair<char, int>, 3> counts = {{{',', 0}, {';', 0}, {'\t', 0}}};
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (!quoted && c == '\n') break;
    for (auto& [separator, count] : counts) count += !quoted && c == separator ? 1 : 0;
  }
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

// Takes cells off the front of a text, writing a quoted one's content over its quotes.
class CellReader {
 public:
  CellReader(char* text, std::size_t size, std::size_t begin, char separator)
      : text_(text), size_(size), at_(begin), separator_(separator) {}

  bool at_end() const { return at_ >= size_; }
  bool row_ended() const { return row_ended_; }
  bool unfinished() const { return unfinished_; }
  std::size_t line() const { return line_; }

  std::string_view cell() {
    row_ended_ = false;
    const bool is_quoted = at_ < size_ && text_[at_] == '"';
    if (is_quoted) ++at_;
    const std::size_t begin = at_;
    const std::size_t end = is_quoted ? quoted() : plain();
    finish();
    return {text_ + begin, end - begin};
  }

 private:
  // Where a cell's text ends; `at_` is then at the separator.
  std::size_t plain() {
    const std::size_t begin = at_;
    while (at_ < size_ && text_[at_] != separator_ && text_[at_] != '\n') ++at_;
    const bool at_line_end = at_ >= size_ || text_[at_] == '\n';
    return at_line_end && at_ > begin && text_[at_ - 1] == '\r' ? at_ - 1 : at_;
  }

  // The same for one in quotes, whose text moves to its front as doubled quotes become one.
  std::size_t quoted() {
    std::size_t out = at_;
    while (at_ < size_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] == '"') {
        if (at_ + 1 >= size_ || text_[at_ + 1] != '"') break;
        ++at_;
      }
      text_[out++] = text_[at_++];
    }
    if (at_ >= size_) {
      unfinished_ = true;
      return out;
    }
    ++at_;
    // What stands between the closing quote and the separator is kept as it is.
    while (at_ < size_ && text_[at_] != separator_ && text_[at_] != '\n') {
      if (text_[at_] != '\r') text_[out++] = text_[at_];
      ++at_;
    }
    return out;
  }

  void finish() {
    if (at_ >= size_) {
      row_ended_ = true;
      return;
    }
    row_ended_ = text_[at_] == '\n';
    line_ += row_ended_ ? 1U : 0U;
    ++at_;
  }

  char* text_;
  std::size_t size_;
  std::size_t at_;
  char separator_;
  std::size_t line_ = 1;
  bool row_ended_ = false;
  bool unfinished_ = false;
};

}  // namespace

Result<CsvTable> CsvTable::parse(SecretString text, const std::string& name) {
  CsvTable table;
  table.text_ = std::move(text);
  const std::size_t begin = table.text_.view().starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const char separator = find_separator(table.text_.view().substr(begin));
  CellReader reader(table.text_.data(), table.text_.size(), begin, separator);
  while (!reader.at_end()) {
    const Row row{table.cells_.size(), reader.line()};
    do {
      table.cells_.push_back(reader.cell());
      if (table.cells_.size() > kMaxCells) {
        return make_error(ErrorCode::limit_exceeded, "it has more than 64 million cells", name);
      }
    } while (!reader.row_ended() && !reader.at_end());
    if (reader.unfinished()) {
      return make_error(ErrorCode::corrupt, "line " + std::to_string(row.line) + ": a quote has no end", name);
    }
    // A separator at the very end has an empty cell behind it.
    if (!reader.row_ended()) table.cells_.emplace_back();
    const bool empty = std::all_of(table.cells_.begin() + static_cast<std::ptrdiff_t>(row.first), table.cells_.end(),
                                   [](std::string_view cell) { return cell.empty(); });
    if (empty) {
      table.cells_.resize(row.first);
    } else {
      table.rows_.push_back(row);
    }
  }
  return table;
}

std::span<const std::string_view> CsvTable::row(std::size_t number) const {
  const std::size_t end = number + 1 < rows_.size() ? rows_[number + 1].first : cells_.size();
  return {cells_.data() + rows_[number].first, end - rows_[number].first};
}

}  // namespace keytrail::inventory
