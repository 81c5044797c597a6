#include "scanner/ruleset/rules_toml.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <exception>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "scanner/ruleset/checks.h"
#include "scanner/ruleset/rule_derive.h"

namespace keytrail::ruleset {
namespace {

constexpr std::array<std::string_view, 30> kRuleKeys = {"aliases",
                                                        "allow",
                                                        "anchor_patterns",
                                                        "anchors",
                                                        "anchors_caseless",
                                                        "block",
                                                        "border",
                                                        "category",
                                                        "check",
                                                        "check_decides",
                                                        "companions",
                                                        "confidence",
                                                        "context",
                                                        "context_distance",
                                                        "description",
                                                        "entropy",
                                                        "exclude_paths",
                                                        "id",
                                                        "kind",
                                                        "name",
                                                        "names",
                                                        "negative",
                                                        "paths",
                                                        "pattern",
                                                        "provider",
                                                        "rotate",
                                                        "run",
                                                        "run_bytes",
                                                        "secret_group",
                                                        "severity"};
constexpr std::array<std::string_view, 3> kCompanionKeys = {"required", "rule", "within"};
constexpr std::array<std::string_view, 2> kFileKeys = {"category", "rule"};

// Single edits between two words.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({changed, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row[b.size()];
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  return *std::min_element(known.begin(), known.end(), [&](std::string_view a, std::string_view b) {
    return distance(word, a) < distance(word, b);
  });
}

// Reads the keys of one table. The first error is kept; after it every read gives nothing.
class TableReader {
 public:
  TableReader(const toml::table& table, const std::string& file) : table_(table), file_(file) {}

  std::optional<Error> take_error() { return std::move(error_); }

  std::string place() const { return place_of(table_); }

  // Of a key's value; of the table when the key is absent.
  std::string place_of_key(std::string_view key) const {
    const toml::node* node = table_.get(key);
    return node != nullptr ? place_of(*node) : place();
  }

  void refuse_others(std::span<const std::string_view> known) {
    for (auto&& [key, value] : table_) {
      if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
      set_error("unknown key `" + std::string(key.str()) + "`, did you mean `" +
                    std::string(nearest(key.str(), known)) + "`?",
                at_line(key.source().begin.line));
      return;
    }
  }

  std::string text(std::string_view key, bool required = false) {
    const toml::node* node = find(key, required);
    if (node == nullptr) return {};
    if (const auto* value = node->as_string()) return value->get();
    return wrong_type(key, *node, "a text"), std::string();
  }

  bool flag(std::string_view key, bool otherwise) {
    const toml::node* node = find(key, false);
    if (node == nullptr) return otherwise;
    if (const auto* value = node->as_boolean()) return value->get();
    return wrong_type(key, *node, "true or false"), otherwise;
  }

  std::optional<std::uint32_t> count(std::string_view key, std::uint32_t least, std::uint32_t most) {
    const toml::node* node = find(key, false);
    if (node == nullptr) return std::nullopt;
    const auto* value = node->as_integer();
    if (value != nullptr && value->get() >= least && value->get() <= most) {
      return static_cast<std::uint32_t>(value->get());
    }
    return wrong_type(key, *node, "a whole number of " + std::to_string(least) + " to " + std::to_string(most)),
           std::nullopt;
  }

  double number(std::string_view key, double least, double most) {
    const toml::node* node = find(key, false);
    if (node == nullptr) return least;
    const std::optional<double> value = node->value<double>();
    if (value && *value >= least && *value <= most) return *value;
    return wrong_type(key, *node, "a number of 0 to 8"), least;
  }

  std::optional<std::vector<std::string>> texts(std::string_view key) {
    const toml::node* node = find(key, false);
    if (node == nullptr) return std::nullopt;
    std::vector<std::string> values;
    const toml::array* array = node->as_array();
    if (array == nullptr) return wrong_type(key, *node, "an array of texts"), values;
    for (const toml::node& element : *array) {
      const auto* value = element.as_string();
      if (value == nullptr || value->get().empty()) return wrong_type(key, element, "an array of texts"), values;
      values.push_back(value->get());
    }
    return values;
  }

