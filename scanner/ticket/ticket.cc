#include "scanner/ticket/ticket.h"

#include <array>

#include "scanner/base/hash.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

constexpr std::array<std::string_view, 9> kTriggers = {"leak",     "superseded",     "never-rotated",
                                                       "overdue",  "expiring",       "offboarding",
                                                       "incident", "exception-over", "hash-secret"};
constexpr std::array<std::string_view, 5> kOrders = {"emergency", "dual", "gap", "direct", "confirm"};

}  // namespace

std::string_view to_string(Trigger trigger) { return kTriggers[static_cast<std::size_t>(trigger)]; }

std::optional<Trigger> parse_trigger(std::string_view text) {
  for (std::size_t i = 0; i < kTriggers.size(); ++i) {
    if (kTriggers[i] == text) return static_cast<Trigger>(i);
  }
  return std::nullopt;
}

std::string_view to_string(Order order) { return kOrders[static_cast<std::size_t>(order)]; }

std::string ticket_id(std::string_view subject, Trigger trigger) {
  constexpr std::size_t kBytes = 6;
  const Sha256Digest digest = sha256(std::string(subject) + '\n' + std::string(to_string(trigger)));
  return "kt-" + to_hex(digest.data(), kBytes);
}

const std::vector<SectionKind>& section_kinds() {
  static const std::vector<SectionKind> kKinds = {
      {"evidence", {"text"}},
      {"intake", {"field", "label", "value"}},
      {"risk", {"text"}},
      {"prerequisites", {"text"}},
      {"steps", {"phase", "text"}},
      {"checks", {"environment", "text"}},
      {"rollback", {"text"}},
      {"cleanup", {"text"}},
      {"escalation", {"level", "who", "within", "by"}},
      {"stages", {"stage", "due", "text"}},
      {"dual_control", {"text"}},
      {"audit", {"text"}},
      {"messages", {"audience", "title", "body"}},
      {"automation", {"text"}},
  };
  return kKinds;
}

std::size_t Ticket::place_count() const {
  std::size_t count = 0;
  for (const Source& source : sources.list) count += source.place_count;
  return count;
}

const Section* Ticket::section(std::string_view name) const {
  for (const Section& section : sections) {
    if (section.name == name) return &section;
  }
  return nullptr;
}

void fill_in_approvals(Ticket& ticket) {
  if (ticket.approvals.empty()) return;
  std::string text;
  for (const Approval& approval : ticket.approvals) {
    text += (text.empty() ? "" : "; ") + approval.role + " " + approval.person + ", " + time_text(approval.at);
  }
  for (Section& section : ticket.sections) {
    for (Item& item : section.items) {
      if (section.name == "intake" && item.columns.front() == "approval_times") item.columns.back() = text;
    }
  }
}

}  // namespace keytrail::ticket
