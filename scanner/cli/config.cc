#include "scanner/cli/config.h"

#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <sstream>

#include "scanner/base/file.h"

namespace keytrail::cli {
namespace {

constexpr std::string_view kFileName = ".keytrail.toml";
constexpr std::size_t kMaxConfigBytes = std::size_t{4} << 20;

// Reads values out of tables; remembers the first thing that is wrong.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  const std::optional<Error>& error() const { return error_; }

  void refuse(const toml::node& node, const std::string& message) {
    if (!error_) error_ = make_error(ErrorCode::invalid_argument, message, place(node));
  }

  std::string place(const toml::node& node) const { return file_ + ":" + std::to_string(node.source().begin.line); }

  void known_keys(const toml::table& table, std::string_view where, std::initializer_list<std::string_view> keys) {
    for (const auto& [key, value] : table) {
      if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) continue;
      std::string known;
      for (const std::string_view k : keys) known += (known.empty() ? "" : ", ") + std::string(k);
      refuse(value, "unknown key \"" + std::string(key.str()) + "\"" + std::string(where) + "; known are: " + known);
    }
  }

  void text(const toml::table& table, std::string_view key, std::string& out) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    if (const auto value = node->value_exact<std::string>()) {
      out = *value;
    } else {
      refuse(*node, std::string(key) + " must be a text");
    }
  }

  void truth(const toml::table& table, std::string_view key, bool& out) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    if (const auto value = node->value_exact<bool>()) {
      out = *value;
    } else {
      refuse(*node, std::string(key) + " must be true or false");
    }
  }

  void choice(const toml::table& table, std::string_view key, std::initializer_list<std::string_view> names,
              std::string& out) {
    text(table, key, out);
    if (out.empty() || std::find(names.begin(), names.end(), out) != names.end()) return;
    std::string known;
    for (const std::string_view n : names) known += (known.empty() ? "" : ", ") + std::string(n);
    refuse(*table.get(key), std::string(key) + " must be one of " + known);
  }

  void list(const toml::table& table, std::string_view key, std::vector<std::string>& out) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    const toml::array* array = node->as_array();
    if (array == nullptr) return refuse(*node, std::string(key) + " must be a list of texts");
    for (const toml::node& item : *array) {
      if (const auto value = item.value_exact<std::string>()) {
        out.push_back(*value);
      } else {
        refuse(item, std::string(key) + " must be a list of texts");
      }
    }
  }

 private:
  std::string file_;
  std::optional<Error> error_;
};

void read_scan(Reader& reader, const toml::table& table, Config& config) {
  reader.known_keys(table, " in [scan]",
                    {"exclude", "rules", "only_rules", "skip_rules", "min_confidence", "fail_on", "baseline",
                     "inventory", "policy", "public"});
  reader.list(table, "exclude", config.exclude);
  reader.list(table, "rules", config.rules);
  reader.list(table, "only_rules", config.only_rules);
  reader.list(table, "skip_rules", config.skip_rules);
  reader.text(table, "baseline", config.baseline);
  reader.text(table, "inventory", config.inventory);
  reader.text(table, "policy", config.policy);
  reader.truth(table, "public", config.is_public);
  reader.choice(table, "min_confidence", {"low", "medium", "high"}, config.min_confidence);
  reader.choice(table, "fail_on", {"info", "low", "medium", "high", "critical", "never"}, config.fail_on);
}

void read_allow(Reader& reader, const toml::table& table, Config& config) {
  reader.known_keys(table, " in [[allow]]", {"paths", "rules", "fingerprints", "reason", "expires"});
  scan::AllowEntry entry;
  entry.source = reader.place(table);
  reader.list(table, "paths", entry.paths);
  reader.list(table, "rules", entry.rules);
  reader.list(table, "fingerprints", entry.fingerprints);
  reader.text(table, "reason", entry.reason);
  if (const toml::node* expires = table.get("expires")) {
    if (const auto date = expires->value<toml::date>()) {
      std::ostringstream text;
      text << *date;
      entry.expires = text.str();
    } else if (const auto text = expires->value_exact<std::string>(); text && scan::is_date(*text)) {
      entry.expires = *text;
    } else {
      reader.refuse(*expires, "expires must be a date such as 2027-01-31");
    }
  }
  if (entry.reason.empty()) reader.refuse(table, "an [[allow]] entry needs a reason");
  if (entry.paths.empty() && entry.rules.empty() && entry.fingerprints.empty()) {
    reader.refuse(table, "an [[allow]] entry needs paths, rules or fingerprints");
  }
  config.allow.push_back(std::move(entry));
}

void read_document(Reader& reader, const toml::table& document, Config& config) {
  reader.known_keys(document, "", {"scan", "allow"});
  if (const toml::node* node = document.get("scan")) {
    if (const toml::table* table = node->as_table()) {
      read_scan(reader, *table, config);
    } else {
      reader.refuse(*node, "scan must be a table: [scan]");
    }
  }
  if (const toml::node* node = document.get("allow")) {
    const toml::array* entries = node->as_array();
    if (entries == nullptr) return reader.refuse(*node, "allow must be a list of tables: [[allow]]");
    for (const toml::node& entry : *entries) {
      if (const toml::table* table = entry.as_table()) {
        read_allow(reader, *table, config);
      } else {
        reader.refuse(entry, "allow must be a list of tables: [[allow]]");
      }
    }
  }
}

std::string find_upwards(std::string folder) {
  while (true) {
    std::string file = (folder == "/" ? "" : folder) + "/" + std::string(kFileName);
    if (::access(file.c_str(), F_OK) == 0) return file;
    const std::size_t slash = folder.rfind('/');
    if (folder == "/" || slash == std::string::npos) return {};
    folder = slash == 0 ? "/" : folder.substr(0, slash);
  }
}

}  // namespace

Result<Config> parse_config(std::string_view toml_text, const std::string& file) {
  Config config;
  config.file = file;
  Reader reader(file);
  try {
    const toml::table document = toml::parse(toml_text);
    read_document(reader, document, config);
  } catch (const toml::parse_error& error) {
    return make_error(ErrorCode::invalid_argument, std::string(error.description()),
                      file + ":" + std::to_string(error.source().begin.line));
  }
  if (reader.error()) return *reader.error();
  return config;
}

Result<Config> load_config(const std::string& file, const std::string& folder) {
  const std::string path = file.empty() ? find_upwards(folder) : file;
  if (path.empty()) return Config{};
  const auto text = read_file(path, kMaxConfigBytes);
  if (!text) return text.error();
  auto config = parse_config(*text, path);
  if (!config) return config.error();
  const std::size_t slash = path.rfind('/');
  config->folder = slash == std::string::npos ? folder : slash == 0 ? "/" : path.substr(0, slash);
  return config;
}

}  // namespace keytrail::cli