  // One of the words that `parse` knows.
  template <typename T, typename Parse>
  void choice(std::string_view key, T& value, Parse parse, std::string_view allowed) {
    const toml::node* node = find(key, false);
    if (node == nullptr) return;
    const auto* word = node->as_string();
    const std::optional<T> parsed = word != nullptr ? parse(std::string_view(word->get())) : std::nullopt;
    if (parsed) {
      value = *parsed;
    } else {
      wrong_type(key, *node, allowed);
    }
  }

  // The tables in an array of tables.
  std::vector<const toml::table*> tables(std::string_view key) {
    std::vector<const toml::table*> values;
    const toml::node* node = find(key, false);
    if (node == nullptr) return values;
    const toml::array* array = node->as_array();
    if (array == nullptr) return wrong_type(key, *node, "an array of tables"), values;
    for (const toml::node& element : *array) {
      const toml::table* value = element.as_table();
      if (value == nullptr) return wrong_type(key, element, "an array of tables"), values;
      values.push_back(value);
    }
    return values;
  }

  void set_error(std::string message, std::string place) {
    if (!error_) error_ = make_error(ErrorCode::invalid_argument, std::move(message), std::move(place));
  }

 private:
  const toml::node* find(std::string_view key, bool required) {
    if (error_) return nullptr;
    const toml::node* node = table_.get(key);
    if (node == nullptr && required) set_error("the key `" + std::string(key) + "` is missing", place());
    return node;
  }
  void wrong_type(std::string_view key, const toml::node& node, std::string_view wanted) {
    set_error("`" + std::string(key) + "` must be " + std::string(wanted), place_of(node));
  }
  std::string place_of(const toml::node& node) const { return at_line(node.source().begin.line); }
  std::string at_line(toml::source_index line) const { return file_ + ":" + std::to_string(line); }

  const toml::table& table_;
  const std::string& file_;
  std::optional<Error> error_;
};

std::optional<RuleKind> parse_kind(std::string_view text) {
  for (const RuleKind kind :
       {RuleKind::block, RuleKind::token, RuleKind::context, RuleKind::password, RuleKind::generic}) {
    if (to_string(kind) == text) return kind;
  }
  return std::nullopt;
}

std::optional<bool> parse_border(std::string_view text) {
  if (text == "auto") return true;
  if (text == "none") return false;
  return std::nullopt;
}

std::optional<Category> parse_category(std::string_view text) {
  for (const Category category : {Category::provider_token, Category::private_key, Category::connection_string,
                                  Category::password, Category::header, Category::generic}) {
    if (to_string(category) == text) return category;
  }
  return std::nullopt;
}
constexpr std::string_view kCategories =
    "one of provider-token, private-key, connection-string, password, header, generic";

std::string check_names() {
  std::string names = "one of";
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(kLastCheck); ++i) {
    names += (i == 0 ? " " : ", ") + std::string(to_string(static_cast<CheckId>(i)));
  }
  return names;
}

std::vector<Companion> read_companions(TableReader& reader, const std::string& file) {
  std::vector<Companion> companions;
  for (const toml::table* table : reader.tables("companions")) {
    TableReader entry(*table, file);
    Companion companion;
    entry.refuse_others(kCompanionKeys);
    companion.rule = entry.text("rule", true);
    companion.within = entry.count("within", 1, 65536).value_or(companion.within);
    companion.required = entry.flag("required", companion.required);
    if (std::optional<Error> error = entry.take_error()) reader.set_error(error->message, error->subject);
    companions.push_back(std::move(companion));
  }
  return companions;
}

