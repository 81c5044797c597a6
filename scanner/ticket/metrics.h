// Figures over the tickets of a folder: for people, programs and Prometheus.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>

#include "scanner/ticket/store.h"

namespace keytrail::ticket {

struct Metrics {
  std::array<std::size_t, 4> open{};  // by priority
  std::array<std::size_t, 4> closed{};
  std::array<std::size_t, 4> late{};                // open and past their deadline
  std::array<core::Instant, 4> seconds_to_close{};  // sum over the closed ones
  std::map<std::string, std::size_t> open_by_trigger;
  std::size_t without_owner = 0;  // open ones
  std::size_t reopened = 0;       // times
  core::Instant oldest_open_seconds = 0;
};

Metrics measure(const Store& store, core::Instant now);
std::string metrics_text(const Metrics& metrics);
std::string metrics_json(const Metrics& metrics);
// The text format of Prometheus, for its textfile collector.
std::string metrics_prometheus(const Metrics& metrics);

}  // namespace keytrail::ticket
