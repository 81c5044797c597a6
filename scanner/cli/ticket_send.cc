#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "scanner/base/file.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/ticket_common.h"
#include "scanner/ticket/metrics.h"
#include "scanner/ticket/sync.h"

namespace keytrail::cli {
namespace {

constexpr std::size_t kMaxSettingsBytes = std::size_t{4} << 20;

struct Sinks {
  std::vector<std::unique_ptr<ticket::Sink>> owned;
  std::vector<ticket::NamedSink> named;
};

// `pretend`: credentials need not be there.
Result<Sinks> load_sinks(const std::string& path, bool pretend) {
  const auto text = read_file(path, kMaxSettingsBytes);
  if (!text) return text.error();
  const auto settings = ticket::parse_sinks(*text, path);
  if (!settings) return settings.error();
  if (settings->empty()) {
    return make_error(ErrorCode::invalid_argument, "has no [[sink]]; docs/tickets.md shows one of each kind", path);
  }
  Sinks sinks;
  for (const ticket::SinkSettings& one : *settings) {
    const auto variable = [&](const std::string& name) {
      const char* value = pretend ? "not used" : std::getenv(name.c_str());
      return std::string(value == nullptr ? "" : value);
    };
    auto made = ticket::make_sink(one, variable);
    if (!made) return made.error();
    sinks.named.push_back({one.name, made->get()});
    sinks.owned.push_back(std::move(*made));
  }
  return sinks;
}

int print_synced(const ticket::Synced& synced) {
  for (const std::string& line : synced.left) std::cerr << "keytrail: not sent: " << line << "\n";
  std::cout << synced.sent << " sent, " << synced.unchanged << " unchanged, " << synced.left.size()
            << " left to send\n";
  return synced.left.empty() ? kClean : kIncomplete;
}

int run_sync(const TicketArguments& arguments) {
  const auto tools = load_tools(arguments);
  if (!tools) return fail(tools.error());
  const auto sinks = load_sinks(arguments.settings, arguments.dry_run);
  if (!sinks) return fail(sinks.error());
  const auto store = ticket::Store::open(arguments.out, !arguments.dry_run);
  if (!store) return fail(store.error());
  if (arguments.dry_run) {
    std::vector<std::string> preview;
    const auto synced = ticket::sync(*store, tools->composer, sinks->named, nullptr, arguments.resend, &preview);
    if (!synced) return fail(synced.error());
    for (const std::string& line : preview) std::cout << line << "\n";
    std::cout << preview.size() << " would be sent, " << synced->unchanged << " unchanged\n";
    return kClean;
  }
  ticket::HttpClient::Limits limits;
  limits.total_seconds = tools->settings.timeout_seconds;
  limits.connect_seconds = std::min(limits.connect_seconds, limits.total_seconds);
  auto client = ticket::HttpClient::load(limits);
  if (!client) return fail(client.error());
  ticket::Transport transport(
      *client, [](int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); },
      {.tries = tools->settings.tries, .first_pause_milliseconds = tools->settings.pause_milliseconds});
  const auto synced = ticket::sync(*store, tools->composer, sinks->named, &transport, arguments.resend, nullptr);
  return synced ? print_synced(*synced) : fail(synced.error());
}

int run_metrics(const TicketArguments& arguments) {
  const auto at = time_of(arguments);
  if (!at) return fail(at.error());
  const auto store = ticket::Store::open(arguments.out, false);
  if (!store) return fail(store.error());
  const ticket::Metrics metrics = ticket::measure(*store, *at);
  std::cout << (arguments.format == "json"         ? ticket::metrics_json(metrics)
                : arguments.format == "prometheus" ? ticket::metrics_prometheus(metrics)
                                                   : ticket::metrics_text(metrics));
  return kClean;
}

}  // namespace

void add_ticket_sending(CLI::App& tickets, Arguments& arguments) {
  const SharedTicketArguments sent = std::make_shared<TicketArguments>();
  CLI::App* sync = tickets.add_subcommand("sync", "Bring the tickets of a folder to the sinks of the settings");
  add_folder(*sync, sent);
  add_tools(*sync, sent);
  sync->get_option("--settings")->required();
  sync->add_flag("--dry-run", sent->dry_run, "Say what would be sent, and send nothing");
  sync->add_flag("--resend", sent->resend, "Send again what may have arrived in a chat");
  sync->callback([sent, &arguments] { arguments.run = [sent] { return run_sync(*sent); }; });

  const SharedTicketArguments measured = std::make_shared<TicketArguments>();
  CLI::App* metrics = tickets.add_subcommand("metrics", "Figures: open, late, closed, time to close");
  add_folder(*metrics, measured);
  metrics->add_option("--format", measured->format, "text, json or prometheus")
      ->check(CLI::IsMember({"text", "json", "prometheus"}));
  metrics->add_option("--now", measured->now, "Take this for the present time")->type_name("TIME");
  metrics->callback([measured, &arguments] { arguments.run = [measured] { return run_metrics(*measured); }; });
}

}  // namespace keytrail::cli
