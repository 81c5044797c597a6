#include "scanner/report/text_table.h"

#include <algorithm>
#include <ostream>

#include "scanner/base/dates.h"
#include "scanner/report/unicode.h"

namespace keytrail::report {

TextTable::TextTable(const std::vector<std::string_view>& heads) : widths_(heads.size()) {
  for (const std::string_view head : heads) cell(head);
}

void TextTable::cell(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  const std::size_t before = text_.size();
  std::size_t width = text.size();
  if (plain) {
    text_ += text;
  } else {
    const std::string shown = visible(text);
    width = display_width(shown);
    text_ += shown;
  }
  std::size_t& widest = widths_[cells_.size() % widths_.size()];
  widest = std::max(widest, width);
  cells_.push_back({static_cast<std::uint32_t>(text_.size() - before), static_cast<std::uint32_t>(width)});
}

void TextTable::print(std::ostream& out) const {
  if (rows() == 0) return;
  std::string text;
  text.reserve(text_.size() * 2);
  std::size_t at = 0;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    text.append(text_, at, cells_[i].bytes);
    at += cells_[i].bytes;
    const std::size_t column = i % widths_.size();
    if (column + 1 < widths_.size()) {
      text.append(widths_[column] + 2 - cells_[i].width, ' ');
      continue;
    }
    while (text.ends_with(' ')) text.pop_back();
    text += '\n';
  }
  out << text;
}

const std::string& DayTexts::of(std::int64_t instant) {
  const auto [place, fresh] = known_.try_emplace(instant >= 0 ? instant / 86400 : instant);
  if (fresh) place->second = utc_day(instant);
  return place->second;
}

}  // namespace keytrail::report
