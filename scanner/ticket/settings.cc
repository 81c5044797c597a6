#include "scanner/ticket/plan.h"

#include <toml++/toml.h>

namespace keytrail::ticket {
namespace {

constexpr core::Instant kMinute = 60;

// "30m", "4h", "2d" in seconds; 0 for anything else.
core::Instant parse_span(const std::string& text) {
  constexpr std::size_t kMostDigits = 5;
  if (text.size() < 2 || text.size() > kMostDigits + 1) return 0;
  core::Instant count = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return 0;
    count = count * 10 + (c - '0');
  }
  const char unit = text.back();
  return count * (unit == 'm'   ? kMinute
                  : unit == 'h' ? std::int64_t{60} * kMinute
                  : unit == 'd' ? std::int64_t{24} * 60 * kMinute
                                : 0);
}

Error wrong(const toml::node& node, std::string message, const std::string& place) {
  return make_error(ErrorCode::invalid_argument, std::move(message),
                    place + ":" + std::to_string(node.source().begin.line));
}

Status read_levels(const toml::node& node, Settings& settings, const std::string& place) {
  const toml::array* array = node.as_array();
  settings.escalation.clear();
  for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
    const toml::node& entry = *array->get(i);
    const toml::table* table = entry.as_table();
    const auto who = table == nullptr ? std::nullopt : (*table)["who"].value<std::string>();
    const auto within = table == nullptr ? std::nullopt : (*table)["within"].value<std::string>();
    if (!who || !within || parse_span(*within) == 0 || table->size() != 2) {
      return wrong(entry, "a level of escalation is { who = \"…\", within = \"30m\" }", place);
    }
    settings.escalation.push_back({*who, parse_span(*within)});
  }
  if (settings.escalation.empty())
    return wrong(node, "escalation must be a list of { who = \"…\", within = \"30m\" }", place);
  return {};
}

struct NumberKey {
  std::string_view name;
  int Settings::*into;
  std::int64_t least;
  std::int64_t most;
};
constexpr NumberKey kNumbers[] = {{"tries", &Settings::tries, 1, 20},
                                  {"pause_milliseconds", &Settings::pause_milliseconds, 0, 60000},
                                  {"timeout_seconds", &Settings::timeout_seconds, 1, 600}};

// Whether it is a key of a number; then it is read.
Result<bool> read_number(std::string_view name, const toml::node& node, Settings& settings, const std::string& place) {
  for (const NumberKey& key : kNumbers) {
    if (key.name != name) continue;
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < key.least || *value > key.most) {
      return wrong(
          node,
          std::string(name) + " is a number from " + std::to_string(key.least) + " to " + std::to_string(key.most),
          place);
    }
    settings.*key.into = static_cast<int>(*value);
    return true;
  }
  return false;
}

}  // namespace

Settings default_settings() {
  Settings settings;
  settings.requester = "keytrail";
  settings.requester_role = "automatic scan";
  settings.security = "Security";
  settings.incident_contact = "Security on-call";
  settings.vault = "YOUR_VAULT_WRITE_COMMAND";
  settings.escalation = {{"Platform Engineering", 30 * kMinute},
                         {"Security Operations", 15 * kMinute},
                         {"Security on-call", 15 * kMinute}};
  return settings;
}

Result<Settings> parse_settings(std::string_view text, const std::string& place) {
  toml::table document;
  try {
    document = toml::parse(text, place);
  } catch (const toml::parse_error& error) {
    return make_error(ErrorCode::invalid_argument, std::string(error.description()),
                      place + ":" + std::to_string(error.source().begin.line));
  }
  Settings settings = default_settings();
  for (const auto& [key, node] : document) {
    const std::string_view name = key.str();
    std::string* into = name == "visibility"         ? &settings.visibility
                        : name == "requester"        ? &settings.requester
                        : name == "requester_role"   ? &settings.requester_role
                        : name == "security"         ? &settings.security
                        : name == "incident_contact" ? &settings.incident_contact
                        : name == "vault_command"    ? &settings.vault
                        : name == "evidence"         ? &settings.evidence
                                                     : nullptr;
    if (name == "sink") continue;  // sink.h reads these
    if (name == "escalation") {
      if (Status read = read_levels(node, settings, place); !read) return read.error();
      continue;
    }
    const auto number = read_number(name, node, settings, place);
    if (!number) return number.error();
    if (*number) continue;
    if (into == nullptr)
      return wrong(node, "unknown key '" + std::string(name) + "'; docs/tickets.md lists them", place);
    const auto value = node.value<std::string>();
    if (!value || value->find('\n') != std::string::npos)
      return wrong(node, std::string(name) + " must be a text of one line", place);
    *into = *value;
  }
  if (!settings.visibility.empty() && settings.visibility != "public" && settings.visibility != "private") {
    return wrong(*document.get("visibility"), "visibility is public or private", place);
  }
  return settings;
}

}  // namespace keytrail::ticket
