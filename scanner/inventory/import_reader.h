// What the readers of listings share. Each reader takes a document and fills a batch.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "scanner/inventory/csv_reader.h"
#include "scanner/inventory/import.h"
#include "scanner/inventory/json_reader.h"

namespace keytrail::inventory {

class ImportReader {
 public:
  ImportReader(ImportBatch& batch, const ImportOptions& options) : batch_(batch), options_(options) {}

  const ImportOptions& options() const { return options_; }
  // Begins a token at this place. `id` is checked; a problem where it cannot be one. Valid until the next begin().
  ImportedToken& begin(std::string id, const std::string& place);
  ImportedToken& begin(std::string id, JsonView place) { return begin(std::move(id), place_of(place)); }
  // Ends it: defaults are filled in; false, and no token, where it had a problem.
  bool end();
  // A text of the source for a field of the token that was begun. Nothing happens where it is empty.
  void set(Field field, std::string_view text, std::string_view column = {});
  void set(Field field, JsonView value) { set(field, value.text(), value.key()); }
  // The same, where the source is a tag or label that people wrote: only where its name is plainly a field's, and never
  // a value's or an id's.
  void set_tag(std::string_view name, JsonView value);
  void set_list(Field field, std::vector<std::string> list);
  void identify(const std::string& name, std::string_view value);
  // A value in the clear. One that is too weak to be one is a note, or, where `must`, a problem.
  void set_value(std::string_view value, bool must, std::string_view column = {});
  void set_hash(std::string_view text, std::string_view column);
  ImportBatch& batch() { return batch_; }
  void problem(const std::string& place, const std::string& text);
  void note(const std::string& text) { batch_.notes.push_back(text); }
  // Counts what is left out, one note for each reason: "3 items left out: logins of people".
  void left_out(const std::string& reason) { ++left_out_[reason]; }
  void finish();

  static std::string place_of(JsonView value) { return "line " + std::to_string(value.line()); }
  // Items of an array, or the one object itself.
  static void each(JsonView list, const std::function<void(JsonView)>& visit);

 private:
  void fill_defaults();
  void check_texts();
  ImportBatch& batch_;
  const ImportOptions& options_;
  ImportedToken current_;
  bool failed_ = false;
  std::map<std::string, std::size_t> left_out_;
};

void read_csv(const CsvTable& table, ImportReader& reader);
void read_iam_report(const CsvTable& table, ImportReader& reader);
void read_own_json(JsonView root, ImportReader& reader);
void read_vault(JsonView root, ImportReader& reader);
void read_aws_secrets(JsonView root, ImportReader& reader);
void read_gcp_secrets(JsonView root, ImportReader& reader);
void read_azure_secrets(JsonView root, ImportReader& reader);
void read_kubernetes(JsonView root, ImportReader& reader);
void read_github_alerts(JsonView root, ImportReader& reader);
void read_github_tokens(JsonView root, ImportReader& reader);
void read_gitlab_tokens(JsonView root, ImportReader& reader);
void read_doppler(JsonView root, ImportReader& reader);
void read_one_password(JsonView root, ImportReader& reader);

}  // namespace keytrail::inventory
