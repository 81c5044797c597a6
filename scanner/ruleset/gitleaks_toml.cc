#include "scanner/ruleset/gitleaks_toml.h"

#include <toml++/toml.h>

#include <algorithm>
#include <exception>
#include <initializer_list>
#include <utility>

#include "scanner/base/text.h"

namespace keytrail::ruleset {
namespace {

// Reads tables; keeps the first error and all notes.
class Reader {
 public:
  Reader(const std::string& file, std::vector<std::string>& notes) : file_(file), notes_(notes) {}

  std::optional<Error> take_error() { return std::move(error_); }
  std::string place(const toml::node& node) const { return file_ + ":" + std::to_string(node.source().begin.line); }

  void refuse(const toml::node& node, std::string message) {
    if (!error_) error_ = make_error(ErrorCode::invalid_argument, std::move(message), place(node));
  }

  void known(const toml::table& table, std::string_view where, std::initializer_list<std::string_view> keys) {
    for (const auto& [key, value] : table) {
      const std::string name = lower(key.str());
      const bool is_known = std::any_of(keys.begin(), keys.end(), [&](std::string_view k) { return lower(k) == name; });
      if (is_known) continue;
      notes_.push_back(place(value) + ": the key \"" + std::string(key.str()) + "\"" + std::string(where) +
                       " is not known and has no effect");
    }
  }

  const toml::node* find(const toml::table& table, std::string_view key) const {
    for (const auto& [name, value] : table) {
      if (lower(name.str()) == lower(key)) return &value;
    }
    return nullptr;
  }

  void text(const toml::table& table, std::string_view key, std::string& out) {
    const toml::node* node = find(table, key);
    if (node == nullptr) return;
    if (const auto value = node->value_exact<std::string>()) {
      out = *value;
    } else {
      refuse(*node, std::string(key) + " must be a text");
    }
  }

  void flag(const toml::table& table, std::string_view key, bool& out) {
    const toml::node* node = find(table, key);
    if (node == nullptr) return;
    if (const auto value = node->value_exact<bool>()) {
      out = *value;
    } else {
      refuse(*node, std::string(key) + " must be true or false");
    }
  }

  void number(const toml::table& table, std::string_view key, double most, std::optional<double>& out) {
    const toml::node* node = find(table, key);
    if (node == nullptr) return;
    const auto value = node->value<double>();
    if (node->is_number() && value && *value >= 0 && *value <= most) {
      out = *value;
    } else {
      refuse(*node, std::string(key) + " must be a number of 0 to " + std::to_string(static_cast<int>(most)));
    }
  }

  void texts(const toml::table& table, std::string_view key, std::vector<std::string>& out) {
    const toml::node* node = find(table, key);
    if (node == nullptr) return;
    const toml::array* array = node->as_array();
    if (array == nullptr) return refuse(*node, std::string(key) + " must be a list of texts");
    for (const toml::node& item : *array) {
      if (const auto value = item.value_exact<std::string>()) {
        // An empty text holds everywhere, or nowhere: gitleaks and we take it for none.
        if (!value->empty()) out.push_back(*value);
      } else {
        refuse(item, std::string(key) + " must be a list of texts");
      }
    }
  }

  // The tables of `key`, which is one or a list of them.
  std::vector<const toml::table*> tables(const toml::table& table, std::string_view key) {
    std::vector<const toml::table*> found;
    const toml::node* node = find(table, key);
    if (node == nullptr) return found;
    if (const toml::table* one = node->as_table()) return {one};
    const toml::array* array = node->as_array();
    if (array == nullptr) return refuse(*node, std::string(key) + " must be a table"), found;
    for (const toml::node& item : *array) {
      if (const toml::table* one = item.as_table()) {
        found.push_back(one);
      } else {
        refuse(item, std::string(key) + " must be a list of tables");
      }
    }
    return found;
  }