void read_names(TableReader& reader, std::optional<Category> file_category, Rule& rule) {
  rule.id = reader.text("id", true);
  rule.aliases = reader.texts("aliases").value_or(std::vector<std::string>());
  rule.name = reader.text("name", true);
  rule.provider = reader.text("provider", true);
  rule.description = reader.text("description");
  rule.rotate = reader.text("rotate");
  reader.choice("kind", rule.kind, parse_kind, "one of block, token, context, password, generic");
  // Of a file's own choice, then of the rule's.
  if (rule.kind == RuleKind::block) rule.category = Category::private_key;
  if (rule.kind == RuleKind::password) rule.category = Category::password;
  if (rule.kind == RuleKind::generic) rule.category = Category::generic;
  if (file_category) rule.category = *file_category;
  reader.choice("category", rule.category, parse_category, kCategories);
  reader.choice("severity", rule.severity, core::parse_severity, "one of info, low, medium, high, critical");
  reader.choice("confidence", rule.confidence, core::parse_confidence, "one of low, medium, high");
}

RuleDraft read_draft(TableReader& reader, const std::string& file, std::optional<Category> file_category) {
  RuleDraft draft;
  Rule& rule = draft.rule;
  reader.refuse_others(kRuleKeys);
  read_names(reader, file_category, rule);
  rule.pattern = reader.text("pattern", true);
  draft.secret_group = reader.count("secret_group", 0, 99);
  draft.anchors = reader.texts("anchors");
  draft.anchors_caseless = reader.flag("anchors_caseless", false);
  draft.anchor_patterns = reader.texts("anchor_patterns").value_or(std::vector<std::string>());
  rule.context = reader.texts("context").value_or(std::vector<std::string>());
  draft.names = reader.texts("names").value_or(std::vector<std::string>());
  rule.context_distance = reader.count("context_distance", 1, 4096).value_or(rule.context_distance);
  rule.min_entropy = reader.number("entropy", 0, 8);
  reader.choice("check", rule.check, parse_check, check_names());
  rule.check_decides = reader.flag("check_decides", false);
  rule.companions = read_companions(reader, file);
  rule.include_paths = reader.texts("paths").value_or(std::vector<std::string>());
  rule.exclude_paths = reader.texts("exclude_paths").value_or(std::vector<std::string>());
  rule.allow = reader.texts("allow").value_or(std::vector<std::string>());
  rule.negative_examples = reader.texts("negative").value_or(std::vector<std::string>());
  reader.choice("border", draft.wants_borders, parse_border, "auto or none");
  draft.block = reader.text("block");
  draft.run = reader.text("run");
  draft.run_bytes = reader.count("run_bytes", 1, kBlockBytes);
  rule.source = reader.place();
  return draft;
}

Result<Rule> read_rule(const toml::table& table, const std::string& file, std::optional<Category> file_category) {
  TableReader reader(table, file);
  RuleDraft draft = read_draft(reader, file, file_category);
  if (std::optional<Error> error = reader.take_error()) return std::move(*error);
  Result<Rule> rule = derive_rule(std::move(draft));
  if (!rule) return make_error(rule.error().code, rule.error().message, reader.place_of_key(rule.error().subject));
  return rule;
}

Result<std::vector<Rule>> read_file_rules(const toml::table& table, const std::string& file) {
  TableReader reader(table, file);
  reader.refuse_others(kFileKeys);
  std::optional<Category> category;
  if (!reader.text("category").empty()) {
    Category chosen = Category::provider_token;
    reader.choice("category", chosen, parse_category, kCategories);
    category = chosen;
  }
  std::vector<Rule> rules;
  const std::vector<const toml::table*> tables = reader.tables("rule");
  if (std::optional<Error> error = reader.take_error()) return std::move(*error);
  rules.reserve(tables.size());
  for (const toml::table* entry : tables) {
    Result<Rule> rule = read_rule(*entry, file, category);
    if (!rule) return rule.error();
    rules.push_back(std::move(*rule));
  }
  return rules;
}

}  // namespace

Result<std::vector<Rule>> parse_rules(std::string_view toml, const std::string& file_name) {
  try {
    return read_file_rules(toml::parse(toml, std::string_view(file_name)), file_name);
  } catch (const toml::parse_error& error) {
    return make_error(ErrorCode::invalid_argument, "not TOML: " + std::string(error.description()),
                      file_name + ":" + std::to_string(error.source().begin.line));
  } catch (const std::exception& error) {
    return make_error(ErrorCode::internal, error.what(), file_name);
  }
}

}  // namespace keytrail::ruleset
