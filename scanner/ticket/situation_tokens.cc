// The tokens of a situation, and those that come from the inventory's store instead of from a report.
#include <algorithm>

#include "scanner/ticket/situation.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

void scrub(std::string& text, Scrub how = Scrub::text) { text = scrubbed(text, how); }

void scrub(std::vector<std::string>& texts) {
  for (std::string& text : texts) scrub(text);
}

void scrub(std::map<std::string, std::string>& pairs) {
  std::map<std::string, std::string> clean;
  for (const auto& [name, value] : pairs) clean[scrubbed(name)] = scrubbed(value, Scrub::keep_uuid);
  pairs = std::move(clean);
}

void scrub(core::Token& token) {
  scrub(token.id, Scrub::keep_uuid);
  for (std::string* text : {&token.service, &token.provider, &token.kind, &token.environment, &token.purpose,
                            &token.owner, &token.backup_owner, &token.compliance, &token.storage, &token.approver})
    scrub(*text);
  for (std::vector<std::string>* texts : {&token.access, &token.scopes, &token.dependents}) scrub(*texts);
  scrub(token.identifiers);
  scrub(token.labels);
  for (core::TokenValue& value : token.values) scrub(value.last_four);
}

bool is_of_finding(const core::Verdict& verdict) {
  return verdict.kind <= core::VerdictKind::untracked || verdict.kind == core::VerdictKind::reused;
}

}  // namespace

const core::TokenStatus* Situation::find_token(std::string_view id) const {
  const auto found = places_of_tokens.find(id);
  return found == places_of_tokens.end() ? nullptr : &tokens[found->second];
}

void Situation::put_token(core::TokenStatus status) {
  const auto [found, added] = places_of_tokens.emplace(status.token.id, tokens.size());
  if (added)
    tokens.push_back(std::move(status));
  else
    tokens[found->second].token = std::move(status.token);
}

void Situation::add_whole_inventory(std::vector<core::TokenStatus> statuses) {
  for (core::TokenStatus& status : statuses) {
    scrub(status.token);
    scrub(status.tier_rule);
    for (core::Verdict& verdict : status.verdicts) {
      scrub(verdict.token, Scrub::keep_uuid);
      scrub(verdict.reason);
      scrub(verdict.rule);
      scrub(verdict.exception);
    }
    const auto [found, added] = places_of_tokens.emplace(status.token.id, tokens.size());
    if (added) {
      tokens.push_back(std::move(status));
      continue;
    }
    core::TokenStatus& known = tokens[found->second];
    for (core::Verdict& verdict : known.verdicts) {
      const bool told = std::any_of(status.verdicts.begin(), status.verdicts.end(),
                                    [&](const core::Verdict& other) { return other.kind == verdict.kind; });
      if (is_of_finding(verdict) && !told) status.verdicts.push_back(std::move(verdict));
    }
    known = std::move(status);
  }
  with_inventory = true;
  whole_inventory = true;
}

}  // namespace keytrail::ticket
