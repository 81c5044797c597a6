#include "scanner/ticket/metrics.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

constexpr std::array<core::Priority, 4> kPriorities = {core::Priority::p0, core::Priority::p1, core::Priority::p2,
                                                       core::Priority::p3};

std::string name_of(core::Priority priority) { return std::string(core::to_string(priority)); }
std::size_t index_of(core::Priority priority) { return static_cast<std::size_t>(priority); }

}  // namespace

Metrics measure(const Store& store, core::Instant now) {
  Metrics out;
  for (const auto& [id, ticket] : store.tickets()) {
    const std::size_t at = index_of(ticket.priority);
    for (const Change& change : ticket.history) out.reopened += change.text.starts_with("reopened") ? 1U : 0U;
    if (!ticket.open) {
      ++out.closed[at];
      if (ticket.closed) out.seconds_to_close[at] += std::max<core::Instant>(0, *ticket.closed - ticket.opened);
      continue;
    }
    ++out.open[at];
    ++out.open_by_trigger[std::string(to_string(ticket.trigger))];
    out.late[at] += ticket.due && *ticket.due < now ? 1U : 0U;
    out.without_owner += ticket.owner.empty() ? 1U : 0U;
    out.oldest_open_seconds = std::max(out.oldest_open_seconds, now - ticket.opened);
  }
  return out;
}

std::string metrics_text(const Metrics& metrics) {
  std::string out = "severity  open  late  closed  mean time to close\n";
  for (const core::Priority priority : kPriorities) {
    const std::size_t at = index_of(priority);
    const auto padded = [](std::size_t number, std::size_t width) {
      const std::string text = std::to_string(number);
      return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
    };
    const std::size_t closed = metrics.closed[at];
    out += name_of(priority) + padded(metrics.open[at], 12) + padded(metrics.late[at], 6) + padded(closed, 8) + "  " +
           (closed == 0 ? "-" : span_text(metrics.seconds_to_close[at] / static_cast<core::Instant>(closed))) + "\n";
  }
  for (const auto& [trigger, count] : metrics.open_by_trigger)
    out += "open, " + trigger + ": " + std::to_string(count) + "\n";
  out += "open without an owner: " + std::to_string(metrics.without_owner) + "\n";
  out += "reopened: " + std::to_string(metrics.reopened) + "\n";
  if (metrics.oldest_open_seconds > 0) out += "oldest open: " + span_text(metrics.oldest_open_seconds) + "\n";
  return out;
}

std::string metrics_json(const Metrics& metrics) {
  nlohmann::ordered_json out;
  out["schema_version"] = 1;
  for (const core::Priority priority : kPriorities) {
    const std::size_t at = index_of(priority);
    out["by_priority"][name_of(priority)] = {{"open", metrics.open[at]},
                                             {"late", metrics.late[at]},
                                             {"closed", metrics.closed[at]},
                                             {"seconds_to_close", metrics.seconds_to_close[at]}};
  }
  out["open_by_trigger"] = metrics.open_by_trigger;
  out["open_without_owner"] = metrics.without_owner;
  out["reopened"] = metrics.reopened;
  out["oldest_open_seconds"] = metrics.oldest_open_seconds;
  return out.dump(2) + "\n";
}

std::string metrics_prometheus(const Metrics& metrics) {
  std::string out;
  const auto family = [&](const std::string& name, const std::string& help, const std::string& type) {
    out += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
  };
  const auto by_priority = [&](const std::string& name, const auto& values) {
    for (const core::Priority priority : kPriorities) {
      out += name + "{priority=\"" + name_of(priority) + "\"} " + std::to_string(values[index_of(priority)]) + "\n";
    }
  };
  family("keytrail_tickets_open", "Open tickets.", "gauge");
  by_priority("keytrail_tickets_open", metrics.open);
  family("keytrail_tickets_late", "Open tickets past their deadline.", "gauge");
  by_priority("keytrail_tickets_late", metrics.late);
  family("keytrail_tickets_closed", "Closed tickets.", "gauge");
  by_priority("keytrail_tickets_closed", metrics.closed);
  family("keytrail_tickets_seconds_to_close", "Sum of the time from opening to closing.", "gauge");
  by_priority("keytrail_tickets_seconds_to_close", metrics.seconds_to_close);
  family("keytrail_tickets_open_by_trigger", "Open tickets by what caused them.", "gauge");
  for (const auto& [trigger, count] : metrics.open_by_trigger) {
    out += "keytrail_tickets_open_by_trigger{trigger=\"" + trigger + "\"} " + std::to_string(count) + "\n";
  }
  family("keytrail_tickets_open_without_owner", "Open tickets of tokens without an owner.", "gauge");
  out += "keytrail_tickets_open_without_owner " + std::to_string(metrics.without_owner) + "\n";
  family("keytrail_tickets_reopened", "How often tickets were reopened.", "gauge");
  out += "keytrail_tickets_reopened " + std::to_string(metrics.reopened) + "\n";
  family("keytrail_tickets_oldest_open_seconds", "Age of the oldest open ticket.", "gauge");
  out += "keytrail_tickets_oldest_open_seconds " + std::to_string(metrics.oldest_open_seconds) + "\n";
  return out;
}

}  // namespace keytrail::ticket