 private:
  const std::string& file_;
  std::vector<std::string>& notes_;
  std::optional<Error> error_;
};

void read_condition(Reader& reader, const toml::table& table, GitleaksAllowlist& list) {
  std::string condition;
  reader.text(table, "condition", condition);
  const std::string word = lower(condition);
  if (word == "and" || word == "&&") {
    list.needs_all = true;
  } else if (!word.empty() && word != "or" && word != "||") {
    reader.refuse(*reader.find(table, "condition"), "condition must be \"OR\" or \"AND\"");
  }
  std::string target;
  reader.text(table, "regexTarget", target);
  if (target == "match") {
    list.target = GitleaksAllowlist::Target::match;
  } else if (target == "line") {
    list.target = GitleaksAllowlist::Target::line;
  } else if (!target.empty() && target != "secret") {
    reader.refuse(*reader.find(table, "regexTarget"), "regexTarget must be \"secret\", \"match\" or \"line\"");
  }
}

GitleaksAllowlist read_allowlist(Reader& reader, const toml::table& table, std::vector<std::string>& notes) {
  reader.known(table, " of an allowlist",
               {"description", "targetRules", "condition", "commits", "paths", "regexTarget", "regexes", "stopwords"});
  GitleaksAllowlist list;
  list.place = reader.place(table);
  reader.text(table, "description", list.description);
  reader.texts(table, "targetRules", list.target_rules);
  read_condition(reader, table, list);
  reader.texts(table, "commits", list.commits);
  for (std::string& commit : list.commits) commit = lower(commit);
  reader.texts(table, "paths", list.paths);
  reader.texts(table, "regexes", list.regexes);
  reader.texts(table, "stopwords", list.stopwords);
  for (std::string& word : list.stopwords) word = lower(word);
  if (list.commits.empty() && list.paths.empty() && list.regexes.empty() && list.stopwords.empty()) {
    notes.push_back(list.place + ": this allowlist names no commits, paths, regexes or stopwords and allows nothing");
  }
  return list;
}

std::vector<GitleaksAllowlist> read_allowlists(Reader& reader, const toml::table& table,
                                               std::vector<std::string>& notes) {
  std::vector<GitleaksAllowlist> lists;
  for (const char* key : {"allowlist", "allowlists"}) {
    for (const toml::table* entry : reader.tables(table, key)) lists.push_back(read_allowlist(reader, *entry, notes));
  }
  return lists;
}

GitleaksRequired read_required(Reader& reader, const toml::table& table) {
  constexpr double kMost = 1'000'000;
  reader.known(table, " of [[rules.required]]", {"id", "withinLines", "withinColumns"});
  GitleaksRequired required;
  required.place = reader.place(table);
  reader.text(table, "id", required.id);
  if (required.id.empty()) reader.refuse(table, "[[rules.required]] needs the id of a rule");
  const auto count = [&](std::string_view key) -> std::optional<std::uint32_t> {
    std::optional<double> number;
    reader.number(table, key, kMost, number);
    if (!number) return std::nullopt;
    return static_cast<std::uint32_t>(*number);
  };
  required.within_lines = count("withinLines");
  required.within_columns = count("withinColumns");
  return required;
}

GitleaksRule read_rule(Reader& reader, const toml::table& table, std::vector<std::string>& notes) {
  reader.known(table, " of a rule",
               {"id", "description", "regex", "path", "keywords", "tags", "entropy", "secretGroup", "skipReport",
                "required", "allowlist", "allowlists"});
  GitleaksRule rule;
  rule.place = reader.place(table);
  reader.text(table, "id", rule.id);
  if (rule.id.empty()) reader.refuse(table, "a rule needs an id");
  reader.text(table, "description", rule.description);
  reader.text(table, "regex", rule.regex);
  reader.text(table, "path", rule.path);
  reader.texts(table, "keywords", rule.keywords);
  for (std::string& word : rule.keywords) word = lower(word);
  std::optional<double> number;
  reader.number(table, "entropy", 8, number);
  rule.entropy = number.value_or(0);
  number.reset();
  reader.number(table, "secretGroup", 99, number);
  if (number) rule.secret_group = static_cast<std::uint32_t>(*number);
  reader.flag(table, "skipReport", rule.skip_report);
  for (const toml::table* entry : reader.tables(table, "required")) {
    rule.required.push_back(read_required(reader, *entry));
  }
  rule.allowlists = read_allowlists(reader, table, notes);
  return rule;
}

GitleaksConfig read_document(Reader& reader, const toml::table& document, std::vector<std::string>& notes) {
  GitleaksConfig config;
  reader.known(document, "", {"title", "description", "minVersion", "extend", "rules", "allowlist", "allowlists"});
  for (const toml::table* extend : reader.tables(document, "extend")) {
    reader.known(*extend, " in [extend]", {"useDefault", "path", "url", "disabledRules"});
    reader.flag(*extend, "useDefault", config.use_default);
    reader.text(*extend, "path", config.extend_path);
    reader.text(*extend, "url", config.extend_url);
    reader.texts(*extend, "disabledRules", config.disabled_rules);
  }
  for (const toml::table* rule : reader.tables(document, "rules")) {
    config.rules.push_back(read_rule(reader, *rule, notes));
  }
  config.allowlists = read_allowlists(reader, document, notes);
  return config;
}

}  // namespace

Result<GitleaksConfig> parse_gitleaks_toml(std::string_view toml, const std::string& file_name) {
  try {
    const toml::table document = toml::parse(toml, std::string_view(file_name));
    std::vector<std::string> notes;
    Reader reader(file_name, notes);
    GitleaksConfig config = read_document(reader, document, notes);
    if (std::optional<Error> error = reader.take_error()) return std::move(*error);
    config.notes = std::move(notes);
    return config;
  } catch (const toml::parse_error& error) {
    return make_error(ErrorCode::invalid_argument, "not TOML: " + std::string(error.description()) + "; mend it",
                      file_name + ":" + std::to_string(error.source().begin.line));
  } catch (const std::exception& error) {
    return make_error(ErrorCode::internal, error.what(), file_name);
  }
}

}  // namespace keytrail::ruleset
