#include "tests/unit/report/sample.h"

namespace keytrail::test {
namespace {

constexpr core::Instant kFirst = 1'600'000'000;

core::Verdict verdict(core::VerdictKind kind, core::Priority priority, const std::string& id, const std::string& why) {
  core::Verdict result;
  result.kind = kind;
  result.priority = priority;
  result.token = id;
  result.reason = why;
  result.rule = "priority." + std::string(core::to_string(kind));
  return result;
}

core::TokenStatus billing(const core::Verdict& leak) {
  core::TokenStatus status;
  core::Token& entry = status.token;
  entry.id = leak.token;
  entry.service = "billing-api";
  entry.provider = "acme";
  entry.environment = "production";
  entry.owner = "Platform";
  entry.access = {"billing-api", "ada"};
  entry.reaches_production = true;
  entry.created = kFirst - 86400;
  entry.rotation_days = 30;
  entry.values = {{"keytrail", std::string(64, 'a'), 32, "7890", {}, {}}};
  status.tier_rule = "tier.high[1]: reaches production data";
  status.rotate_by = kFirst + 29 * 86400;
  status.missing = {"purpose", "storage"};
  core::Verdict overdue = verdict(core::VerdictKind::never_rotated, core::Priority::p3, entry.id,
                                  "billing-api's production Acme token, never rotated, 3 days overdue");
  overdue.since = status.rotate_by;
  overdue.exception = "approved by Security until 2027-01-31: contract ends";
  status.verdicts = {leak, overdue};
  return status;
}

}  // namespace

core::ScanReport inventory_sample(core::ScanReport report) {
  report.inventory = "/home/ann/work tree/.keytrail/inventory.db";
  core::Finding& open = report.findings.at(0);
  open.token = core::TokenLink{"billing-acme", 0, false, "value"};
  open.verdict = verdict(core::VerdictKind::leaked, core::Priority::p0, "billing-acme",
                         "billing-api's production Acme token, owner Platform, first exposed in commit 1a2b3c4d5e6f on "
                         "2020-09-13, still valid");
  open.verdict->since = kFirst;
  open.verdict->due = kFirst + 300;
  core::Finding& untracked = report.findings.at(1);
  untracked.verdict = verdict(core::VerdictKind::untracked, core::Priority::p1, "",
                              "a secret that no token of the inventory has, in settings.conf");
  core::Finding& closed = report.findings.at(2);
  closed.severity = core::Severity::info;
  closed.token = core::TokenLink{"search\x1b[2J=1", 0, true, "last-four"};
  closed.verdict = verdict(core::VerdictKind::leaked_revoked, core::Priority::p3, "search\x1b[2J=1",
                           "probably search's \xff token [by {its} last four], revoked since");
  closed.verdict->open = false;
  closed.verdict->probable = true;
  core::TokenStatus hostile;
  hostile.token.id = "search\x1b[2J=1";
  hostile.token.owner = "\xff\x1b]0;";
  hostile.token.state = core::TokenState::revoked;
  hostile.tier_rule = "tier.default: no rule fits";
  hostile.verdicts = {*closed.verdict};
  report.tokens = {billing(*open.verdict), hostile};
  return report;
}

}  // namespace keytrail::test
