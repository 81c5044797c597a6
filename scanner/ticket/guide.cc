#include "scanner/ticket/guide.h"

#include <toml++/toml.h>
#include <algorithm>
#include <optional>
#include <set>

#include "scanner/base/glob.h"
#include "scanner/base/text.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

constexpr std::string_view kNewValue = "NEW_VALUE";
constexpr std::string_view kOldValue = "OLD_VALUE";

Value argument_shape() {
  Value arguments = Value::object();
  for (const std::string& name : guide_arguments()) arguments.set(name, "x");
  Value shape = Value::object();
  shape.set("arg", std::move(arguments));
  return shape;
}

// Case and punctuation of a provider's name do not count.
std::string folded(std::string_view name) {
  std::string out;
  for (const char c : lower(name)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

// Reads one table; the first thing that is wrong stays in `problem`.
class Reader {
 public:
  Reader(const toml::table& table, const std::string& file) : table_(table), file_(file) {}

  void fail(const toml::node& node, const std::string& message) {
    if (problem_) return;
    problem_ = make_error(ErrorCode::invalid_argument, message, file_ + ":" + std::to_string(node.source().begin.line));
  }
  const std::optional<Error>& problem() const { return problem_; }

  std::string text(std::string_view key) {
    const toml::node* node = take(key);
    if (node == nullptr) return {};
    if (const auto* value = node->as_string()) return value->get();
    fail(*node, std::string(key) + " must be a text");
    return {};
  }

  bool flag(std::string_view key) {
    const toml::node* node = take(key);
    if (node == nullptr) return false;
    if (const auto* value = node->as_boolean()) return value->get();
    fail(*node, std::string(key) + " must be true or false");
    return false;
  }

  std::vector<std::string> texts(std::string_view key) {
    std::vector<std::string> out;
    const toml::node* node = take(key);
    if (node == nullptr) return out;
    const toml::array* array = node->as_array();
    if (array == nullptr) fail(*node, std::string(key) + " must be a list of texts");
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const auto* value = array->get(i)->as_string();
      if (value == nullptr)
        fail(*array->get(i), std::string(key) + " must be a list of texts");
      else
        out.push_back(value->get());
    }
    return out;
  }

  const toml::table* table(std::string_view key) {
    const toml::node* node = take(key);
    if (node == nullptr) return nullptr;
    if (node->as_table() == nullptr) fail(*node, std::string(key) + " must be a table");
    return node->as_table();
  }

  const toml::array* array(std::string_view key) {
    const toml::node* node = take(key);
    if (node == nullptr) return nullptr;
    if (node->as_array() == nullptr) fail(*node, std::string(key) + " must be a list of steps");
    return node->as_array();
  }

  // What nobody asked for is a mistake of writing.
  void no_more() {
    for (const auto& [key, node] : table_) {
      if (!seen_.contains(std::string(key.str()))) {
        fail(node, "unknown key '" + std::string(key.str()) + "'; rules/providers/README.md lists them");
      }
    }
  }

 private:
  const toml::node* take(std::string_view key) {
    seen_.emplace(key);
    return table_.get(key);
  }

  const toml::table& table_;
  const std::string& file_;
  std::set<std::string> seen_;
  std::optional<Error> problem_;
};

class GuideReader {
 public:
  GuideReader(const toml::table& table, const std::string& file) : file_(file), table_(table), reader_(table, file) {}

  Result<Guide> read() {
    static const Value kShape = argument_shape();
    shape_ = &kShape;
    guide_.id = reader_.text("id");
    guide_.name = reader_.text("name");
    guide_.match = reader_.texts("match");
    guide_.rules = reader_.texts("rules");
    guide_.fallback = reader_.flag("fallback");
    guide_.console = address("console");
    guide_.docs = address("docs");
    guide_.two_live = reader_.flag("two_live");
    guide_.two_live_note = reader_.text("two_live_note");
    steps("create", guide_.create);
    steps("replace", guide_.replace);
    steps("revoke", guide_.revoke);
    steps("verify", guide_.verify);
    steps("dead", guide_.dead);
    guide_.owner = reader_.text("owner");
    guide_.abuse = reader_.text("abuse");
    guide_.vendor = reader_.text("vendor");
    guide_.customers = reader_.text("customers");
    guide_.automate = reader_.text("automate");
    if (const toml::table* probe = reader_.table("probe")) read_probe(*probe);
    reader_.no_more();
    check();
    if (reader_.problem()) return *reader_.problem();
    return std::move(guide_);
  }

 private:
  std::string address(std::string_view key) {
    std::string text = reader_.text(key);
    if (!text.empty() && !text.starts_with("https://")) {
      reader_.fail(*table_.get(key), std::string(key) + " must be an https address");
    }
    return text;
  }

  void check() {
    const bool id_is_good = !guide_.id.empty() && std::all_of(guide_.id.begin(), guide_.id.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
    if (!id_is_good) reader_.fail(table_, "a provider needs an id of lower case letters, digits and hyphens");
    if (guide_.name.empty()) reader_.fail(table_, "provider " + guide_.id + " needs a name");
    if (!guide_.fallback && guide_.match.empty() && guide_.rules.empty()) {
      reader_.fail(table_, "provider " + guide_.id + " needs match or rules");
    }
    if (guide_.revoke.empty() || guide_.verify.empty() || guide_.dead.empty() || guide_.owner.empty()) {
      reader_.fail(table_, "provider " + guide_.id + " needs revoke, owner, and a probe or verify and dead");
    }
    if (guide_.two_live ? guide_.create.empty() : guide_.replace.empty()) {
      reader_.fail(table_, "provider " + guide_.id + " needs " + (guide_.two_live ? "create" : "replace"));
    }
  }

  void add_step(const toml::node& at, const std::string& text, const std::string& command,
                std::vector<GuideStep>& into) {
    const std::size_t line = at.source().begin.line;
    auto sentence = Template::parse(text, file_, Escape::plain, *shape_, line);
    auto run = Template::parse(command, file_, Escape::plain, *shape_, line);
    if (!sentence || !run) {
      const Error& error = sentence ? run.error() : sentence.error();
      reader_.fail(at, error.message);
      return;
    }
    into.push_back(GuideStep{std::move(*sentence), std::move(*run)});
  }

  void steps(std::string_view key, std::vector<GuideStep>& into) {
    const toml::array* array = reader_.array(key);
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const toml::node& node = *array->get(i);
      if (node.as_table() == nullptr) {
        reader_.fail(node, std::string(key) + " must be a list of { do = …, run = … }");
        return;
      }
      Reader step(*node.as_table(), file_);
      const std::string text = step.text("do");
      const std::string command = step.text("run");
      if (text.empty()) step.fail(node, "a step needs do, its sentence");
      step.no_more();
      if (step.problem()) reader_.fail(node, step.problem()->message);
      add_step(node, text, command, into);
    }
  }

  // One call tells both: that the new value lives and that the old one is dead.
  void read_probe(const toml::table& table) {
    Reader probe(table, file_);
    const std::string url = probe.text("url");
    const std::string method = probe.text("method");
    const std::string auth = probe.text("auth");
    const std::string header = probe.text("header");
    const std::string note = probe.text("note");
    const std::string alive = probe.text("alive");
    const std::string dead = probe.text("dead");
    const bool body = probe.flag("body");
    if (auth.find("%s") == std::string::npos || auth.find('\'') != std::string::npos) {
      probe.fail(table, "auth is a line of curl's configuration with %s and without '");
    }
    if (alive.empty() || dead.empty()) probe.fail(table, "a probe needs alive and dead");
    probe.no_more();
    if (probe.problem()) {
      reader_.fail(table, probe.problem()->message);
      return;
    }
    const auto command = [&](std::string_view value) {
      const std::string name(value);
      std::string run = "read -rs " + name + " && printf '" + auth + "\\n' \"$" + name + "\" | curl -sS -K -";
      if (!method.empty()) run += " -X " + method;
      if (!header.empty()) run += " -H '" + header + "'";
      if (!body) run += " -o /dev/null -w '%{http_code}\\n'";
      return url.empty() ? run : run + " \"" + url + "\"";
    };
    const std::string more = note.empty() ? "" : " " + note;
    add_step(table, "Ask the provider with the new value, from each place that uses it: " + alive + "." + more,
             command(kNewValue), guide_.verify);
    add_step(table, "Ask the provider with the old value: it is dead when the answer is " + dead + "." + more,
             command(kOldValue), guide_.dead);
  }

  const std::string& file_;
  const toml::table& table_;
  Reader reader_;
  const Value* shape_ = nullptr;
  Guide guide_;
};

}  // namespace

