// The kinds of sinks, for sink.cc alone.
#pragma once

#include <memory>
#include <string>

#include "scanner/ticket/sink.h"

namespace keytrail::ticket {

struct Credentials {
  std::string user;
  std::string secret;
};

std::unique_ptr<Sink> make_forge_sink(const SinkSettings& settings, const Credentials& credentials);
std::unique_ptr<Sink> make_jira_sink(const SinkSettings& settings, const Credentials& credentials);
std::unique_ptr<Sink> make_servicenow_sink(const SinkSettings& settings, const Credentials& credentials);
std::unique_ptr<Sink> make_message_sink(const SinkSettings& settings, const Credentials& credentials);

}  // namespace keytrail::ticket
