#include "scanner/ticket/sink.h"

#include <toml++/toml.h>
#include <algorithm>
#include <array>

#include "scanner/ticket/sink_kinds.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

constexpr std::array<std::string_view, 9> kKinds = {"github",  "gitlab", "jira-cloud", "jira-server", "servicenow",
                                                    "webhook", "slack",  "teams",      "smtp"};

std::optional<SinkKind> parse_kind(std::string_view text) {
  const auto found = std::find(kKinds.begin(), kKinds.end(), text);
  if (found == kKinds.end()) return std::nullopt;
  return static_cast<SinkKind>(found - kKinds.begin());
}

bool is_variable_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

class Reader {
 public:
  Reader(const toml::table& table, const std::string& place) : table_(table), place_(place) {}

  Result<SinkSettings> read() {
    SinkSettings sink;
    for (const auto& [key, node] : table_) {
      if (Status set = member(sink, key.str(), node); !set) return set.error();
    }
    const auto kind = parse_kind(table_["kind"].value_or(std::string()));
    if (!kind)
      return wrong(
          table_,
          "a sink needs a kind: github, gitlab, jira-cloud, jira-server, servicenow, webhook, slack, teams or smtp");
    sink.kind = *kind;
    if (sink.name.empty()) sink.name = std::string(kKinds[static_cast<std::size_t>(*kind)]);
    const bool chat = *kind == SinkKind::slack || *kind == SinkKind::teams;
    if (chat && !sink.url.empty())
      return wrong(table_,
                   "the address is a credential here: put it into the environment and name the variable in secret");
    if (!chat && !is_safe_address(sink.url))
      return wrong(table_, "a sink needs a url with https:// (smtps:// or smtp:// for mail)");
    if (!is_variable_name(sink.secret))
      return wrong(table_, "a sink needs secret, the name of an environment variable such as KEYTRAIL_GITHUB_TOKEN");
    const bool needs_project = *kind <= SinkKind::servicenow;
    if (needs_project && sink.project.empty()) return wrong(table_, "this kind of sink needs a project");
    if (*kind == SinkKind::smtp && (sink.from.empty() || sink.to.empty()))
      return wrong(table_, "mail needs from and to");
    if ((*kind == SinkKind::jira_cloud || *kind == SinkKind::servicenow) && !is_variable_name(sink.user)) {
      return wrong(table_, "this kind of sink needs user, the name of an environment variable");
    }
    return sink;
  }

 private:
  Error wrong(const toml::node& node, std::string message) const {
    return make_error(ErrorCode::invalid_argument, std::move(message),
                      place_ + ":" + std::to_string(node.source().begin.line));
  }

  Status member(SinkSettings& sink, std::string_view name, const toml::node& node) {
    if (name == "to") {
      const toml::array* array = node.as_array();
      for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
        if (const auto text = array->get(i)->value<std::string>()) sink.to.push_back(one_line(*text));
      }
      return {};
    }
    std::string unused;
    std::string* into = name == "kind"         ? &unused
                        : name == "name"       ? &sink.name
                        : name == "url"        ? &sink.url
                        : name == "project"    ? &sink.project
                        : name == "user"       ? &sink.user
                        : name == "secret"     ? &sink.secret
                        : name == "issue_type" ? &sink.issue_type
                        : name == "from"       ? &sink.from
                                               : nullptr;
    if (into == nullptr)
      return wrong(node, "unknown key '" + std::string(name) + "' of a sink; docs/tickets.md lists them");
    const auto text = node.value<std::string>();
    if (!text) return wrong(node, std::string(name) + " must be a text");
    *into = one_line(*text);
    return {};
  }

  const toml::table& table_;
  const std::string& place_;
};

}  // namespace

Result<std::vector<SinkSettings>> parse_sinks(std::string_view text, const std::string& place) {
  std::vector<SinkSettings> sinks;
  toml::table document;
  try {
    document = toml::parse(text, place);
  } catch (const toml::parse_error& error) {
    return make_error(ErrorCode::invalid_argument, std::string(error.description()),
                      place + ":" + std::to_string(error.source().begin.line));
  }
  const toml::array* list = document["sink"].as_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const toml::table* table = list->get(i)->as_table();
    if (table == nullptr) return make_error(ErrorCode::invalid_argument, "[[sink]] is a table", place);
    auto sink = Reader(*table, place).read();
    if (!sink) return sink.error();
    const bool twice =
        std::any_of(sinks.begin(), sinks.end(), [&](const SinkSettings& other) { return other.name == sink->name; });
    if (twice) {
      return make_error(ErrorCode::invalid_argument, "two sinks are called " + sink->name + ": give one a name",
                        place + ":" + std::to_string(table->source().begin.line));
    }
    sinks.push_back(std::move(*sink));
  }
  return sinks;
}

HttpResponse Transport::send(const HttpRequest& request, bool again, std::optional<HttpFailure>& failure) {
  int pause = limits_.first_pause_milliseconds;
  for (int attempt = 1;; ++attempt) {
    HttpResponse response = client_.send(request, failure);
    const bool refused = !failure && (response.status == 429 || response.status == 502 || response.status == 503);
    const bool broken = !failure && response.status >= 500 && !refused;
    const bool retry = failure ? (!failure->unsure || again) : refused || (broken && again);
    if (!retry || attempt >= limits_.tries) {
      // A server that failed in the middle may have done it all the same.
      if (broken && !again) failure = HttpFailure{"answers " + std::to_string(response.status), true};
      return response;
    }
    int wait = pause;
    if (response.retry_after) {
      if (*response.retry_after > limits_.longest_wait_seconds) return response;
      wait = std::max(wait, *response.retry_after * 1000);
    }
    sleep_(wait);
    pause *= 2;
  }
}

Result<std::unique_ptr<Sink>> make_sink(const SinkSettings& settings, const Environment& environment) {
  Credentials credentials;
  credentials.secret = environment(settings.secret);
  if (!settings.user.empty()) credentials.user = environment(settings.user);
  for (const auto& [name, value] :
       {std::pair(settings.secret, credentials.secret), std::pair(settings.user, credentials.user)}) {
    if (!name.empty() && (value.empty() || value.find_first_of("\r\n") != std::string::npos)) {
      return make_error(ErrorCode::permission_denied,
                        "is not set in the environment: the sink " + settings.name + " needs it", name);
    }
  }
  switch (settings.kind) {
    case SinkKind::github:
    case SinkKind::gitlab:
      return make_forge_sink(settings, credentials);
    case SinkKind::jira_cloud:
    case SinkKind::jira_server:
      return make_jira_sink(settings, credentials);
    case SinkKind::servicenow:
      return make_servicenow_sink(settings, credentials);
    default:
      return make_message_sink(settings, credentials);
  }
}

}  // namespace keytrail::ticket