const std::vector<std::string>& guide_arguments() {
  static const std::vector<std::string> kNames = {"account",      "client_id", "database",   "host", "key_id",
                                                  "organization", "project",   "repository", "role", "service",
                                                  "token_id",     "user",      "workspace",  "zone"};
  return kNames;
}

Result<Guides> Guides::builtin() {
  Guides guides;
  for (const BuiltinFile& file : builtin_provider_files()) {
    if (Status added = guides.add(file.text, std::string(file.name)); !added) return added.error();
  }
  return guides;
}

Status Guides::add(std::string_view toml, const std::string& place) {
  toml::table document;
  try {
    document = toml::parse(toml, place);
  } catch (const toml::parse_error& error) {
    return make_error(ErrorCode::invalid_argument, std::string(error.description()),
                      place + ":" + std::to_string(error.source().begin.line));
  }
  for (const auto& [key, node] : document) {
    if (key.str() != "provider" || node.as_array() == nullptr) {
      return make_error(ErrorCode::invalid_argument, "only [[provider]] may stand here",
                        place + ":" + std::to_string(node.source().begin.line));
    }
  }
  const toml::array* list = document["provider"].as_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const toml::table* table = list->get(i)->as_table();
    if (table == nullptr) return make_error(ErrorCode::invalid_argument, "a provider is a table", place);
    auto guide = GuideReader(*table, place).read();
    if (!guide) return guide.error();
    const std::string at = place + ":" + std::to_string(table->source().begin.line);
    if (Status added = put(std::move(*guide), at); !added) return added;
  }
  return {};
}

