#include "scanner/inventory/import.h"

#include <algorithm>
#include <array>

#include "scanner/base/text.h"
#include "scanner/inventory/field_text.h"
#include "scanner/inventory/fingerprint.h"
#include "scanner/inventory/import_reader.h"

namespace keytrail::inventory {
namespace {

constexpr std::array<std::string_view, 13> kKinds = {"csv",           "json",          "vault",  "aws-secrets-manager",
                                                     "aws-iam",       "gcp",           "azure",  "kubernetes",
                                                     "github-alerts", "github-tokens", "gitlab", "doppler",
                                                     "1password"};

bool looks_like_json(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

// Of one item of a listing.
std::optional<ImportKind> kind_of_item(JsonView item) {
  if (item.has("custom_metadata") || item.has("current_version") || item["data"].has("current_version")) {
    return ImportKind::vault;
  }
  if (item.has("ARN") && item.has("Name")) return ImportKind::aws_secrets_manager;
  if (item.has("replication") && item.has("createTime")) return ImportKind::gcp;
  if (item["attributes"].has("recoveryLevel") || (item["attributes"].has("enabled") && item.has("contentType"))) {
    return ImportKind::azure;
  }
  if (item["kind"].text() == "Secret" && item["apiVersion"].text() == "v1") return ImportKind::kubernetes;
  if (item.has("secret_type")) return ImportKind::github_alerts;
  if (item.has("token_id") && item.has("permissions")) return ImportKind::github_tokens;
  if (item.has("revoked") && item.has("scopes")) return ImportKind::gitlab;
  if (item.has("category") && item.has("vault")) return ImportKind::one_password;
  if (item.has("slug") && item.has("config") && item.has("project")) return ImportKind::doppler;
  if (item.has("id") && item["id"].is_string()) return ImportKind::json;
  return std::nullopt;
}

std::optional<ImportKind> kind_of(JsonView root) {
  if (root.has("keytrail_inventory") || root["tokens"].is_array()) return ImportKind::json;
  if (root.has("SecretList")) return ImportKind::aws_secrets_manager;
  if (root["items"].is_array() && root.has("apiVersion")) return ImportKind::kubernetes;
  if (root.is_array()) return kind_of_item(root.first());
  if (const auto kind = kind_of_item(root)) return kind;
  // Objects by name: of Doppler with the value's fields, of Vault with the answers.
  if (root.first().has("computed") || root.first().has("computedVisibility")) return ImportKind::doppler;
  return kind_of_item(root.first()) == ImportKind::vault ? std::optional(ImportKind::vault) : std::nullopt;
}

void read_json_kind(JsonView root, ImportKind kind, ImportReader& reader) {
  switch (kind) {
    case ImportKind::vault:
      return read_vault(root, reader);
    case ImportKind::aws_secrets_manager:
      return read_aws_secrets(root, reader);
    case ImportKind::gcp:
      return read_gcp_secrets(root, reader);
    case ImportKind::azure:
      return read_azure_secrets(root, reader);
    case ImportKind::kubernetes:
      return read_kubernetes(root, reader);
    case ImportKind::github_alerts:
      return read_github_alerts(root, reader);
    case ImportKind::github_tokens:
      return read_github_tokens(root, reader);
    case ImportKind::gitlab:
      return read_gitlab_tokens(root, reader);
    case ImportKind::doppler:
      return read_doppler(root, reader);
    case ImportKind::one_password:
      return read_one_password(root, reader);
    default:
      return read_own_json(root, reader);
  }
}

Status read_json(SecretString text, const std::string& name, const ImportOptions& options, ImportBatch& batch) {
  const auto document = JsonDocument::parse(std::move(text), name);
  if (!document) return document.error();
  const auto kind = options.kind ? options.kind : kind_of(document->root());
  if (!kind) {
    return make_error(ErrorCode::invalid_argument,
                      "no listing that keytrail knows: name it with --from (" + import_kind_names() + ")", name);
  }
  batch.kind = *kind;
  ImportReader reader(batch, options);
  read_json_kind(document->root(), *kind, reader);
  reader.finish();
  return {};
}

Status read_table(SecretString text, const std::string& name, const ImportOptions& options, ImportBatch& batch) {
  if (!is_utf8(text.view().substr(0, std::min<std::size_t>(text.size(), 1 << 16)))) {
    // A character may be cut at the end of the look; a spreadsheet's other encodings differ at once.
    if (text.view().starts_with("\xFF\xFE") || text.view().starts_with("\xFE\xFF") || !is_utf8(text.view())) {
      return make_error(ErrorCode::invalid_argument, "it is not UTF-8: save it as \"CSV UTF-8\"", name);
    }
  }
  const auto table = CsvTable::parse(std::move(text), name);
  if (!table) return table.error();
  if (table->rows() == 0) return make_error(ErrorCode::invalid_argument, "it is empty", name);
  const auto header = table->row(0);
  const bool iam = std::find(header.begin(), header.end(), "access_key_1_active") != header.end();
  batch.kind = options.kind.value_or(iam ? ImportKind::aws_iam : ImportKind::csv);
  ImportReader reader(batch, options);
  batch.kind == ImportKind::aws_iam ? read_iam_report(*table, reader) : read_csv(*table, reader);
  reader.finish();
  return {};
}

}  // namespace

std::string_view to_string(ImportKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::optional<ImportKind> parse_import_kind(std::string_view text) {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (kKinds[i] == text) return static_cast<ImportKind>(i);
  }
  return std::nullopt;
}

std::string import_kind_names() {
  std::string names;
  for (const std::string_view kind : kKinds) names += (names.empty() ? "" : ", ") + std::string(kind);
  return names;
}

Result<ImportBatch> read_import(SecretString text, const std::string& name, const ImportOptions& options) {
  const bool table = options.kind ? *options.kind == ImportKind::csv || *options.kind == ImportKind::aws_iam
                                  : !looks_like_json(text.view());
  ImportBatch batch;
  Status read =
      table ? read_table(std::move(text), name, options, batch) : read_json(std::move(text), name, options, batch);
  if (!read) return read.error();
  return batch;
}

// ---- ImportReader

ImportedToken& ImportReader::begin(std::string id, const std::string& place) {
  current_ = ImportedToken();
  current_.place = place;
  failed_ = false;
  if (const Status good = check_id(id); !good) problem(place, good.error().message);
  current_.token.id = std::move(id);
  current_.mark(Field::id);
  return current_;
}

void ImportReader::problem(const std::string& place, const std::string& text) {
  batch_.problems.push_back(place + ": " + text);
  failed_ = true;
}

void ImportReader::set(Field field, std::string_view text, std::string_view column) {
  if (trimmed(text).empty()) return;
  const std::string name = column.empty() ? std::string(field_name(field)) : std::string(column.substr(0, 100));
  if (field == Field::value) return set_value(text, true, name);
  if (field == Field::hash) return set_hash(text, name);
  if (field == Field::last_four) {
    const std::string_view last = trimmed(text);
    // "…abcd", "****abcd".
    current_.last_four = std::string(last.substr(last.size() - std::min<std::size_t>(4, last.size())));
    if (last.size() > 12) problem(current_.place + " (" + name + ")", "this is more than the last four characters");
    return;
  }
  if (const Status good = set_field(current_.token, field, trimmed(text), options_.now); !good) {
    return problem(current_.place + " (" + name + ")", good.error().message);
  }
  current_.mark(field);
}

void ImportReader::set_tag(std::string_view name, JsonView value) {
  // "example.com/owner"
  const std::size_t slash = name.rfind('/');
  const auto field = guess_field(slash == std::string_view::npos ? name : name.substr(slash + 1));
  if (!field || *field == Field::id || *field >= Field::identifiers) return;
  if (current_.has(*field)) return;
  // What others tagged for other readers may be no date or number for us: that is no reason to refuse the token.
  core::Token tried = current_.token;
  if (!set_field(tried, *field, trimmed(value.text()), options_.now) || trimmed(value.text()).empty()) return;
  current_.token = std::move(tried);
  current_.mark(*field);
}

void ImportReader::set_list(Field field, std::vector<std::string> list) {
  if (list.empty()) return;
  if (const Status good = inventory::set_list(current_.token, field, std::move(list)); !good) {
    return problem(current_.place + " (" + std::string(field_name(field)) + ")", good.error().message);
  }
  current_.mark(field);
}

void ImportReader::identify(const std::string& name, std::string_view value) {
  if (value.empty() || !check_text(value)) return;
  current_.token.identifiers[name] = value;
  current_.mark(Field::identifiers);
}

void ImportReader::set_value(std::string_view value, bool must, std::string_view column) {
  if (const Status good = check_value(value); !good) {
    const std::string place = current_.place + (column.empty() ? "" : " (" + std::string(column) + ")");
    if (must) return problem(place, good.error().message);
    note(place + ": " + current_.token.id + " has no fingerprint: " + good.error().message);
    return;
  }
  current_.value = SecretString(value);
}

void ImportReader::set_hash(std::string_view text, std::string_view column) {
  const std::string place = current_.place + " (" + std::string(column) + ")";
  if (!options_.scheme) return problem(place, "a column of hashes needs --hash-scheme and --hash-algorithm");
  text = trimmed(text);
  if (!text.starts_with(options_.scheme->hash_prefix))
    return problem(place, "the hash does not begin as --hash-prefix");
  text.remove_prefix(options_.scheme->hash_prefix.size());
  const auto digest = parse_digest(text, options_.scheme->base64);
  if (!digest) return problem(place, "this is no SHA-256 in the encoding that --hash-encoding names");
  current_.fingerprint = to_hex(*digest);
}

void ImportReader::fill_defaults() {
  for (const auto& [field, text] : options_.defaults) {
    if (!current_.has(field)) set(field, text, "--set");
  }
}

// A value that stands in another column as well would be stored with it.
void ImportReader::check_texts() {
  if (current_.value.empty()) return;
  for (std::size_t i = 0; i < kTokenFields; ++i) {
    const auto field = static_cast<Field>(i);
    if (field_text(current_.token, field).find(current_.value.view()) != std::string::npos) {
      problem(current_.place + " (" + std::string(field_name(field)) + ")", "the value itself stands in this field");
    }
  }
}

bool ImportReader::end() {
  fill_defaults();
  check_texts();
  if (!failed_) batch_.tokens.push_back(std::move(current_));
  return !failed_;
}

void ImportReader::finish() {
  for (const auto& [reason, count] : left_out_) note(std::to_string(count) + " left out: " + reason);
  left_out_.clear();
}

void ImportReader::each(JsonView list, const std::function<void(JsonView)>& visit) {
  if (!list.is_array()) return visit(list);
  for (JsonView item = list.first(); item.exists(); item = item.next()) visit(item);
}

}  // namespace keytrail::inventory
