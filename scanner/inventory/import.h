// From spreadsheets, exports and the listings of secret managers to tokens: the readers. What becomes of the tokens
// stands in import_apply.h.
//
// A batch owns the values that its source held in the clear, in memory that is wiped; nothing else of it holds one. A
// row that cannot be read is a problem that names its line, and its column or field; readers go on behind it, so that
// one run names all. What is left out on purpose is a note. Pure but for the bytes that they are given.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/base/secret_string.h"
#include "scanner/core/token.h"
#include "scanner/inventory/store.h"
#include "scanner/inventory/token_fields.h"

namespace keytrail::inventory {

enum class ImportKind : std::uint8_t {
  csv,
  json,  // our own export, or objects with our fields
  vault,
  aws_secrets_manager,
  aws_iam,
  gcp,
  azure,
  kubernetes,
  github_alerts,
  github_tokens,
  gitlab,
  doppler,
  one_password,
};
std::string_view to_string(ImportKind kind);
std::optional<ImportKind> parse_import_kind(std::string_view text);
// "csv, json, vault, …"
std::string import_kind_names();

struct ImportedToken {
  core::Token token;         // `values` as an export writes them
  std::uint32_t fields = 0;  // bit Field: the source said something of it
  std::vector<std::uint64_t> probes;
  std::string key_check;    // of the key that own fingerprints in `values` were made with
  SecretString value;       // the current one, in the clear; empty: not known
  std::string fingerprint;  // the current value's hash under the import's scheme
  std::string last_four;    // where nothing more is known of the value
  std::string place;        // "line 7"

  bool has(Field field) const { return (fields >> static_cast<unsigned>(field) & 1U) != 0; }
  void mark(Field field) { fields |= 1U << static_cast<unsigned>(field); }
};

struct ImportBatch {
  ImportKind kind = ImportKind::csv;
  std::vector<ImportedToken> tokens;
  std::vector<HashScheme> schemes;  // of an export
  std::vector<std::string> problems;
  std::vector<std::string> notes;
};

struct ImportOptions {
  std::optional<ImportKind> kind;                    // none: it is told by the content
  std::map<std::string, Field> columns;              // of CSV: --map
  std::map<std::string, std::string> label_columns;  // of CSV: header -> name of the label
  std::map<Field, std::string> defaults;             // --set: for every token that says nothing itself
  std::optional<HashScheme> scheme;                  // of the hash column
  core::Instant now = 0;
};

// `name` is the file's, for errors. An error where nothing at all can be read.
Result<ImportBatch> read_import(SecretString text, const std::string& name, const ImportOptions& options);

}  // namespace keytrail::inventory
