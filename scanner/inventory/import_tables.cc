// CSV: spreadsheets that people keep, our own export, and AWS's IAM credential report.
#include <array>

#include "scanner/base/text.h"
#include "scanner/inventory/field_text.h"
#include "scanner/inventory/fingerprint.h"
#include "scanner/inventory/import_reader.h"
#include "scanner/inventory/token_values.h"

namespace keytrail::inventory {
namespace {

struct Column {
  std::optional<Field> field;
  std::string label;
  std::string header;
};

// What a spreadsheet must not take for a formula is written with an apostrophe before it (export.cc).
std::string_view without_guard(std::string_view cell) {
  return cell.size() > 1 && cell[0] == '\'' && std::string_view("=+-@\t\r'").find(cell[1]) != std::string_view::npos
             ? cell.substr(1)
             : cell;
}

std::vector<Column> read_header(const CsvTable& table, ImportReader& reader) {
  std::vector<Column> columns;
  std::uint32_t seen = 0;
  std::string unknown;
  for (const std::string_view cell : table.row(0)) {
    Column& column = columns.emplace_back();
    column.header = trimmed(cell).substr(0, 100);
    const ImportOptions& options = reader.options();
    if (const auto mapped = options.columns.find(column.header); mapped != options.columns.end()) {
      column.field = mapped->second;
    } else if (const auto label = options.label_columns.find(column.header); label != options.label_columns.end()) {
      column.label = label->second;
    } else {
      column.field = guess_field(column.header);
      // Mapped columns go before guessed ones, and the first guess before later ones.
      for (const auto& [header, field] : options.columns) {
        if (column.field == field) column.field.reset();
      }
      if (column.field && (seen >> static_cast<unsigned>(*column.field) & 1U) != 0) column.field.reset();
    }
    if (column.field) seen |= 1U << static_cast<unsigned>(*column.field);
    if (!column.field && column.label.empty()) unknown += (unknown.empty() ? "" : ", ") + column.header;
  }
  // Unknown columns may hold anything, values too: they are read only when somebody names them.
  if (!unknown.empty()) reader.note("columns that were not read: " + unknown + " (--map FIELD=\"COLUMN\" reads one)");
  return columns;
}

// Where a table has no ids, what a person would call the token.
std::string made_id(const std::vector<Column>& columns, std::span<const std::string_view> row) {
  std::string id;
  for (const Field field : {Field::service, Field::provider, Field::environment, Field::purpose}) {
    for (std::size_t i = 0; i < columns.size() && i < row.size(); ++i) {
      if (columns[i].field != field || trimmed(row[i]).empty()) continue;
      std::string part;
      for (const char c : lower(trimmed(row[i]).substr(0, 80))) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
        if (plain) part += c;
        if (!plain && !part.empty() && part.back() != '-') part += '-';
      }
      while (!part.empty() && part.back() == '-') part.pop_back();
      id += (id.empty() ? "" : "/") + part;
    }
  }
  return id;
}

void read_row(const CsvTable& table, std::size_t number, const std::vector<Column>& columns, bool has_id,
              ImportReader& reader) {
  const auto row = table.row(number);
  const std::string place = "line " + std::to_string(table.line(number));
  if (row.size() > columns.size()) {
    return reader.problem(place, std::to_string(row.size()) + " cells where the header has " +
                                     std::to_string(columns.size()) + ": is a comma not quoted?");
  }
  std::string id = has_id ? std::string() : made_id(columns, row);
  for (std::size_t i = 0; i < row.size() && has_id; ++i) {
    if (columns[i].field == Field::id) id = trimmed(without_guard(row[i]));
  }
  ImportedToken& token = reader.begin(std::move(id), place);
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string_view cell = without_guard(row[i]);
    const std::string column = "column " + std::to_string(i + 1) + ", " + columns[i].header;
    if (!columns[i].label.empty() && !trimmed(cell).empty()) {
      if (check_text(cell)) token.token.labels[columns[i].label] = trimmed(cell);
      token.mark(Field::labels);
    }
    if (!columns[i].field || columns[i].field == Field::id) continue;
    if (columns[i].field == Field::values) {
      read_values_cell(cell, token, reader, column);
    } else {
      reader.set(*columns[i].field, cell, column);
    }
  }
  reader.end();
}

// One access key of a user's two.
void read_key(const std::string& user, std::string_view arn, std::string_view user_created,
              const std::array<std::string_view, 3>& key, char number, const std::string& place, ImportReader& reader) {
  const auto& [active, rotated, used] = key;
  const auto date = read_date(rotated, reader.options().now);
  if (active != "true" && (!date || !*date)) return;
  ImportedToken& token = reader.begin("aws-iam:" + std::string(arn.empty() ? user : arn) + "#" + number, place);
  reader.set(Field::provider, "aws");
  reader.set(Field::kind, "aws-secret-access-key");
  reader.set(Field::purpose, "access key " + std::string(1, number) + " of " + user);
  reader.set(Field::state, active == "true" ? "active" : "revoked");
  reader.set(Field::created, rotated, "access_key_last_rotated");
  reader.set(Field::last_used, used, "access_key_last_used_date");
  // arn:aws:iam::123456789012:user/name
  std::string_view rest = arn;
  for (int i = 0; i < 4; ++i) rest.remove_prefix(std::min(rest.size(), rest.find(':') + 1));
  reader.identify("account", rest.substr(0, rest.find(':')));
  reader.identify("arn", arn);
  // The report gives a key that was never changed the day it was made.
  const auto created = read_date(user_created, reader.options().now);
  if (date && *date && created && *created && **date > **created + 86400) {
    token.token.last_rotated = *date;
    token.mark(Field::last_rotated);
  }
  reader.end();
}

}  // namespace

void read_csv(const CsvTable& table, ImportReader& reader) {
  const std::vector<Column> columns = read_header(table, reader);
  bool has_id = false;
  bool has_service = false;
  for (const Column& column : columns) {
    has_id = has_id || column.field == Field::id;
    has_service = has_service || column.field == Field::service;
  }
  for (const auto& [header, field] : reader.options().columns) {
    bool found = false;
    for (const Column& column : columns) found = found || column.header == header;
    if (!found) reader.problem("line 1", "no column is called \"" + header + "\", which --map names");
  }
  if (!has_id && !has_service) {
    return reader.problem("line 1", "neither an id nor a service: name the columns with --map id=\"COLUMN\"");
  }
  for (std::size_t row = 1; row < table.rows(); ++row) read_row(table, row, columns, has_id, reader);
}

void read_iam_report(const CsvTable& table, ImportReader& reader) {
  const auto header = table.row(0);
  const auto column = [&](std::string_view name) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      if (header[i] == name) return i;
    }
    return header.size();
  };
  const std::size_t user = column("user");
  const std::size_t arn = column("arn");
  const std::size_t created = column("user_creation_time");
  for (std::size_t number = 1; number < table.rows(); ++number) {
    const auto row = table.row(number);
    const auto cell = [&](std::size_t i) { return i < row.size() ? row[i] : std::string_view(); };
    for (const char key : {'1', '2'}) {
      const std::string prefix = std::string("access_key_") + key;
      read_key(std::string(cell(user)), cell(arn), cell(created),
               {cell(column(prefix + "_active")), cell(column(prefix + "_last_rotated")),
                cell(column(prefix + "_last_used_date"))},
               key, "line " + std::to_string(table.line(number)), reader);
    }
  }
}

}  // namespace keytrail::inventory