Status Guides::put(Guide guide, const std::string& place) {
  const auto known =
      std::find_if(guides_.begin(), guides_.end(), [&](const Guide& other) { return other.id == guide.id; });
  const bool second_fallback = guide.fallback && std::any_of(guides_.begin(), guides_.end(), [&](const Guide& other) {
                                 return other.fallback && other.id != guide.id;
                               });
  if (second_fallback) return make_error(ErrorCode::invalid_argument, "there is a fallback already", place);
  if (known != guides_.end()) {
    if (known->fallback && !guide.fallback) {
      return make_error(ErrorCode::invalid_argument, "the fallback must stay one: fallback = true", place);
    }
    *known = std::move(guide);
    return {};
  }
  if (guide.fallback) fallback_ = guides_.size();
  guides_.push_back(std::move(guide));
  return {};
}

const Guide& Guides::find(std::string_view rule, std::string_view provider) const {
  const Guide* best = nullptr;
  std::size_t length = 0;
  const std::string wanted = folded(provider);
  for (const Guide& guide : guides_) {
    for (const std::string& pattern : guide.rules) {
      const auto letters = pattern.size() - static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), '*'));
      if (rule.empty() || letters <= length || !glob_matches(pattern, rule)) continue;
      best = &guide;
      length = letters;
    }
  }
  for (const Guide& guide : guides_) {
    if (best != nullptr || wanted.empty()) break;
    const auto same = [&](const std::string& name) { return folded(name) == wanted; };
    if (folded(guide.id) == wanted || std::any_of(guide.match.begin(), guide.match.end(), same)) best = &guide;
  }
  return best == nullptr ? guides_[fallback_] : *best;
}

}  // namespace keytrail::ticket
