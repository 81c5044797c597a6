// The situations that the golden tickets are made for, and parts of reports to make others of. No credential is here:
// masked values and fingerprints are made from words.
#pragma once

#include <string>
#include <vector>

#include "scanner/ticket/composer.h"
#include "scanner/ticket/plan.h"

namespace keytrail::test {

inline constexpr core::Instant kNow = 1795168800;  // 2026-11-20T10:00:00Z

struct NamedSituation {
  std::string name;
  ticket::Situation situation;
  ticket::Settings settings;
  ticket::Request request;
};

std::vector<NamedSituation> situations();
const NamedSituation& situation(const std::vector<NamedSituation>& all, const std::string& name);

ticket::Place place(const std::string& path, core::Instant date, bool at_tip);
ticket::Secret secret(const std::string& rule, const std::string& provider, const std::string& words);
core::TokenStatus token(const std::string& id, const std::string& provider, const std::string& service);
core::Verdict verdict(core::VerdictKind kind, core::Priority priority, const std::string& reason);
// A finding with a verdict of its token.
void link(ticket::Secret& secret, const std::string& token, const core::Verdict& verdict);

// All tickets of a situation, composed.
std::vector<ticket::Ticket> tickets_of(const NamedSituation& named);

}  // namespace keytrail::test
