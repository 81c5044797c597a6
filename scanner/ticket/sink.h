// Where tickets are sent to: issue trackers, webhooks, chat, mail. From [[sink]] tables of the settings file.
//
//   [[sink]]
//   kind = "github"              # github, gitlab, jira-cloud, jira-server, servicenow, webhook, slack, teams, smtp
//   url = "https://api.github.com"
//   project = "group/project"    # repository, project (id or path), Jira project key, ServiceNow table
//   secret = "KEYTRAIL_GITHUB_TOKEN"   # the *name* of an environment variable; never a value
//
// A tracker is asked for the ticket's id first, and only when it has none is an issue made: after a crash or a cut
// connection there is no twin. Webhooks and mail carry an idempotency key; chat has nothing of the kind, so what may
// have arrived there is not sent again by itself.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ticket/http.h"
#include "scanner/ticket/ticket.h"

namespace keytrail::ticket {

enum class SinkKind { github, gitlab, jira_cloud, jira_server, servicenow, webhook, slack, teams, smtp };

struct SinkSettings {
  SinkKind kind = SinkKind::webhook;
  std::string name;  // unique among the sinks; default: kind
  std::string url;   // of slack and teams the environment has it: it is a credential
  std::string project;
  std::string user;    // name of the environment variable that has the user
  std::string secret;  // and the secret
  std::string issue_type = "Task";
  std::string from;
  std::vector<std::string> to;
};

// The [[sink]] tables of a settings file; errors with file and line.
Result<std::vector<SinkSettings>> parse_sinks(std::string_view toml, const std::string& place);

// Looks into the environment.
using Environment = std::function<std::string(const std::string& name)>;

// How a delivery ended.
struct Delivery {
  enum class End { sent, failed, unsure } end = End::failed;
  std::string remote;   // what the tracker calls the issue
  std::string problem;  // without credentials
  bool down = false;    // the system could not be reached at all
};

// Sends with retries: refused and cut connections, 429 and 5xx, with growing pauses and what Retry-After asks for.
class Transport {
 public:
  using Sleep = std::function<void(int milliseconds)>;
  struct Limits {
    int tries = 4;
    int first_pause_milliseconds = 500;
    int longest_wait_seconds = 60;
  };
  Transport(HttpClient& client, Sleep sleep, Limits limits)
      : client_(client), sleep_(std::move(sleep)), limits_(limits) {}

  // `again`: whether it may be sent a second time when the first may have arrived.
  HttpResponse send(const HttpRequest& request, bool again, std::optional<HttpFailure>& failure);

 private:
  HttpClient& client_;
  Sleep sleep_;
  Limits limits_;
};

class Sink {
 public:
  virtual ~Sink() = default;
  // Brings the remote side to the ticket's state. `remote` is what it was called the last time; empty: not known.
  virtual Delivery deliver(Transport& transport, const Ticket& ticket, const std::string& markdown,
                           const std::string& remote) = 0;
  // What deliver would do, one line, without credentials.
  virtual std::string preview(const Ticket& ticket) const = 0;
  // Whether what may have arrived can be sent again without a twin.
  virtual bool is_idempotent() const = 0;
};

// permission_denied where the environment lacks a credential.
Result<std::unique_ptr<Sink>> make_sink(const SinkSettings& settings, const Environment& environment);

}  // namespace keytrail::ticket
